"""What an installation tells about one FreeIPA; the manual is printed from the sentences below each field."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.belonging import Belonging

_CALLS = 8
"""The most requests one change sends one after the other, signing in again included."""


@dataclass(frozen=True, kw_only=True)
class FreeIpaSettings(Belonging):
    """One FreeIPA. Raises ValueError for what could never work or would send passwords in clear."""

    name: str
    """The installation's name for this FreeIPA; it begins the id of every account found in it."""

    urls: tuple[str, ...]
    """Addresses of equal servers, tried in this order: https://ipa1.example.org, with the name of the certificate."""

    ca_file: Path | None = None
    """PEM file of the authority that signed the servers' certificates, /etc/ipa/ca.crt; without it the system's."""

    user: str
    """Login of the service account the portal reads and resets with."""

    password: str = field(repr=False)
    """Password of the service account."""

    protected_groups: tuple[str, ...] = ("admins", "trust admins")
    """Names of groups whose members, nested ones too, the portal never changes."""

    protected_users: tuple[str, ...] = ()
    """Logins the portal never changes."""

    recovery_mail_attributes: tuple[str, ...] = ("mailAlternateAddress",)
    """Attributes with addresses outside the account, to which a code may go when the account cannot be used."""

    language_attribute: str = "preferredLanguage"
    """Attribute with the person's language, as in nb or en-GB."""

    unit_attribute: str = "departmentNumber"
    """Attribute with the part of the organisation a person belongs to."""

    kind_attribute: str = "employeeType"
    """Attribute that tells an employee from a contractor or a guest."""

    time_zone: str = "UTC"
    """The zone in which the last day of an account ends."""

    ask_every_server: bool = True
    """Ask every replica whether it has locked somebody: each counts wrong passwords for itself. Slow if one is down."""

    connect_timeout: float = 2.0
    """Seconds to wait for a connection and its encryption."""

    receive_timeout: float = 8.0
    """Seconds to wait for the answer to one request."""

    list_timeout: float = 120.0
    """Seconds to wait for a list of everybody, which FreeIPA cannot give in pages."""

    pool_size: int = 8
    """How many connections to each server are kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.name or ":" in self.name:
            raise ValueError("name: give the directory a name without a colon")
        if not self.urls:
            raise ValueError("urls: at least one is needed")
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/") or parts.query:
                raise ValueError(f"urls: {url} must be https:// and a host, such as https://ipa1.example.org")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"time_zone: {self.time_zone} is no time zone such as Europe/Oslo") from None
        if not self.user or not self.password:
            raise ValueError("user, password: the service account must sign in with a password")
        if min(self.connect_timeout, self.receive_timeout, self.list_timeout, self.pool_size) <= 0:
            raise ValueError("connect_timeout, receive_timeout, list_timeout, pool_size: must be above zero")

    @property
    def longest_change(self) -> float:
        """Seconds after which no change can still be under way."""
        return len(self.urls) * self.connect_timeout + _CALLS * self.receive_timeout
