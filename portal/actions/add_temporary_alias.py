"""An address for a while: it arrives in my mailbox until a day, and is removed by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsAliases
from portal.action import Action
from portal.mailboxes.mailbox import is_over


@dataclass(frozen=True, kw_only=True)
class AddTemporaryAlias(Action):
    name = "add_temporary_alias"
    title = _l("Have an address for a while")
    kind = "alias_added"
    needs = KeepsAliases
    notice = "alias_added"
    attribute = "alias"

    address: str  # made by the portal: nobody chooses it
    last_day: str  # ISO 8601
    zone: str = "UTC"  # in which that day ends

    @property
    def new(self) -> str:
        return f"{self.address} ({self.last_day})"

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return "remove_alias", {"address": details["address"]}

    @classmethod
    def ends_at(cls, details: Mapping[str, Any]) -> datetime | None:
        return is_over(details["last_day"], details["zone"])

    def perform(self, connector: KeepsAliases, account: Account) -> None:
        connector.add_alias(account, self.address)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        held = {one.casefold() for one in connector.read_mailbox(account).aliases}
        return "success" if details["address"].casefold() in held else "failure"
