"""Who may use which mailbox on a Dovecot server, by its ACLs: those of the inbox hold for all folders below it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.account import Account
from connectors.errors import AccountNotFound, Refusal, Refused, Unconfirmed
from connectors.mailbox import Right, Share, SharedBox, Shares

_INBOX = "INBOX"
_USER = "user="
# Names of rights as doveadm-acl(1) writes them.
_READ = ("lookup", "read", "write-seen")
_WORK = (*_READ, "write", "write-deleted", "insert", "expunge", "post")
_RIGHTS = {Right.READ: _READ, Right.WORK: _WORK}


class Ask(Protocol):
    """Gives doveadm one command; raises Unconfirmed for a `write` that may have happened."""

    def __call__(self, command: str, parameters: dict[str, Any], /, *, write: bool = False) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, kw_only=True)
class BoxSettings:
    """A mailbox that is nobody's own."""

    address: str
    """Its address, and the name by which Dovecot knows it."""

    name: str = ""
    """What people call it."""

    owners: tuple[str, ...] = ()
    """Addresses of those who decide who uses it; without any, the service desk does."""


class DoveadmAcl:
    def __init__(self, ask: Ask, prefix: str, boxes: Sequence[BoxSettings]) -> None:
        self._ask = ask
        self._prefix = prefix
        self._boxes = boxes

    def boxes(self) -> tuple[SharedBox, ...]:
        return tuple(SharedBox(address=one.address, name=one.name, owners=one.owners) for one in self._boxes)

    def shares(self, account: Account) -> Shares:
        own = (account.mail or "").casefold()
        owned = [one.address for one in self._boxes if own in {owner.casefold() for owner in one.owners}]
        mine = [share for box in (own, *owned) for share in self._given(box)]
        others = [share for box in self._seen(own) for share in self._given(box) if share.who.casefold() == own]
        return Shares(mine=tuple(mine), others=tuple(others))

    def share(self, share: Share) -> None:
        self._must_exist(share.who)
        rights = list(_RIGHTS[share.right])
        self._change("aclSet", {"user": share.box, "mailbox": _INBOX, "id": _USER + share.who, "right": rights})
        if share.right not in {one.right for one in self._given(share.box) if _same(one.who, share.who)}:
            raise Unconfirmed(f"{share.box}: not what was written")

    def unshare(self, box: str, who: str) -> None:
        there = [one.who for one in self._given(box) if _same(one.who, who)]
        for spelt in there:
            self._change("aclDelete", {"user": box, "mailbox": _INBOX, "id": _USER + spelt})
        if any(_same(one.who, who) for one in self._given(box)):
            raise Unconfirmed(f"{box}: still there")

    def _given(self, box: str) -> Iterator[Share]:
        """Everybody who may use this mailbox, as far as they are named one by one."""
        for row in self._ask("aclGet", {"user": box, "mailbox": _INBOX}):
            name, rights = str(row.get("id", "")), set(str(row.get("rights", "")).split())
            if name.startswith(_USER) and "read" in rights:
                right = Right.WORK if rights >= {"insert", "expunge"} else Right.READ
                yield Share(box=box, who=name.removeprefix(_USER), right=right)

    def _seen(self, own: str) -> Iterator[str]:
        """The mailboxes of others that this person sees."""
        for row in self._ask("mailboxList", {"user": own}):
            rest = str(row.get("mailbox", "")).removeprefix(self._prefix)
            if rest != row.get("mailbox") and "/" not in rest and "@" in rest:
                yield rest

    def _must_exist(self, address: str) -> None:
        try:
            self._ask("quotaGet", {"user": address})
        except AccountNotFound as error:
            raise Refused(Refusal.NO_SUCH_MAILBOX, error.detail) from error

    def _change(self, command: str, parameters: dict[str, Any]) -> None:
        try:
            self._ask(command, parameters, write=True)
        except AccountNotFound as error:
            raise Refused(Refusal.NO_SUCH_MAILBOX, error.detail) from error


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
