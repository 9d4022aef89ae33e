"""What an installation tells about one realm of Keycloak; the manual is printed from the sentences below each field."""

import re
from dataclasses import dataclass, field
from typing import Literal

from connectors.belonging import Belonging
from connectors.oauth import ApiSettings, ClientSecret, Grant, checked_url

_WITHOUT = frozenset({"password", "unlock", "disable", "sign_out"})
_REALM = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_CALLS = 5
"""The most requests one change sends one after the other, each with its own tries again."""


@dataclass(frozen=True, kw_only=True)
class KeycloakSettings(ApiSettings, Belonging):
    """One realm of Keycloak. Raises ValueError for what could never work or would send a token in clear."""

    name: str
    """The installation's name for this realm; it begins the id of every account found in it."""

    kind: Literal["keycloak"] = "keycloak"
    """Which server it is: keycloak."""

    url: str
    """Where Keycloak answers: https://id.example.org; before version 17 with /auth behind it."""

    realm: str
    """Name of the realm people are in."""

    client_id: str
    """The client with a service account the portal works as; docs/keycloak.md says how it is made."""

    client_secret: str = field(repr=False)
    """Secret of that client: { file = "secrets/keycloak" }."""

    protected_groups: tuple[str, ...] = ()
    """Paths of groups whose members the portal never changes, those of groups below them too: "/admins"."""

    protected_users: tuple[str, ...] = ()
    """User names the portal never changes; whoever has a role of realm-management it never changes anyway."""

    federated: bool = False
    """Change people from LDAP or Active Directory here, too: only where the edit mode is WRITABLE or UNSYNCED."""

    recovery_mail_attributes: tuple[str, ...] = ()
    """User attributes with addresses outside the account, to which a code may go when the account cannot be used."""

    language_attribute: str = "locale"
    """User attribute with the person's language, as in nb or en-GB."""

    unit_attribute: str = "department"
    """User attribute with the part of the organisation a person belongs to."""

    kind_attribute: str = "employeeType"
    """User attribute that tells an employee from a contractor or a guest."""

    sign_out: bool = True
    """End all of a person's sessions in Keycloak after a new password; by itself Keycloak ends none."""

    without: tuple[str, ...] = ()
    """What is not to be offered here: password, unlock, disable, sign_out."""

    def __post_init__(self) -> None:
        ApiSettings.__post_init__(self)
        Belonging.__post_init__(self)
        if not self.name or ":" in self.name:
            raise ValueError("name: give the directory a name without a colon")
        checked_url("url", self.url)
        if not _REALM.fullmatch(self.realm):
            raise ValueError("realm: give the realm's name as it stands in its address")
        if not self.client_id or not self.client_secret:
            raise ValueError("client_id, client_secret: the portal needs a client of its own")
        if not all(path.startswith("/") for path in self.protected_groups):
            raise ValueError('protected_groups: paths begin with a slash, such as "/admins"')
        if unknown := set(self.without) - _WITHOUT:
            raise ValueError(f"without: {', '.join(sorted(unknown))} is none of {', '.join(sorted(_WITHOUT))}")

    @property
    def base(self) -> str:
        return self.url.rstrip("/")

    @property
    def grant(self) -> Grant:
        url = f"{self.base}/realms/{self.realm}/protocol/openid-connect/token"
        return ClientSecret(url, self.client_id, self.client_secret)

    @property
    def longest_change(self) -> float:
        """Seconds after which no change can still be under way."""
        return _CALLS * self.timeout
