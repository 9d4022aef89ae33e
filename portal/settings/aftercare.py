"""What may follow once a ticket is closed."""

from pydantic import Field

from portal.settings.part import Part


class Aftercare(Part):
    """After a ticket is closed; docs/callers.md tells it in full."""

    reopen_days: int = Field(default=14, ge=0, le=365)
    """How long a reply opens it again; later a reply opens a new ticket that names the old one."""
    rate_days: int = Field(default=14, ge=0, le=365)
    """How long whoever asked may say whether it was good, and change that; 0: nobody is asked."""
    follow_up_days: int = Field(default=90, ge=1, le=366)
    """How far ahead a coordinator may plan to come back to a ticket."""
