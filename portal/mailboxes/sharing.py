"""What both kinds of sharing have in common: my own mailbox with somebody, and a shared one with me."""

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import Right, Share, Shares, SharesMailboxes
from portal.action import Action
from portal.mailboxes.mailbox import is_over

RIGHTS = {
    Right.READ: _l("May read everything."),
    Right.WORK: _l("May read, file, delete and answer."),
    Right.SEND: _l("May write in its name."),
}


@dataclass(frozen=True, kw_only=True)
class Sharing(Action, ABC):
    """One person, one mailbox, one right."""

    kind = "share_given"
    needs = SharesMailboxes
    notice = "share_given"
    other_notice = "share_given_to_you"
    attribute = "share"

    box: str  # the mailbox's address
    who: str  # the address of whoever may use it
    right: str  # of connectors.mailbox.Right
    last_day: str = ""  # ISO 8601; empty: it goes on
    zone: str = "UTC"  # in which that day ends
    system: str = ""  # where the mailbox lies

    @property
    def new(self) -> str:
        return f"{self.box}: {self.who}, {self.right} ({self.last_day})"

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return "end_share", {name: details.get(name, "") for name in ("box", "who", "system")}

    @classmethod
    def ends_at(cls, details: Mapping[str, Any]) -> datetime | None:
        return is_over(details["last_day"], details["zone"])

    @classmethod
    def concerned(cls, details: Mapping[str, Any]) -> Sequence[str]:
        return [details["who"]]

    def perform(self, connector: SharesMailboxes, account: Account) -> None:
        connector.share(account, Share(box=self.box, who=self.who, right=Right(self.right)))

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        return "success" if right_of(connector.shares(account), details) == details["right"] else "failure"


def right_of(shares: Shares, details: Mapping[str, Any]) -> Right | None:
    """What somebody may do there now."""
    wanted = (details["box"].casefold(), details["who"].casefold())
    all_of_them = (*shares.mine, *shares.others)
    return next((one.right for one in all_of_them if (one.box.casefold(), one.who.casefold()) == wanted), None)
