"""Which auditors see what: units of the organisation, and the groups of those who check them."""

from pydantic import Field

from portal.settings.part import Part


class AuditUnit(Part):
    """A part of the organisation whose entries some auditors see. Once there is one, auditors in none see nothing."""

    name: str = Field(min_length=1, max_length=60)
    """What it is called in the log. Later entries keep the name they were written under."""
    directories: tuple[str, ...] = ()
    """Accounts of these directories belong to it, by the names the settings give them."""
    bases: tuple[str, ...] = ()
    """Accounts whose DN lies below one of these belong to it."""
    people: tuple[str, ...] = ()
    """Accounts with one of these values in the directory's unit attribute belong to it."""
    auditors: tuple[str, ...] = ()
    """DNs of the groups of auditors who see it. They need the role auditor as well."""
    everybody: bool = False
    """Its auditors see all entries, also those that belong to no unit."""
