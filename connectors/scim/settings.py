"""What an installation tells about one SCIM server; the manual is printed from the sentences below each field."""

from dataclasses import dataclass, field
from typing import Literal

from connectors.belonging import Belonging
from connectors.oauth import ApiSettings, checked_url

_WITHOUT = frozenset({"password", "disable"})
_CALLS = 3
"""The most requests one change sends one after the other, each with its own tries again."""


@dataclass(frozen=True, kw_only=True)
class ScimSettings(ApiSettings, Belonging):
    """One SCIM server. Raises ValueError for what could never work or would send a token in clear."""

    name: str
    """The installation's name for this server; it begins the id of every account found in it."""

    kind: Literal["scim"] = "scim"
    """Which server it is: scim."""

    url: str
    """Where /Users lies below: https://id.example.org/scim/v2."""

    token: str = field(default="", repr=False)
    """A bearer token that does not end: { file = "secrets/scim" }; or else the three below."""

    token_url: str = ""
    """Where tokens are fetched by client credentials."""

    client_id: str = ""
    """The client the portal fetches them as."""

    client_secret: str = field(default="", repr=False)
    """Secret of that client."""

    scope: str = ""
    """Scope it asks for, where the server wants one."""

    patch: Literal["path", "value"] = "path"
    """How a change names what it is about: by a path, or as a key of its value for servers that know no paths."""

    protected_groups: tuple[str, ...] = ()
    """Names or ids of groups whose members the portal never changes."""

    protected_users: tuple[str, ...] = ()
    """User names the portal never changes."""

    recovery_mail_type: str = ""
    """Type of the addresses to which a code may go when the account cannot be used: "home"; empty: none is."""

    without: tuple[str, ...] = ()
    """What is not to be offered here: password, disable."""

    def __post_init__(self) -> None:
        ApiSettings.__post_init__(self)
        Belonging.__post_init__(self)
        if not self.name or ":" in self.name:
            raise ValueError("name: give the directory a name without a colon")
        checked_url("url", self.url)
        by_client = (self.token_url, self.client_id, self.client_secret)
        if bool(self.token) == any(by_client) or (any(by_client) and not all(by_client)):
            raise ValueError("token, or token_url, client_id and client_secret: one of them is needed, and not both")
        if self.token_url:
            checked_url("token_url", self.token_url)
        if unknown := set(self.without) - _WITHOUT:
            raise ValueError(f"without: {', '.join(sorted(unknown))} is none of {', '.join(sorted(_WITHOUT))}")

    @property
    def longest_change(self) -> float:
        """Seconds after which no change can still be under way."""
        return _CALLS * self.timeout
