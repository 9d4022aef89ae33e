"""Mailboxes in Exchange Online, by Graph: auto replies, forwards as rules of the inbox, and how full they are.

Graph does not show what an administrator sets for a mailbox (ForwardingAddress, ForwardingSmtpAddress), and writes
neither aliases, quotas nor rights of others; none of it is claimed here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import AccountAmbiguous, AccountNotFound, Forbidden, Obstacle, Unconfirmed
from connectors.graph import GraphAccess
from connectors.graph.client import GraphClient, quoted
from connectors.graph.doctor import rights, way_in
from connectors.graph.rights import MAILBOX_RIGHTS
from connectors.graph.settings import check_without
from connectors.mailbox import (
    AutoReply,
    Forward,
    Forwards,
    Mailbox,
    Quota,
    ReadsMailbox,
    SetsAutoReply,
    Source,
    TellsFullness,
)
from connectors.mailboxes.graph_text import same_text, to_html, to_text
from connectors.mailboxes.graph_usage import Usage
from connectors.mailboxes.settings import MailboxSettings, MailSystem
from connectors.oauth import TokenStore

MARK = "Sparekey: "
"""How the names of rules begin that the portal has made: only these does it change or remove."""

_FOREVER = timedelta(days=3650)  # Exchange knows no reply that begins later and has no end
_SOON = timedelta(minutes=2)  # what is to begin at once is asked for from the next minute on
_ACTIONS = ("redirectTo", "forwardTo", "forwardAsAttachmentTo")
_GONE = ("delete", "permanentDelete")
_OFFERED_AS: Mapping[type[Capability], str] = {
    SetsAutoReply: "auto_reply",
    Forwards: "forwards",
    TellsFullness: "quota",
}


@dataclass(frozen=True, kw_only=True)
class GraphMailboxSettings(MailboxSettings, GraphAccess):
    """Mailboxes in Exchange Online, by Microsoft Graph. Raises ValueError."""

    kind: Literal["microsoft"] = "microsoft"
    """What is spoken: microsoft."""

    directory: str = ""
    """Name of the [[directories]] of this very tenant; people of other directories are found by their address."""

    without: tuple[str, ...] = ()
    """What is not to be offered here: auto_reply, forwards, quota."""

    def __post_init__(self) -> None:
        MailboxSettings.__post_init__(self)
        GraphAccess.__post_init__(self)
        check_without(self.without, frozenset(_OFFERED_AS.values()))


class GraphMailbox(MailSystem, ReadsMailbox, SetsAutoReply, Forwards, TellsFullness, Examined):
    settings: GraphMailboxSettings
    titled = False
    paced = False  # once while it is switched on
    ends_by_itself = False

    def __init__(self, settings: GraphMailboxSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        self._clock = clock
        self._client = GraphClient(settings, store, clock)
        self._api = self._client.api
        self._usage = Usage(self._client)

    def offers(self, capability: type[Capability]) -> bool:
        return super().offers(capability) and _OFFERED_AS.get(capability, "") not in self.settings.without

    def read_mailbox(self, account: Account) -> Mailbox:
        path, login = self._user(account)
        held = self._api.get(f"{path}/mailboxSettings")["automaticRepliesSetting"]
        forwards = [forward for rule in self._rules(path) for forward in _forwards(rule)]
        quota = self._usage.of(login) if self.offers(TellsFullness) else None
        address = account.mail or ""
        return Mailbox(address=address, auto_reply=self._reply(held), forwards=tuple(forwards), quota=quota)

    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        path = f"{self._own(account)}/mailboxSettings"
        wanted = self._setting(reply)
        said = self._api.write("PATCH", path, {"automaticRepliesSetting": wanted})
        now = (said or {}).get("automaticRepliesSetting") or {}
        texts = ("internalReplyMessage", "externalReplyMessage")
        if now.get("status") != wanted["status"] or not all(same_text(now.get(t) or "", wanted[t]) for t in texts):
            raise Unconfirmed("the auto reply is not what was written")

    def add_forward(self, account: Account, forward: Forward) -> None:
        """A rule for each target. Those that are there get the same say about the copy."""
        path = self._own(account)
        there = False
        for rule in self._ours(path):
            same = _target(rule) == forward.target.casefold()
            there = there or same
            if same or _keeps(rule) != forward.keep_copy:
                actions = _actions(rule["actions"]["redirectTo"][0]["emailAddress"]["address"], forward.keep_copy)
                self._api.write("PATCH", f"{_rules_of(path)}/{rule['id']}", {"actions": actions, "isEnabled": True})
        if not there:
            rule = {"displayName": MARK + forward.target, "sequence": 1, "isEnabled": True}
            self._api.write("POST", _rules_of(path), {**rule, "actions": _actions(forward.target, forward.keep_copy)})
        if not any(
            one.target.casefold() == forward.target.casefold() for r in self._ours(path) for one in _forwards(r)
        ):
            raise Unconfirmed("the rule is not there")

    def remove_forward(self, account: Account, target: str) -> None:
        path = self._own(account)
        for rule in self._ours(path):
            if _target(rule) == target.casefold():
                self._api.write("DELETE", f"{_rules_of(path)}/{rule['id']}")

    def fullness(self) -> Iterator[tuple[str, Quota]]:
        return self._usage.read()

    def examine(self) -> Iterator[Finding]:
        granted = yield from way_in(self.settings, self._client, self._clock)
        if granted is not None:
            yield from rights(MAILBOX_RIGHTS, granted, self.offers)

    def _own(self, account: Account) -> str:
        """The path of somebody whose mailbox may be changed."""
        if account.protected:
            raise Forbidden(f"{account.login} is protected", obstacle=Obstacle.PROTECTED)
        return self._user(account)[0]

    def _user(self, account: Account) -> tuple[str, str]:
        """The path of whoever has this mailbox, and the user principal name."""
        if account.directory == self.settings.directory:
            return f"users/{account.id.partition(':')[2]}", account.login
        if not account.mail:
            raise AccountNotFound("no address, so no mailbox")
        address, alias = quoted(account.mail), quoted(f"smtp:{account.mail}")
        wanted = f"mail eq {address} or proxyAddresses/any(a:a eq {alias})"
        found = self._api.get("users", {"$filter": wanted, "$select": "id,userPrincipalName", "$top": "2"})["value"]
        if len(found) > 1:
            raise AccountAmbiguous("more than one mailbox has this address")
        if not found:
            raise AccountNotFound("nobody in this tenant has this address")
        return f"users/{found[0]['id']}", str(found[0]["userPrincipalName"])

    def _rules(self, path: str) -> list[dict[str, Any]]:
        return list(self._api.get(_rules_of(path))["value"])

    def _ours(self, path: str) -> list[dict[str, Any]]:
        return [rule for rule in self._rules(path) if _is_ours(rule) and not rule.get("isReadOnly")]

    def _setting(self, reply: AutoReply | None) -> dict[str, Any]:
        """No trace of one that is taken away: switched off alone, Exchange would keep its texts."""
        if reply is None:
            return {"status": "disabled", "internalReplyMessage": "", "externalReplyMessage": ""}
        outside = "" if reply.inside_only else to_html(reply.outside_text or reply.text)
        setting: dict[str, Any] = {
            "status": "scheduled" if reply.starts or reply.ends else "alwaysEnabled",
            "externalAudience": "none" if reply.inside_only else "all",
            "internalReplyMessage": to_html(reply.text),
            "externalReplyMessage": outside,
        }
        if reply.starts or reply.ends:
            soonest = self._clock().replace(second=0, microsecond=0) + timedelta(minutes=1)  # only what is to come
            starts = max(reply.starts or soonest, soonest)
            ends = reply.ends or starts + _FOREVER
            setting |= {"scheduledStartDateTime": _moment(starts), "scheduledEndDateTime": _moment(ends)}
        return setting

    def _reply(self, held: Mapping[str, Any]) -> AutoReply | None:
        now, starts, ends = self._clock(), None, None
        if held["status"] == "scheduled":
            starts, ends = _read(held["scheduledStartDateTime"]), _read(held["scheduledEndDateTime"])
        if held["status"] == "disabled" or (ends and ends <= now):
            return None
        inside, outside = (to_text(held.get(f"{side}ReplyMessage") or "") for side in ("internal", "external"))
        inside_only = held.get("externalAudience") == "none"
        return AutoReply(
            subject="",
            text=inside,
            outside_text="" if inside_only or outside == inside else outside,
            inside_only=inside_only,
            starts=starts if starts and starts > now + _SOON else None,
            ends=ends if ends and ends < now + _FOREVER / 2 else None,
        )


def _rules_of(path: str) -> str:
    return f"{path}/mailFolders/inbox/messageRules"


def _actions(target: str, keep: bool) -> dict[str, Any]:
    """The sender stays who it was, and nobody's other rules are stopped."""
    actions: dict[str, Any] = {"redirectTo": [{"emailAddress": {"address": target}}], "stopProcessingRules": False}
    return actions if keep else {**actions, "delete": True}


