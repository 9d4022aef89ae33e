"""Let a new factor count, after its check code was right."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import KeepsFactors
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class ConfirmFactor(Action):
    name = "confirm_factor"
    title = _l("Add a way to prove it is me")
    kind = "factor_enrol"
    needs = KeepsFactors
    notice = "factor_added"

    factor_id: str
    factor: str  # its kind, for the record

    def perform(self, connector: KeepsFactors, account: Account) -> None:
        connector.confirm_factor(account, self.factor_id)
