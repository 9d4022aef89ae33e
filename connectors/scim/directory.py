"""A SCIM server as the portal sees it: finds people, sets passwords and disables, as far as the server says it can."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from scim2_models import ServiceProviderConfig

from connectors.access import EnablesAccount
from connectors.account import Account
from connectors.capabilities import (
    Capability,
    DisablesAccount,
    Examined,
    Finding,
    FindsAccounts,
    SetsPassword,
)
from connectors.errors import Forbidden, Obstacle, Refusal, Refused, Unconfirmed
from connectors.oauth import TokenStore
from connectors.scim import doctor
from connectors.scim.client import Fields, ScimClient
from connectors.scim.people import People
from connectors.scim.settings import ScimSettings
from connectors.typed import check_storable

_OFFERED_AS: Mapping[type[Capability], str] = {
    SetsPassword: "password",
    DisablesAccount: "disable",
    EnablesAccount: "disable",
}


class ScimDirectory(FindsAccounts, SetsPassword, DisablesAccount, EnablesAccount, Examined):
    """One server. SCIM knows no locks, no sessions, no end of an account and no time of the last password."""

    def __init__(self, settings: ScimSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        self._client = ScimClient(settings, store, clock)
        self._people = People(settings, self._client)
        self._service: Fields | None = None  # until the server was first asked

    def offers(self, capability: type[Capability]) -> bool:
        """What the server says of itself counts as soon as anybody was looked for there; nobody waits for it here."""
        kind = _OFFERED_AS.get(capability, "")
        return super().offers(capability) and kind not in self.settings.without and self._can(kind)

    def find(self, claim: str) -> Account:
        self._ask()
        return self._people.find(claim)

    def read(self, account_id: str) -> Account:
        self._ask()
        return self._people.read(account_id)

    def set_password(self, account: Account, password: str) -> Account | None:
        """No time of the last change could tell whether a lost one arrived; the same once more does no harm."""
        check_storable(password)
        self._check(account, "password")
        if account.state.disabled:
            raise Refused(Refusal.DISABLED, "not active")
        try:
            return self._replace(account, "password", password)
        except Unconfirmed:
            return self._replace(account, "password", password)

    def disable_account(self, account: Account) -> None:
        self._set_active(account, active=False)

    def enable_account(self, account: Account) -> None:
        self._set_active(account, active=True)

    def examine(self) -> Iterator[Finding]:
        return doctor.examine(self.settings, self._client, self.offers)

    def close(self) -> None:
        """Close all idle connections."""
        self._client.close()

    def _set_active(self, account: Account, *, active: bool) -> None:
        self._check(account, "disable")
        now = self._replace(account, "active", active)
        if now is not None and now.state.disabled is active:
            raise Unconfirmed(f"{account.id}: not what was written")

    def _replace(self, account: Account, attribute: str, value: Any) -> Account | None:
        """The account as the server answers it, if it does (RFC 7644, 3.5.2: 200, or 204 without it)."""
        by_path = self.settings.patch == "path"
        said = {"path": attribute, "value": value} if by_path else {"value": {attribute: value}}
        user = self._client.change(self._people.id_of(account.id), {"op": "replace", **said})
        return self._people.account(user) if user is not None else None

    def _check(self, account: Account, kind: str) -> None:
        if account.directory != self.settings.name:
            detail = f"{account.id} is no account of {self.settings.name}"
            raise Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
        if account.protected:
            raise Forbidden(f"{account.login} is protected", obstacle=Obstacle.PROTECTED)
        self._ask()
        if not self._can(kind):
            raise Forbidden("the server says that it cannot", obstacle=Obstacle.UNSUPPORTED)

    def _ask(self) -> None:
        """What the server can do, once: what it learns later, it tells after the next start. Raises Unavailable."""
        if self._service is None:
            self._service = self._client.get(ServiceProviderConfig)

    def _can(self, kind: str) -> bool:
        return self._service is None or not kind or doctor.can(self._service, kind)
