"""Mailboxes on mailcow: auto replies and forwarding by a filter that runs before a person's own, aliases, size, and
passwords for programs. Each change is read back: mailcow answers before all its parts know.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.account import Account
from connectors.capabilities import Examined, Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused, Unconfirmed
from connectors.findings import fault, fine, say
from connectors.mailbox import (
    AppPassword,
    AutoReply,
    Forward,
    Forwards,
    KeepsAliases,
    KeepsAppPasswords,
    Mailbox,
    Quota,
    ReadsMailbox,
    SetsAutoReply,
    SetsQuota,
    TellsFullness,
)
from connectors.mailboxes import sieve_script
from connectors.mailboxes.mailcow_api import Declined, MailcowApi, MailcowSettings, forbidden, rows
from connectors.mailboxes.settings import MailSystem
from connectors.mailboxes.sieve_changes import (
    address_of,
    check_no_second_answer,
    seen,
    with_forward,
    without_forward,
    written,
)
from connectors.mailboxes.sieve_script import Script

_MIB = 1024 * 1024
_OWN_RULES = "SOGo"  # the web mail of mailcow, in which people write rules
_NOBODY = "sparekey-looks-whether-this-is-refused"
_PROGRAMS = ["imap_access", "smtp_access", "pop3_access", "dav_access", "eas_access"]
_REMEDY = "Configuration > Access > API > Read-Write Access"


class Mailcow(
    MailSystem,
    ReadsMailbox,
    SetsAutoReply,
    Forwards,
    KeepsAliases,
    SetsQuota,
    TellsFullness,
    KeepsAppPasswords,
    Examined,
):
    """`inside`: the organisation's domains."""

    settings: MailcowSettings

    def __init__(self, settings: MailcowSettings, inside: tuple[str, ...], clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._inside = inside
        self._api = MailcowApi(settings, clock)

    def read_mailbox(self, account: Account) -> Mailbox:
        address = address_of(account)
        box = self._box(address)
        _, ours = self._script(address)
        return replace(
            seen(address, ours, self._own_rules(address), _OWN_RULES),
            aliases=(*(one["address"] for one in self._aliases(address)), *self._passing(address)),
            quota=_quota(box),
        )

    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        self._change(account, lambda script: replace(script, reply=reply))

    def add_forward(self, account: Account, forward: Forward) -> None:
        self._change(account, lambda script: with_forward(script, forward))

    def remove_forward(self, account: Account, target: str) -> None:
        self._change(account, lambda script: without_forward(script, target))

    def add_alias(self, account: Account, address: str) -> None:
        mine = address_of(account)
        try:
            self._api.do("add/alias", {"address": address, "goto": mine, "active": "1"})
        except Declined as declined:
            if declined.code != "is_alias_or_mailbox":
                raise forbidden(declined) from declined
        if address.casefold() not in {one["address"].casefold() for one in self._aliases(mine)}:
            raise Refused(Refusal.ADDRESS_TAKEN, f"{address} belongs to somebody else")

    def remove_alias(self, account: Account, address: str) -> None:
        mine = address_of(account)
        if address.casefold() in map(str.casefold, self._passing(mine)):
            self._do("delete/time_limited_alias", [address])
        for one in self._aliases(mine):
            if one["address"].casefold() != address.casefold():
                continue
            others = [to for to in _targets(one) if to.casefold() != mine.casefold()]
            if others:
                self._do("edit/alias", {"items": [str(one["id"])], "attr": {"goto": ",".join(others)}})
            else:
                self._do("delete/alias", [str(one["id"])])

    def set_quota(self, account: Account, octets: int) -> None:
        address = address_of(account)
        wanted = max(octets // _MIB, 1)  # 0 would mean: as much as anybody wants
        self._do("edit/mailbox", {"items": [address], "attr": {"quota": str(wanted)}})
        if self._box(address).get("quota") != wanted * _MIB:
            raise Unconfirmed(f"{address}: the size is not what was written")

    def fullness(self) -> Iterator[tuple[str, Quota]]:
        return ((str(box["username"]), _quota(box)) for box in rows(self._api.get("mailbox/all")))

    def app_passwords(self, account: Account) -> tuple[AppPassword, ...]:
        found = rows(self._api.get(f"app-passwd/all/{_in_path(address_of(account))}"))
        return tuple(AppPassword(id=str(one["id"]), name=str(one["name"]), created=_made(one)) for one in found)

    def add_app_password(self, account: Account, name: str, password: str) -> None:
        wanted = {"username": address_of(account), "app_name": name, "active": "1", "protocols": _PROGRAMS}
        self._do("add/app-passwd", wanted | {"app_passwd": password, "app_passwd2": password})

    def remove_app_password(self, account: Account, password_id: str) -> None:
        if any(one.id == password_id for one in self.app_passwords(account)):
            self._do("delete/app-passwd", [password_id])

    def examine(self) -> Iterator[Finding]:
        """Read and change a mailbox that cannot be there: a read-only key is refused before that is noticed."""
        subject = say("the key of mailcow's interface")
        nobody = f"{_NOBODY}@{next(iter(self.settings.domains), 'invalid')}"
        try:
            rows(self._api.get(f"filters/{_in_path(nobody)}"))
            self._api.do("edit/mailbox", {"items": [nobody], "attr": {"quota": "1"}})
        except Declined:
            yield fine(subject, say("may read and change mailboxes"))
        except Forbidden as error:
            yield fault(subject, error.detail, _REMEDY, stops=_CHANGES)
        except ConnectorError as error:
            yield fault(subject, error.detail, _REMEDY, stops=(ReadsMailbox, *_CHANGES))
        else:
            yield fine(subject, say("may read and change mailboxes"))

    def _do(self, path: str, body: dict[str, Any] | list[str]) -> None:
        try:
            self._api.do(path, body)
        except Declined as declined:
            raise forbidden(declined) from declined

    def _box(self, address: str) -> dict[str, Any]:
        box = self._api.get(f"mailbox/{_in_path(address)}")
        if not isinstance(box, dict) or "username" not in box:
            raise AccountNotFound(f"mailcow has no mailbox {address}")
        return box

    def _change(self, account: Account, change: Callable[[Script], Script]) -> None:
        address = address_of(account)
        self._box(address)
        number, ours = self._script(address)
        wanted = change(replace(ours or Script(), addresses=(address,), inside=self._inside))
        if wanted == ours or (wanted.empty and ours is None):
            return
        check_no_second_answer(wanted, self._own_rules(address), _OWN_RULES)
        self._keep(address, number, wanted)
        if self._script(address)[1] != (None if wanted.empty else wanted):
            raise Unconfirmed(f"{address}: the filter is not what was written")

    def _keep(self, address: str, number: str, wanted: Script) -> None:
        """Write the portal's filter in place of the one with this number; empty: there is none yet."""
        if wanted.empty:
            return self._do("delete/filter", [number])
        text = {"active": "1", "script_desc": sieve_script.NAME, "script_data": written(wanted)}
        text["filter_type"] = "prefilter"
        if number:
            return self._do("edit/filter", {"items": [number], "attr": text})
        return self._do("add/filter", {"username": address, **text})

    def _script(self, address: str) -> tuple[str, Script | None]:
        """The number of the portal's filter, and what it holds."""
        for row in rows(self._api.get(f"filters/{_in_path(address)}")):
            if row.get("script_desc") == sieve_script.NAME:
                script = sieve_script.read(str(row.get("script_data", "")))
                if script is None:
                    raise Forbidden("the filter was changed by another program", obstacle=Obstacle.UNWILLING)
                return str(row["id"]), script
        return "", None

    def _own_rules(self, address: str) -> str:
        given = self._api.get(f"active-user-sieve/{_in_path(address)}")
        return given if isinstance(given, str) else ""

    def _aliases(self, address: str) -> list[dict[str, Any]]:
        """Lasting ones that arrive here. mailcow has no question for those of one mailbox."""
        mine = address.casefold()
        found = (one for one in rows(self._api.get("alias/all")) if str(one["address"]).casefold() != mine)
        return [one for one in found if mine in map(str.casefold, _targets(one))]

    def _passing(self, address: str) -> list[str]:
        """Those with an end, which people make in mailcow itself."""
        return [str(one["address"]) for one in rows(self._api.get(f"time_limited_aliases/{_in_path(address)}"))]


_CHANGES = (SetsAutoReply, Forwards, KeepsAliases, SetsQuota, KeepsAppPasswords)


def _in_path(address: str) -> str:
    return quote(address, safe="@")


def _targets(alias: dict[str, Any]) -> list[str]:
    return [to.strip() for to in str(alias.get("goto", "")).split(",") if to.strip()]


def _quota(box: dict[str, Any]) -> Quota:
    """Octets; 0 stands for no limit."""
    return Quota(used=int(box.get("quota_used") or 0), limit=int(box.get("quota") or 0) or None)


def _made(row: dict[str, Any]) -> datetime | None:
    """MySQL writes a moment without its zone; mailcow's containers run in UTC unless told otherwise."""
    try:
        return datetime.fromisoformat(str(row.get("created"))).replace(tzinfo=UTC)
    except ValueError:
        return None
