"""Finding people of a Google Workspace, and reading an account out of what the Admin SDK tells.

Fields: https://developers.google.com/workspace/admin/directory/reference/rest/v1/users#User
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from connectors.account import Account, AccountState
from connectors.errors import AccountAmbiguous, AccountNotFound, Forbidden
from connectors.google.delegated import Delegated, part
from connectors.google.scopes import Scope
from connectors.google.settings import GoogleSettings
from connectors.oauth.paging import by_token

USERS = "admin/directory/v1/users"
_ADDRESS = re.compile(r"[^\s@/\\?#%]{1,64}@[A-Za-z0-9.-]{1,255}")
_LOGIN = re.compile(r"[^\s@/\\?#%]{1,64}")
_ID = re.compile(r"\d{1,32}")


class People:
    """The people of one Workspace, read on behalf of its administrator."""

    def __init__(self, settings: GoogleSettings, google: Delegated) -> None:
        self._settings = settings
        self._google = google
        self._protected_groups = frozenset(name.casefold() for name in settings.protected_groups)

    def find(self, claim: str) -> Account:
        """By address, alias, or what stands before the @ in any domain of ours."""
        if _ADDRESS.fullmatch(claim):
            if claim.rpartition("@")[2].casefold() not in self._settings.domains:
                return self._of_another_domain(claim)
            return self._show(claim)
        if not _LOGIN.fullmatch(claim):
            raise AccountNotFound("no usable name")
        found = {}
        for domain in sorted(self._settings.domains):
            with suppress(AccountNotFound):
                account = self._show(f"{claim}@{domain}")
                found[account.id] = account
        if len(found) > 1:
            raise AccountAmbiguous(f"{claim} is somebody in {len(found)} domains")
        if not found:
            raise AccountNotFound(claim)
        return next(iter(found.values()))

    def read(self, account_id: str) -> Account:
        directory, _, id_ = account_id.partition(":")
        if directory != self._settings.name or not _ID.fullmatch(id_):
            raise AccountNotFound(f"{account_id} is no account of {self._settings.name}")
        return self._show(id_)

    def account(self, user: Mapping[str, Any]) -> Account:
        """Raises AccountNotFound for somebody outside the units that are ours."""
        s, unit = self._settings, str(user.get("orgUnitPath", "/"))
        if not _below(unit, s.units):
            raise AccountNotFound(f"is in {unit}, where the portal does not look")
        name, address = user.get("name", {}), str(user["primaryEmail"])
        groups = self._groups(str(user["id"])) if s.read_groups else frozenset()
        administers = bool(user.get("isAdmin") or user.get("isDelegatedAdmin"))
        protected = administers or _below(unit, s.protected_units) or bool(self._protected_groups & groups)
        return Account(
            id=f"{s.name}:{user['id']}",
            directory=s.name,
            dn=address,
            login=address,
            name=str(name.get("fullName") or address),
            given_name=str(name.get("givenName", "")),
            mail=address,
            recovery_mail=(str(user["recoveryEmail"]),) if user.get("recoveryEmail") else (),
            phone=str(user.get("recoveryPhone", "")),
            language=_first(user, "languages", "languageCode") or None,
            unit=unit,
            kind=_first(user, "organizations", "description"),
            sponsor=_first(user, "relations", "value", type="manager") or None,
            created_at=_moment(user.get("creationTime")),
            groups=groups,
            protected=protected or address.casefold() == s.admin.casefold(),
            state=AccountState(
                disabled=bool(user.get("suspended") or user.get("archived")),
                must_change=bool(user.get("changePasswordAtNextLogin")),
                revision=str(user.get("etag", "")).strip('"'),
            ),
        )

    def _show(self, key: str) -> Account:
        with self._google.api(self._settings.url, self._settings.admin, Scope.READ_USERS) as api:
            return self.account(api.get(f"{USERS}/{part(key)}", {"projection": "basic"}))

    def _of_another_domain(self, claim: str) -> Account:
        """An alias may lie in a domain we were not told of; of one that is not theirs Google says "forbidden"."""
        try:
            return self._show(claim)
        except Forbidden as forbidden:
            raise AccountNotFound(f"nobody by that address: {forbidden.detail}") from forbidden

    def _groups(self, id_: str) -> frozenset[str]:
        """Addresses of the groups somebody is in directly; those nested in others Google does not tell this way."""
        with self._google.api(self._settings.url, self._settings.admin, Scope.GROUPS) as api:
            listed = by_token(api, "admin/directory/v1/groups", {"userKey": id_}, items="groups")
            return frozenset(str(group["email"]).casefold() for group in listed)


def _below(unit: str, paths: tuple[str, ...]) -> bool:
    return any(unit == path or unit.startswith(path.rstrip("/") + "/") for path in paths)


def _first(user: Mapping[str, Any], name: str, value: str, **wanted: str) -> str:
    """A value of the first of the things in a list, of those that are as wanted."""
    things = user.get(name) or ()
    fitting = (one for one in things if all(one.get(key) == as_ for key, as_ in wanted.items()))
    return next((str(one[value]) for one in fitting if one.get(value)), "")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
