"""Google Groups as mailing lists, as an administrator of the Workspace.

Requests: https://developers.google.com/workspace/admin/directory/v1/guides/manage-group-members and .../search-groups.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any, Literal

from connectors.account import Account
from connectors.capabilities import Examined, Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.findings import fault, fine, say
from connectors.google.delegated import Delegated, part
from connectors.google.doctor import Need, of_scopes
from connectors.google.key import ServiceKey, read_key
from connectors.google.scopes import Scope
from connectors.mailbox import KeepsLists, MailList
from connectors.mailboxes.settings import MailboxSettings, MailSystem
from connectors.oauth import Api, ApiSettings, TokenStore, checked_url
from connectors.oauth.paging import by_token

_GROUPS = "admin/directory/v1/groups"
_PAGE = 200  # the most Google gives at once
_LOOKED_AT = 5 * _PAGE  # for one page of ours; whoever types part of a name sees the others
_ID = re.compile(r"[0-9A-Za-z]{1,64}")
Group = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GoogleGroupsSettings(MailboxSettings, ApiSettings):
    """Mailing lists at Google. Raises ValueError for what could never work or would send a token in clear."""

    kind: Literal["google-groups"] = "google-groups"
    """What is spoken: google-groups."""

    key: str = field(repr=False)
    """The JSON key file of the service account: { file = "secrets/google.json" }."""

    admin: str
    """Address of an administrator who may change the members of groups."""

    lists: tuple[str, ...]
    """Addresses of the groups that are mailing lists, * for any letters: "*-list@example.org". Name none that gives
    rights elsewhere."""

    open_lists: tuple[str, ...] = ()
    """Those of them that everybody may join, written in the same way; the others are asked for first."""

    url: str = "https://admin.googleapis.com"
    """Where the Admin SDK answers."""

    def __post_init__(self) -> None:
        MailboxSettings.__post_init__(self)
        ApiSettings.__post_init__(self)
        read_key(self.key)
        checked_url("url", self.url)
        if "@" not in self.admin:
            raise ValueError("admin: give the address of an administrator of the Workspace")
        if not self.lists or not all("@" in one for one in (*self.lists, *self.open_lists)):
            raise ValueError('lists, open_lists: give addresses, such as "*-list@example.org"')

    @property
    def service_key(self) -> ServiceKey:
        return read_key(self.key)


class GoogleGroups(MailSystem, KeepsLists, Examined):
    settings: GoogleGroupsSettings

    def __init__(self, settings: GoogleGroupsSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        self._google = Delegated(settings, settings.service_key, store, clock)

    def lists_of(self, account: Account) -> tuple[MailList, ...]:
        with self._api(Scope.GROUPS) as api:
            groups = self._ours(by_token(api, _GROUPS, _asked(userKey=_address(account)), items="groups"))
            return _by_name(self._list(group, member=True) for group in groups)

    def find_lists(self, account: Account, words: str, limit: int) -> tuple[MailList, ...]:
        """By how the name or the address begins: Google looks for nothing in the middle."""
        own = {one.id for one in self.lists_of(account)}
        with self._api(Scope.GROUPS) as api:
            found = {str(group["id"]): group for query in _queries(words) for group in self._found(api, query, limit)}
        return _by_name(self._list(group, member=id_ in own) for id_, group in found.items())[:limit]

    def read_list(self, account: Account, list_id: str) -> MailList:
        with self._api(Scope.GROUPS) as api:
            group = self._group(api, list_id)
            members = f"{_GROUPS}/{part(str(group['id']))}/members"
            owners = by_token(api, members, _asked(roles="OWNER"), items="members")
            return self._list(
                group,
                member=_is_member(api, f"{members}/{part(_address(account))}"),
                owners=tuple(str(one["email"]) for one in owners if one.get("email")),
            )

    def join_list(self, account: Account, list_id: str) -> None:
        path = self._members(account, list_id)
        with self._api(Scope.MEMBERS) as api, suppress(Refused):  # they are in it already
            api.write("POST", path, {"email": _address(account), "role": "MEMBER"})

    def leave_list(self, account: Account, list_id: str) -> None:
        path = self._members(account, list_id)
        with self._api(Scope.MEMBERS) as api, suppress(AccountNotFound):  # they are not in it
            api.write("DELETE", f"{path}/{part(_address(account))}")

    def examine(self) -> Iterator[Finding]:
        """The scopes, each by itself, and whether there is any list by these addresses."""
        needs = [
            Need(Scope.GROUPS, say("read groups"), (KeepsLists,)),
            Need(Scope.MEMBERS, say("let people join and leave groups"), (KeepsLists,)),
        ]
        findings = [
            found for _, found in of_scopes(needs, self.settings.admin, self.settings.service_key, self._google)
        ]
        yield from findings
        if findings[0].stops:
            return
        subject = say("mailing lists")
        try:
            with self._api(Scope.GROUPS) as api:
                found = list(self._found(api, "", _PAGE))
        except ConnectorError as error:
            remedy = f"Give {self.settings.admin} the privileges Groups > Read and Groups > Update."
            yield fault(subject, error.detail, remedy, stops=(KeepsLists,))
            return
        if found:
            yield fine(subject, say("%(count)s found", count=str(len(found))))
        else:
            yield fault(subject, say("none is found"), f"lists: no group has such an address: {self.settings.lists}")

    def close(self) -> None:
        """Close all idle connections."""
        self._google.close()

    def _api(self, scope: Scope) -> AbstractContextManager[Api]:
        return self._google.api(self.settings.url, self.settings.admin, scope)

    def _found(self, api: Api, query: str, limit: int) -> Iterator[Group]:
        asked = _asked(customer="my_customer") | ({"query": query} if query else {})
        return islice(self._ours(islice(by_token(api, _GROUPS, asked, items="groups"), _LOOKED_AT)), limit)

    def _ours(self, groups: Iterable[Group]) -> Iterator[Group]:
        return (group for group in groups if _fits(group, self.settings.lists))

    def _group(self, api: Api, list_id: str) -> Group:
        """One of those the settings mean: nobody gets into another group by naming it."""
        if not _ID.fullmatch(list_id):
            raise Refused(Refusal.NO_SUCH_LIST, f"{list_id} is no group's id")
        try:
            group: Group = api.get(f"{_GROUPS}/{list_id}")
        except AccountNotFound as error:
            raise Refused(Refusal.NO_SUCH_LIST, error.detail) from error
        if not _fits(group, self.settings.lists):
            raise Refused(Refusal.NO_SUCH_LIST, f"{list_id} is none of {self.settings.lists}")
        return group

    def _members(self, account: Account, list_id: str) -> str:
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)
        with self._api(Scope.GROUPS) as api:
            return f"{_GROUPS}/{part(str(self._group(api, list_id)['id']))}/members"

    def _list(self, group: Group, *, member: bool, owners: tuple[str, ...] = ()) -> MailList:
        return MailList(
            id=str(group["id"]),
            address=str(group["email"]),
            name=str(group.get("name", "")),
            about=str(group.get("description", "")),
            joinable=_fits(group, self.settings.open_lists),
            owners=owners,
            member=member,
        )


def _is_member(api: Api, path: str) -> bool:
    with suppress(AccountNotFound):
        return bool(api.get(path))
    return False


def _asked(**named: str) -> dict[str, str]:
    return {"maxResults": str(_PAGE), **named}


def _queries(words: str) -> tuple[str, ...]:
    """What is typed stands in quotes, where only the quote means anything; * and \\ are left out."""
    plain = "".join(one for one in words if one.isprintable() and one not in "*\\").strip()
    if not plain:
        return ("",)
    quoted = plain.replace("'", "\\'")
    return tuple(f"{name}:'{quoted}*'" for name in ("email", "name"))


def _fits(group: Group, patterns: tuple[str, ...]) -> bool:
    address = str(group["email"]).casefold()
    return any(fnmatchcase(address, pattern.casefold()) for pattern in patterns)


def _by_name(lists: Iterable[MailList]) -> tuple[MailList, ...]:
    return tuple(sorted(lists, key=lambda one: one.name.casefold()))


def _address(account: Account) -> str:
    if not account.mail:
        raise AccountNotFound(f"{account.id} has no mail address")
    return account.mail
