"""Keep an account while a wish for more time waits for an answer: a few days, given by the portal alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import SetsEndDate
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class BridgeAccount(Action):
    name = "bridge_account"
    title = _l("A few days more, until somebody has decided")
    kind = "account_extend"
    needs = SetsEndDate
    notice = "account_bridged"
    attribute = "ends_on"
    revives = True
    by_portal = True

    until: date

    def change(self, account: Account) -> tuple[str, str]:
        return account.state.ends_on.isoformat() if account.state.ends_on else "", self.until.isoformat()

    def perform(self, connector: SetsEndDate, account: Account) -> None:
        connector.set_end_date(account, self.until)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return now.state.end_outcome(before, details["until"])
