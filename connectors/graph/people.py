"""Finding people in Entra ID, and reading an account out of what Graph answers."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.account import Account, AccountState
from connectors.errors import AccountAmbiguous, AccountNotFound
from connectors.graph.client import quoted
from connectors.graph.settings import MicrosoftSettings
from connectors.oauth import Api
from connectors.oauth.paging import by_link

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_CLAIM = 256
_FIELDS = (
    "id", "userPrincipalName", "mail", "displayName", "givenName", "department", "employeeType", "userType",
    "mobilePhone", "preferredLanguage", "createdDateTime", "accountEnabled", "lastPasswordChangeDateTime",
    "passwordProfile",
)  # fmt: skip
_SPONSOR = {"$expand": "manager($select=id)"}


class People:
    """The people of one tenant, read as the app registration."""

    def __init__(self, settings: MicrosoftSettings, api: Api) -> None:
        self._settings = settings
        self._api = api
        self._select = ",".join(dict.fromkeys((*_FIELDS, *settings.recovery_mail_attributes)))
        self._protected_groups = frozenset(group.lower() for group in settings.protected_groups)
        self._protected_users = frozenset(user.lower() for user in settings.protected_users)

    def find(self, claim: str) -> Account:
        """The one account with this login, address or alias. Raises AccountNotFound or AccountAmbiguous."""
        if not claim or len(claim) > _LONGEST_CLAIM or not claim.isprintable():
            raise AccountNotFound("no usable name")
        names = (claim,) if "@" in claim else tuple(f"{claim}@{domain}" for domain in self._settings.login_domains)
        if not names:
            raise AccountNotFound("a login without its domain")
        params = {"$filter": " or ".join(map(_named, names)), "$select": self._select, **_SPONSOR, "$top": "2"}
        found = self._api.get("users", params)["value"]
        if len({user["id"] for user in found}) > 1:
            raise AccountAmbiguous("more than one account")
        if not found:
            raise AccountNotFound("no such account")
        return self._account(found[0], self._groups(found[0]["id"]))

    def read(self, account_id: str) -> Account:
        user = self._api.get(f"users/{self.id_of(account_id)}", {"$select": self._select, **_SPONSOR})
        return self._account(user, self._groups(user["id"]))

    def id_of(self, account_id: str) -> str:
        """Entra's own id of an account of ours; it never changes, and is never given to somebody else."""
        directory, _, identity = account_id.partition(":")
        if directory != self._settings.name or not _ID.fullmatch(identity):
            raise AccountNotFound(f"{account_id} is no account of {self._settings.name}")
        return identity

    def led_by(self, sponsor: Account) -> Iterator[Account]:
        """Whoever has this person as manager, without their groups."""
        params = {"$select": self._select, **_SPONSOR}
        return self._listed(f"users/{self.id_of(sponsor.id)}/directReports/microsoft.graph.user", params)

    def led(self) -> Iterator[Account]:
        """Everybody who has a manager, without their groups."""
        params = {"$select": self._select, **_SPONSOR, "$top": "999"}
        return (account for account in self._listed("users", params) if account.sponsor)

    def _listed(self, path: str, params: Mapping[str, str]) -> Iterator[Account]:
        return (self._account(user, []) for user in by_link(self._api, path, params))

    def _groups(self, id_: str) -> list[Mapping[str, Any]]:
        """Groups, nested ones too, and roles in Entra."""
        return list(by_link(self._api, f"users/{id_}/transitiveMemberOf", {"$top": "999"}))

    def _account(self, user: Mapping[str, Any], groups: list[Mapping[str, Any]]) -> Account:
        s = self._settings
        login = str(user["userPrincipalName"])
        return Account(
            id=f"{s.name}:{user['id']}",
            directory=s.name,
            dn=str(user["id"]),
            login=login,
            name=_text(user, "displayName") or login,
            given_name=_text(user, "givenName"),
            mail=_text(user, "mail") or None,
            recovery_mail=tuple(dict.fromkeys(a for name in s.recovery_mail_attributes for a in _texts(user, name))),
            phone=_text(user, "mobilePhone"),
            language=_text(user, "preferredLanguage") or None,
            unit=_text(user, "department"),
            kind=_text(user, "employeeType") or ("guest" if user.get("userType") == "Guest" else ""),
            sponsor=_text(user.get("manager") or {}, "id") or None,
            created_at=_moment(user, "createdDateTime"),
            groups=frozenset(str(group["id"]).lower() for group in groups),
            protected=login.lower() in self._protected_users or any(map(self._protects, groups)),
            state=self._state(user),
        )

    def _protects(self, group: Mapping[str, Any]) -> bool:
        """Roles and role-assignable groups: Entra itself lets only its highest administrators change such people.

        Of a group that we have no permission to read only id and kind are told; it may be one of those.
        """
        kind = group.get("@odata.type")
        if kind == "#microsoft.graph.administrativeUnit":
            return False
        role = kind == "#microsoft.graph.directoryRole"
        powerful = bool(group.get("isAssignableToRole")) or not group.get("displayName")
        return role or powerful or str(group["id"]).lower() in self._protected_groups

    def _state(self, user: Mapping[str, Any]) -> AccountState:
        """Without a revision: a replica may be behind, so that nothing shows that nothing was written."""
        return AccountState(
            disabled=user.get("accountEnabled") is False,
            must_change=bool((user.get("passwordProfile") or {}).get("forceChangePasswordNextSignIn")),
            password_changed_at=_moment(user, "lastPasswordChangeDateTime"),
        )


def _named(name: str) -> str:
    value = quoted(name)
    alias = quoted(f"smtp:{name}")
    return f"userPrincipalName eq {value} or mail eq {value} or proxyAddresses/any(a:a eq {alias})"


def _texts(user: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = user.get(name) or ()
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _text(user: Mapping[str, Any], name: str) -> str:
    return next(iter(_texts(user, name)), "")


def _moment(user: Mapping[str, Any], name: str) -> datetime | None:
    """As Graph writes it: 2026-12-20T08:00:00Z."""
    try:
        return datetime.fromisoformat(_text(user, name))
    except ValueError:
        return None
