"""Stop one of one's own factors from counting, or let it count again."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import KeepsFactors
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class SwitchFactor(Action):
    name = "switch_factor"
    title = _l("Switch a way to prove it is me on or off")
    kind = "factor_change"
    needs = KeepsFactors
    notice = "factor_changed"

    factor_id: str
    factor: str
    on: bool

    def perform(self, connector: KeepsFactors, account: Account) -> None:
        connector.switch_factor(account, self.factor_id, on=self.on)
