"""What an installation tells about mailboxes at Google; the manual is printed from the sentences below each field."""

from dataclasses import dataclass, field
from typing import Literal

from connectors.google.key import ServiceKey, read_key
from connectors.mailboxes.settings import MailboxSettings
from connectors.oauth import ApiSettings, checked_url

_WITHOUT = frozenset({"auto_reply", "forwards", "aliases", "delegates", "app_passwords", "quota"})


@dataclass(frozen=True, kw_only=True)
class GmailSettings(MailboxSettings, ApiSettings):
    """Mailboxes at Google. Raises ValueError for what could never work or would send a token in clear."""

    kind: Literal["gmail"] = "gmail"
    """What is spoken: gmail."""

    key: str = field(repr=False)
    """The JSON key file of the service account: { file = "secrets/google.json" }."""

    admin: str
    """Address of an administrator, for what owners of mailboxes cannot do: aliases, app passwords, how full one is."""

    shared: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Mailboxes that are nobody's own, and who decides about each: { "post@example.org" = ["anne@example.org"] }."""

    without: tuple[str, ...] = ()
    """What is not to be offered here: auto_reply, forwards, aliases, delegates, app_passwords, quota."""

    url: str = "https://gmail.googleapis.com"
    """Where Gmail's interface answers."""

    admin_url: str = "https://admin.googleapis.com"
    """Where the Admin SDK answers."""

    def __post_init__(self) -> None:
        MailboxSettings.__post_init__(self)
        ApiSettings.__post_init__(self)
        read_key(self.key)
        checked_url("url", self.url)
        checked_url("admin_url", self.admin_url)
        if "@" not in self.admin:
            raise ValueError("admin: give the address of an administrator of the Workspace")
        if unknown := set(self.without) - _WITHOUT:
            raise ValueError(f"without: {', '.join(sorted(unknown))} is none of {', '.join(sorted(_WITHOUT))}")

    @property
    def service_key(self) -> ServiceKey:
        return read_key(self.key)
