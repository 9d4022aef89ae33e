"""The mailbox people write to."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from portal.settings.part import Part


class MailIn(Part):
    """Mail to the service desk that becomes tickets; docs/callers.md says how to set it up."""

    address: Annotated[str, Field(pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    """The address people write to, and that answers go back to; empty: no mail is taken in."""
    subaddress: bool = True
    """Whether desk+anything@ reaches desk@ (RFC 5233), so that an answer finds its ticket by its address, too."""
    host: str = ""
    """The IMAP server whose mailbox is read; empty: only what `portal mail-in` is given."""
    port: int = Field(default=993, ge=1, le=65535)
    """Its port, with TLS from the start."""
    user: str = ""
    """Name to sign in with."""
    password: str = Field(default="", repr=False)
    """Password to sign in with."""
    ca_file: Path | None = None
    """PEM file of the authority behind the server's certificate; unset: the system's authorities."""
    folder: str = "INBOX"
    """The folder that is read; what has been taken in is marked as read there."""
    most_kilobytes: int = Field(default=512, ge=16, le=10240)
    """How much of one mail is looked at; the text stands in front, attachments are not kept."""

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        if self.host and not (self.address and self.user and self.password):
            raise ValueError("host: address, user and password are needed then")
        return self
