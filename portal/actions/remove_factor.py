"""Remove one of one's own factors for good."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import KeepsFactors
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RemoveFactor(Action):
    name = "remove_factor"
    title = _l("Remove a way to prove it is me")
    kind = "factor_remove"
    needs = KeepsFactors
    notice = "factor_removed"

    factor_id: str
    factor: str

    def perform(self, connector: KeepsFactors, account: Account) -> None:
        connector.remove_factor(account, self.factor_id)
