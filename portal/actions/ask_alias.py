"""Ask for one more address at which mail arrives in my mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsAliases
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class AskAlias(Action):
    name = "ask_alias"
    title = _l("Have one more address")
    kind = "alias_added"
    needs = KeepsAliases
    notice = "alias_added"
    attribute = "alias"

    address: str
    reason: str

    @property
    def new(self) -> str:
        return self.address

    def details(self) -> dict[str, Any]:
        """With what those read who decide; two addresses are two wishes."""
        return super().details() | {"text": self.address}

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return "remove_alias", {"address": details["address"]}

    def perform(self, connector: KeepsAliases, account: Account) -> None:
        connector.add_alias(account, self.address)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        held = {one.casefold() for one in connector.read_mailbox(account).aliases}
        return "success" if details["address"].casefold() in held else "failure"
