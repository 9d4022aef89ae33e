"""Stop a change of private addresses that still waits."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import HoldsAddressChanges
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class CancelAddressChange(Action):
    name = "cancel_address_change"
    title = _l("Keep my private addresses as they are")
    kind = "address_cancelled"
    needs = HoldsAddressChanges
    attribute = "recovery_mail"

    change_id: str

    def perform(self, connector: HoldsAddressChanges, account: Account) -> None:
        connector.cancel_address_change(account, self.change_id)
