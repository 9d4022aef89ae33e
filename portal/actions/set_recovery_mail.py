"""Bring a change of private addresses into force, once it has waited long enough. Only the worker does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import SetsRecoveryMail
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class SetRecoveryMail(Action):
    name = "set_recovery_mail"
    title = _l("Change my private address")
    kind = "address_change"
    needs = SetsRecoveryMail
    notice = "address_changed"
    attribute = "recovery_mail"

    old_address: str
    new_address: str

    @property
    def old(self) -> str:
        return self.old_address

    @property
    def new(self) -> str:
        return self.new_address

    def perform(self, connector: SetsRecoveryMail, account: Account) -> None:
        connector.change_recovery_mail(account, old=self.old_address, new=self.new_address)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "success" if is_so(now, details["old_address"], details["new_address"]) else "failure"


def is_so(account: Account, old: str, new: str) -> bool:
    """Whether the account has the new address, if there is one, and not the old one any more."""
    return old not in account.own_mail and (not new or new in account.own_mail)
