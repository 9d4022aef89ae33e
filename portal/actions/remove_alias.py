"""Give up one of the other addresses of my mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsAliases
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RemoveAlias(Action):
    name = "remove_alias"
    title = _l("Give up an address")
    kind = "alias_removed"
    needs = KeepsAliases
    notice = "alias_removed"
    attribute = "alias"
    takes_away = True

    address: str

    @property
    def old(self) -> str:
        return self.address

    def perform(self, connector: KeepsAliases, account: Account) -> None:
        connector.remove_alias(account, self.address)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        held = {one.casefold() for one in connector.read_mailbox(account).aliases}
        return "failure" if details["address"].casefold() in held else "success"
