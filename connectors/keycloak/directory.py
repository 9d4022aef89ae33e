"""A realm of Keycloak as the portal sees it: finds people, sets passwords, unlocks, disables, and ends sessions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from connectors.access import EnablesAccount, SignsOutEverywhere
from connectors.account import Account, PasswordRules
from connectors.capabilities import (
    Capability,
    DisablesAccount,
    Examined,
    Finding,
    FindsAccounts,
    RequiresPasswordChange,
    SetsPassword,
    TellsPasswordRules,
    UnlocksAccount,
)
from connectors.errors import Forbidden, Obstacle, Refusal, Refused, Unavailable, Unconfirmed
from connectors.keycloak import doctor
from connectors.keycloak.dialect import KeycloakDialect
from connectors.keycloak.people import CHANGE, People
from connectors.keycloak.policy import rules_of
from connectors.keycloak.settings import KeycloakSettings
from connectors.oauth import Api, Tokens, TokenStore
from connectors.typed import check_storable
from connectors.wire import Wire

_OFFERED_AS: Mapping[type[Capability], str] = {
    SetsPassword: "password",
    RequiresPasswordChange: "password",
    UnlocksAccount: "unlock",
    DisablesAccount: "disable",
    EnablesAccount: "disable",
    SignsOutEverywhere: "sign_out",
}


class KeycloakDirectory(
    FindsAccounts,
    TellsPasswordRules,
    SetsPassword,
    RequiresPasswordChange,
    UnlocksAccount,
    DisablesAccount,
    EnablesAccount,
    SignsOutEverywhere,
    Examined,
):
    """One realm. Safe for threads and across a fork. It checks nobody's password, and knows no end of an account."""

    def __init__(self, settings: KeycloakSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        wire = Wire(settings)
        self._tokens = Tokens(settings.grant, wire, store, clock)
        self._api = Api(settings, self._tokens, KeycloakDialect(), wire=wire, clock=clock)
        self._people = People(settings, self._api)

    def offers(self, capability: type[Capability]) -> bool:
        return super().offers(capability) and _OFFERED_AS.get(capability, "") not in self.settings.without

    def find(self, claim: str) -> Account:
        return self._people.find(claim)

    def read(self, account_id: str) -> Account:
        return self._people.read(account_id)

    def password_rules(self, account: Account) -> PasswordRules:
        return rules_of(self._people.password_policy())

    def set_password(self, account: Account, password: str) -> None:
        """Not a temporary one, so that Keycloak asks for no other; then unlock, and end what is still open."""
        check_storable(password)
        path = self._path(account)
        if account.state.disabled:
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        new = {"type": "password", "value": password, "temporary": False}
        self._api.write("PUT", f"{path}/reset-password", new)
        try:
            if account.state.locked_at:
                self._api.write("DELETE", self._people.lock_path(account.id))
            if self.settings.sign_out:
                self._api.write("POST", f"{path}/logout")
        except (Unavailable, Forbidden) as error:
            raise Unconfirmed(f"the password is set; then: {error.detail}") from error

    def require_password_change(self, account: Account) -> None:
        """Keycloak takes the whole list: what is missing in it would be taken away."""
        path, user = self._looked(account)
        asked = list(user.get("requiredActions") or ())
        if CHANGE not in asked:
            self._api.write("PUT", path, {"requiredActions": [*asked, CHANGE]})

    def unlock_account(self, account: Account) -> None:
        self._path(account)
        self._api.write("DELETE", self._people.lock_path(account.id))

    def disable_account(self, account: Account) -> None:
        """Who is signed in stays so without the second step."""
        path = self._path(account)
        self._api.write("PUT", path, {"enabled": False})
        try:
            self._api.write("POST", f"{path}/logout")
        except (Unavailable, Forbidden) as error:
            raise Unconfirmed(f"disabled; then, of the sessions: {error.detail}") from error

    def enable_account(self, account: Account) -> None:
        self._api.write("PUT", self._path(account), {"enabled": True})

    def sign_out_everywhere(self, account: Account) -> None:
        """Every application that keeps a session by Keycloak hears of it, too."""
        self._api.write("POST", f"{self._path(account)}/logout")

    def examine(self) -> Iterator[Finding]:
        return doctor.examine(self.settings, self._tokens, self._api, self.offers)

    def close(self) -> None:
        """Close all idle connections."""
        self._api.close()

    def _path(self, account: Account) -> str:
        return self._looked(account)[0]

    def _looked(self, account: Account) -> tuple[str, Mapping[str, list[str]]]:
        """Where it is, and what Keycloak says of it now. Raises Forbidden for whoever is not ours to change."""
        if account.directory != self.settings.name:
            detail = f"{account.id} is no account of {self.settings.name}"
            raise Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
        if account.protected:
            raise Forbidden(f"{account.login} is protected", obstacle=Obstacle.PROTECTED)
        user = self._people.user(account.id)
        if user.get("federationLink") and not self.settings.federated:
            raise Forbidden("it comes from LDAP or Active Directory", obstacle=Obstacle.OTHER_DIRECTORY)
        return self._people.path(account.id), user
