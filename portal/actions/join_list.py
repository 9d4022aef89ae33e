"""Join a distribution list, until a day if I say so; that of a closed one is asked first to whom it belongs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsLists
from portal.action import Action
from portal.mailboxes.mailbox import is_over


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
    last_day: str = ""  # ISO 8601; empty: it goes on
    zone: str = "UTC"  # in which that day ends
    system: str = ""  # where the list lies

    @property
    def new(self) -> str:
        return f"{self.address} ({self.last_day})" if self.last_day else self.address

    def owners(self, connector: KeepsLists, account: Account) -> Sequence[str] | None:
        wanted = connector.read_list(account, self.list_id)
        return None if wanted.joinable else wanted.owners

    def details(self) -> dict[str, Any]:
        """With what those read who decide; two lists are two wishes."""
        return super().details() | {"text": self.address}

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return "leave_list", {name: details.get(name, "") for name in ("list_id", "address", "system")}

    @classmethod
    def ends_at(cls, details: Mapping[str, Any]) -> datetime | None:
        return is_over(details.get("last_day", ""), details.get("zone", "UTC"))

    def perform(self, connector: KeepsLists, account: Account) -> None:
        connector.join_list(account, self.list_id)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        return "success" if connector.read_list(account, details["list_id"]).member else "failure"
