"""Let somebody use a mailbox no more: mine, one I answer for, or one that I used myself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import SharesMailboxes
from portal.action import Action
from portal.mailboxes.sharing import right_of


@dataclass(frozen=True, kw_only=True)
class EndShare(Action):
    name = "end_share"
    title = _l("End the use of a mailbox")
    kind = "share_ended"
    needs = SharesMailboxes
    notice = "share_ended"
    other_notice = "share_ended_for_you"
    attribute = "share"
    takes_away = True
    joint = True

    box: str
    who: str
    system: str = ""  # where the mailbox lies

    @property
    def old(self) -> str:
        return f"{self.box}: {self.who}"

    @classmethod
    def concerned(cls, details: Mapping[str, Any]) -> Sequence[str]:
        return [details["who"], details["box"]]

    def perform(self, connector: SharesMailboxes, account: Account) -> None:
        connector.unshare(account, self.box, self.who)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        return "failure" if right_of(connector.shares(account), details) else "success"
