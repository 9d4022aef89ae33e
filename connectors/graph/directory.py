"""Microsoft Entra ID as the portal sees it, by Graph with the rights of an app registration.

What only a signed-in person may do by Graph is not claimed: trying a password, changing one's own with the old one,
and resets that are written back to a directory on premises. Nor is what Entra does not have: an end date, or a lock
that could be taken away (a new password does that).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from connectors.access import AccessPass, EnablesAccount, GivesAccessPass, SignsOutEverywhere
from connectors.account import Account, PasswordRules
from connectors.capabilities import (
    Capability,
    DisablesAccount,
    Examined,
    Finding,
    FindsAccounts,
    KnowsSponsors,
    RequiresPasswordChange,
    SetsPassword,
    TellsPasswordRules,
)
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused, Unavailable, Unconfirmed
from connectors.graph import doctor
from connectors.graph.client import GraphClient
from connectors.graph.people import People
from connectors.graph.settings import MicrosoftSettings
from connectors.oauth import TokenStore
from connectors.typed import check_storable

_OFFERED_AS: dict[type[Capability], str] = {  # by the words of the setting `without`
    SetsPassword: "password",
    RequiresPasswordChange: "password",
    TellsPasswordRules: "password",
    DisablesAccount: "disable",
    EnablesAccount: "disable",
    SignsOutEverywhere: "sign_out",
    GivesAccessPass: "access_pass",
}
_RULES = PasswordRules(min_length=8, max_length=256, classes=3, ascii_kinds=True, ascii_only=True, quality_checked=True)
"""learn.microsoft.com/entra/identity/authentication/concept-sspr-policy; the list of banned words is not told."""


class MicrosoftDirectory(
    FindsAccounts,
    TellsPasswordRules,
    SetsPassword,
    RequiresPasswordChange,
    DisablesAccount,
    EnablesAccount,
    SignsOutEverywhere,
    GivesAccessPass,
    KnowsSponsors,
    Examined,
):
    """One tenant. Safe for threads and across a fork. `account` should have been read just before a change."""

    def __init__(self, settings: MicrosoftSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        self._clock = clock
        self._client = GraphClient(settings, store, clock)
        self._api = self._client.api
        self._people = People(settings, self._api)

    def offers(self, capability: type[Capability]) -> bool:
        return super().offers(capability) and _OFFERED_AS.get(capability, "") not in self.settings.without

    def find(self, claim: str) -> Account:
        return self._people.find(claim)

    def read(self, account_id: str) -> Account:
        return self._people.read(account_id)

    def password_rules(self, account: Account) -> PasswordRules:
        return _RULES

    def set_password(self, account: Account, password: str) -> None:
        """Alone in its request: with any other property beside it Graph refuses both."""
        check_storable(password)
        path = self._path(account, password=True)
        if account.state.disabled:
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        self._profile(path, {"password": password, "forceChangePasswordNextSignIn": False})

    def require_password_change(self, account: Account) -> None:
        self._profile(self._path(account, password=True), {"forceChangePasswordNextSignIn": True})

    def disable_account(self, account: Account) -> None:
        """Who is signed in stays so without the second step."""
        path = self._path(account, password=True)
        self._api.write("PATCH", path, {"accountEnabled": False})
        try:
            self._api.write("POST", f"{path}/revokeSignInSessions")
        except Unavailable as error:
            raise Unconfirmed(f"disabled; then, of the sessions: {error.detail}") from error

    def enable_account(self, account: Account) -> None:
        self._api.write("PATCH", self._path(account, password=True), {"accountEnabled": True})

    def sign_out_everywhere(self, account: Account) -> None:
        """Within minutes, and an hour for what holds an access token already."""
        self._api.write("POST", f"{self._path(account)}/revokeSignInSessions")

    def give_access_pass(self, account: Account, minutes: int) -> AccessPass:
        path = f"{self._path(account)}/authentication/temporaryAccessPassMethods"
        made = self._api.write("POST", path, {"lifetimeInMinutes": minutes, "isUsableOnce": True})
        if not made or not made.get("temporaryAccessPass"):
            raise Unconfirmed("a pass was made, but not told")
        ends = self._clock() + timedelta(minutes=int(made.get("lifetimeInMinutes", minutes)))
        return AccessPass(value=str(made["temporaryAccessPass"]), ends=ends)

    def sponsor_of(self, account: Account) -> Account | None:
        try:
            return self.read(f"{self.settings.name}:{account.sponsor}") if account.sponsor else None
        except AccountNotFound:
            return None

    def sponsored_by(self, sponsor: Account | None) -> Iterator[Account]:
        if sponsor is None:
            yield from self._people.led()
        elif sponsor.directory == self.settings.name:
            yield from self._people.led_by(sponsor)

    def examine(self) -> Iterator[Finding]:
        return doctor.examine(self.settings, self._client, self._clock, self.offers)

    def close(self) -> None:
        """Close all idle connections."""
        self._api.close()

    def _profile(self, path: str, profile: dict[str, object]) -> None:
        self._api.write("PATCH", path, {"passwordProfile": profile})

    def _path(self, account: Account, *, password: bool = False) -> str:
        """Raises Forbidden for whoever is not ours to change; `password`: what is decided where it is kept."""
        if account.directory != self.settings.name:
            detail = f"{account.id} is no account of {self.settings.name}"
            raise Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
        if account.protected:
            raise Forbidden(f"{account.login} is protected", obstacle=Obstacle.PROTECTED)
        path = f"users/{self._people.id_of(account.id)}"
        if password:
            origin = self._api.get(path, {"$select": "userType,onPremisesSyncEnabled"})
            if origin.get("onPremisesSyncEnabled"):
                raise Forbidden("it comes from a directory on premises", obstacle=Obstacle.OTHER_DIRECTORY)
            if origin.get("userType") == "Guest":
                raise Forbidden("a guest's password is in another tenant", obstacle=Obstacle.OTHER_DIRECTORY)
        return path
