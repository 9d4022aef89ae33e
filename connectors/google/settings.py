"""What an installation tells about one Google Workspace; the manual is printed from the sentences below each field."""

from dataclasses import dataclass, field
from typing import Literal

from connectors.belonging import Belonging
from connectors.google.key import ServiceKey, read_key
from connectors.oauth import ApiSettings, checked_url

_CALLS = 4
"""The most requests one change sends one after the other, each with its own tries again."""


@dataclass(frozen=True, kw_only=True)
class GoogleSettings(ApiSettings, Belonging):
    """One Google Workspace. Raises ValueError for what could never work or would send a token in clear."""

    name: str
    """The installation's name for this Workspace; it begins the id of every account found in it."""

    kind: Literal["google"] = "google"
    """Which server it is: google."""

    key: str = field(repr=False)
    """The JSON key file of the service account: { file = "secrets/google.json" }."""

    admin: str
    """Address of the administrator the portal acts as; give it a role of its own, as docs/google.md says."""

    units: tuple[str, ...] = ("/",)
    """Paths of the organisational units in and below which people are looked for: "/Staff"."""

    protected_units: tuple[str, ...] = ()
    """Paths of those in and below which the portal changes nobody; administrators it never changes."""

    protected_groups: tuple[str, ...] = ()
    """Addresses of groups whose members the portal never changes; needs read_groups."""

    read_groups: bool = False
    """Read which groups people are in, so that groups can give roles and protect."""

    without: tuple[str, ...] = ()
    """What is not to be offered here: password, disable, sign_out."""

    url: str = "https://admin.googleapis.com"
    """Where the Admin SDK answers."""

    def __post_init__(self) -> None:
        ApiSettings.__post_init__(self)
        Belonging.__post_init__(self)
        if not self.name or ":" in self.name:
            raise ValueError("name: give the directory a name without a colon")
        read_key(self.key)
        checked_url("url", self.url)
        if "@" not in self.admin:
            raise ValueError("admin: give the address of an administrator of the Workspace")
        if not self.units or not all(path.startswith("/") for path in (*self.units, *self.protected_units)):
            raise ValueError('units, protected_units: paths begin with a slash, such as "/Staff"; "/" is everybody')
        if self.protected_groups and not self.read_groups:
            raise ValueError("protected_groups: needs read_groups = true")
        if unknown := set(self.without) - {"password", "disable", "sign_out"}:
            raise ValueError(f"without: {', '.join(sorted(unknown))} is none of password, disable, sign_out")

    @property
    def service_key(self) -> ServiceKey:
        return read_key(self.key)

    @property
    def domains(self) -> frozenset[str]:
        """Those of the Workspace that we know of: Google answers for no other."""
        named = (*self.mail_domains, self.admin.rpartition("@")[2])
        return frozenset(name.casefold().removeprefix("@") for name in named)

    @property
    def longest_change(self) -> float:
        """Seconds after which no change can still be under way."""
        return _CALLS * self.timeout
