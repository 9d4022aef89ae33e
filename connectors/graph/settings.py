"""What an installation tells about Microsoft Entra ID; the manual is printed from the sentences below each field."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from connectors.belonging import Belonging
from connectors.oauth import ApiSettings, ClientCertificate, ClientSecret, Grant, checked_url
from connectors.oauth.grants import rsa_key

_WITHOUT = frozenset({"password", "disable", "sign_out", "access_pass"})


@dataclass(frozen=True, kw_only=True)
class GraphAccess(ApiSettings):
    """How the portal gets in: as an app registration of its own. docs/microsoft.md says how. Raises ValueError."""

    tenant: str
    """The directory (tenant) ID of the organisation."""

    client_id: str
    """The application (client) ID of the portal's app registration."""

    client_secret: str = field(default="", repr=False)
    """A client secret of the registration; a certificate is better: it never leaves this machine."""

    certificate: str = field(default="", repr=False)
    """The certificate that was uploaded to the registration, PEM: { file = "sparekey.crt" }."""

    private_key: str = field(default="", repr=False)
    """The RSA key that belongs to it, PEM: { file = "sparekey.key" }."""

    url: str = "https://graph.microsoft.com/v1.0"
    """Another address in national clouds, such as https://graph.microsoft.us/v1.0."""

    login_url: str = "https://login.microsoftonline.com"
    """Where tokens are fetched; another one in national clouds."""

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_url("url", self.url)
        checked_url("login_url", self.login_url)
        if not self.tenant.replace("-", "").replace(".", "").isalnum() or not self.client_id:
            raise ValueError("tenant, client_id: give both, as the app registration shows them")
        if bool(self.client_secret) == bool(self.certificate) or bool(self.certificate) != bool(self.private_key):
            raise ValueError("client_secret, or certificate and private_key: one of them is needed, and not both")
        if self.private_key:
            rsa_key(self.private_key)
            self.grant()

    @property
    def host(self) -> str:
        return "/".join(self.url.split("/")[:3])

    def grant(self) -> Grant:
        """Raises ValueError for a certificate that is none."""
        url = f"{self.login_url.rstrip('/')}/{self.tenant}/oauth2/v2.0/token"
        scope = f"{self.host}/.default"
        if self.client_secret:
            return ClientSecret(url, self.client_id, self.client_secret, scope)
        grant = ClientCertificate(url, self.client_id, self.private_key, self.certificate, scope)
        if not grant.thumbprint:
            raise ValueError("certificate: that is no certificate in PEM")
        return grant


@dataclass(frozen=True, kw_only=True)
class MicrosoftSettings(Belonging, GraphAccess):
    """One Microsoft Entra ID (Azure AD). Raises ValueError."""

    kind: Literal["microsoft"] = "microsoft"
    """What it is: microsoft."""

    name: str
    """The installation's name for it; it begins the id of every account found in it."""

    login_domains: tuple[str, ...] = ()
    """What may be left out behind a login: with "example.org" people may write alice for alice@example.org."""

    protected_groups: tuple[str, ...] = ()
    """Object IDs of groups whose members the portal never changes, beside everybody with a role in Entra."""

    protected_users: tuple[str, ...] = ()
    """User principal names the portal never changes, such as those of emergency accounts."""

    recovery_mail_attributes: tuple[str, ...] = ("otherMails",)
    """Properties with addresses outside the account, to which a code may go when the account cannot be used."""

    without: tuple[str, ...] = ()
    """What is not to be offered here: password, disable, sign_out, access_pass."""

    def __post_init__(self) -> None:
        Belonging.__post_init__(self)
        GraphAccess.__post_init__(self)
        if not self.name or ":" in self.name:
            raise ValueError("name: give the directory a name without a colon")
        check_without(self.without, _WITHOUT)

    @property
    def longest_change(self) -> float:
        """Seconds after which no change can still be under way: to look, to write, and to end the sessions."""
        return 3 * self.timeout


def check_without(without: Collection[str], known: Collection[str]) -> None:
    """Raises ValueError."""
    if unknown := set(without) - set(known):
        raise ValueError(f"without: {', '.join(sorted(unknown))} is none of {', '.join(sorted(known))}")