def _forwards(rule: Mapping[str, Any]) -> Iterator[Forward]:
    """Where a rule sends mail on, whoever wrote it; one that is switched off sends nothing."""
    actions = rule.get("actions") or {}
    if not rule.get("isEnabled", True):
        return
    ours = _is_ours(rule) and not rule.get("isReadOnly")
    for name in _ACTIONS:
        for recipient in actions.get(name) or ():
            yield Forward(
                target=str(recipient["emailAddress"].get("address", "")),
                keep_copy=_keeps(rule),
                source=Source.PORTAL if ours else Source.FILTER,
                rule="" if ours else str(rule.get("displayName", "")),
            )


def _is_ours(rule: Mapping[str, Any]) -> bool:
    return str(rule.get("displayName", "")).startswith(MARK) and bool((rule.get("actions") or {}).get("redirectTo"))


def _keeps(rule: Mapping[str, Any]) -> bool:
    return not any(rule["actions"].get(name) for name in _GONE)


def _target(rule: Mapping[str, Any]) -> str:
    return str(rule["actions"]["redirectTo"][0]["emailAddress"]["address"]).casefold()


def _moment(when: datetime) -> dict[str, str]:
    return {"dateTime": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def _read(moment: Mapping[str, str]) -> datetime | None:
    """Graph answers in UTC, with seven decimals, unless it is asked otherwise."""
    try:
        return datetime.fromisoformat(moment["dateTime"][:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
