"""A Google Workspace as the portal sees it: finds people, sets passwords, suspends, and signs out everywhere."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

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
)
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused, Unconfirmed
from connectors.google import doctor
from connectors.google.delegated import Delegated, part, put
from connectors.google.people import USERS, People
from connectors.google.scopes import Scope
from connectors.google.settings import GoogleSettings
from connectors.oauth import TokenStore
from connectors.typed import check_storable

SHORTEST, LONGEST = 8, 100  # and ASCII only: https://support.google.com/a/answer/139399
_WITHOUT: Mapping[str, tuple[type[Capability], ...]] = {
    "password": (SetsPassword, RequiresPasswordChange, TellsPasswordRules),
    "disable": (DisablesAccount, EnablesAccount),
    "sign_out": (SignsOutEverywhere,),
}


class GoogleDirectory(
    FindsAccounts,
    TellsPasswordRules,
    SetsPassword,
    RequiresPasswordChange,
    DisablesAccount,
    EnablesAccount,
    SignsOutEverywhere,
    Examined,
):
    """One Workspace. It checks no passwords for others, locks nobody, and knows no end of an account."""

    def __init__(self, settings: GoogleSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        self._google = Delegated(settings, settings.service_key, store, clock)
        self._people = People(settings, self._google)

    def offers(self, capability: type[Capability]) -> bool:
        left_out = (kind for name in self.settings.without for kind in _WITHOUT[name])
        return super().offers(capability) and capability not in left_out

    def find(self, claim: str) -> Account:
        return self._people.find(claim)

    def read(self, account_id: str) -> Account:
        return self._people.read(account_id)

    def password_rules(self, account: Account) -> PasswordRules:
        """What holds for everybody; the administrators' own rules no interface tells."""
        return PasswordRules(min_length=SHORTEST, max_length=LONGEST, ascii_only=True, quality_checked=True)

    def set_password(self, account: Account, password: str) -> Account:
        check_storable(password)
        if account.state.disabled:
            raise Refused(Refusal.DISABLED, "suspended or archived")
        if not password.isascii():
            raise Refused(Refusal.UNUSABLE_CHARACTERS, "Google takes letters of ASCII only")
        if len(password) < SHORTEST:
            raise Refused(Refusal.TOO_SHORT, f"Google takes no fewer than {SHORTEST}")
        if len(password) > LONGEST:
            raise Refused(Refusal.TOO_LONG, f"Google takes no more than {LONGEST}")
        return self._update(account, {"password": password, "changePasswordAtNextLogin": False})

    def require_password_change(self, account: Account) -> None:
        self._update(account, {"changePasswordAtNextLogin": True})

    def disable_account(self, account: Account) -> None:
        self._update(account, {"suspended": True})

    def enable_account(self, account: Account) -> None:
        self._update(account, {"suspended": False})

    def sign_out_everywhere(self, account: Account) -> None:
        """End the sessions of browsers and devices, and what lets programs in without one: grants and app passwords."""
        self._check_ours(account)
        user = f"{USERS}/{_id(account)}"
        with self._google.api(self.settings.url, self.settings.admin, Scope.SECURITY) as api:
            api.write("POST", f"{user}/signOut")
            for kind, number in (("tokens", "clientId"), ("asps", "codeId")):
                for held in api.get(f"{user}/{kind}").get("items", ()):
                    with suppress(AccountNotFound):  # gone meanwhile
                        api.write("DELETE", f"{user}/{kind}/{part(str(held[number]))}")

    def examine(self) -> Iterator[Finding]:
        return doctor.examine(self.settings, self._google)

    def close(self) -> None:
        """Close all idle connections."""
        self._google.close()

    def _update(self, account: Account, fields: Mapping[str, Any]) -> Account:
        """Put these in place of what there is; the answer shows what was written before any search does."""
        self._check_ours(account)
        with self._google.api(self.settings.url, self.settings.admin, Scope.WRITE_USERS) as api:
            user = put(api, f"{USERS}/{_id(account)}", fields)
        if any(user.get(name) != value for name, value in fields.items() if name != "password"):
            raise Unconfirmed(f"{account.id}: not what was written")
        return self._people.account(user)

    def _check_ours(self, account: Account) -> None:
        if account.directory != self.settings.name:
            detail = f"{account.id} is no account of {self.settings.name}"
            raise Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)


def _id(account: Account) -> str:
    return part(account.id.partition(":")[2])
