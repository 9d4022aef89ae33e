"""Leave a distribution list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsLists
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class LeaveList(Action):
    name = "leave_list"
    title = _l("Leave a mailing list")
    kind = "list_left"
    needs = KeepsLists
    notice = "list_left"
    attribute = "list"
    takes_away = True

    list_id: str
    address: str  # of the list, for those who read about it
    system: str = ""  # where the list lies

    @property
    def old(self) -> str:
        return self.address

    def perform(self, connector: KeepsLists, account: Account) -> None:
        connector.leave_list(account, self.list_id)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        return "failure" if connector.read_list(account, details["list_id"]).member else "success"
