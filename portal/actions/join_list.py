"""Join a distribution list; that of a closed one is asked first to whom it belongs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsLists
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class JoinList(Action):
    name = "join_list"
    title = _l("Join a mailing list")
    kind = "list_joined"
    needs = KeepsLists
    notice = "list_joined"
    attribute = "list"

    list_id: str
    address: str  # of the list, for those who read about it
    reason: str = ""

    @property
    def new(self) -> str:
        return self.address

    def owners(self, connector: KeepsLists, account: Account) -> Sequence[str] | None:
        wanted = connector.read_list(account, self.list_id)
        return None if wanted.joinable else wanted.owners

    def details(self) -> dict[str, Any]:
        """With what those read who decide; two lists are two wishes."""
        return super().details() | {"text": self.address}

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return "leave_list", {"list_id": details["list_id"], "address": details["address"]}

    def perform(self, connector: KeepsLists, account: Account) -> None:
        connector.join_list(account, self.list_id)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        return "success" if connector.read_list(account, details["list_id"]).member else "failure"
