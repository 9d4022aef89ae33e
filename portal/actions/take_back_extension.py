"""Take an extension back soon after it: the account gets its old end, unless somebody has changed it since."""

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
class TakeBackExtension(Action):
    name = "take_back_extension"
    title = _l("Take an extension back")
    kind = "account_extend_undone"
    needs = SetsEndDate
    notice = "extension_taken_back"
    attribute = "ends_on"
    revives = True
    by_sponsor = True
    by_owner = False

    extension: str  # the attempt that is taken back
    ends_on: date  # what it wrote
    until: date  # what was there before

    def change(self, account: Account) -> tuple[str, str]:
        return account.state.ends_on.isoformat() if account.state.ends_on else "", self.until.isoformat()

    def perform(self, connector: SetsEndDate, account: Account) -> None:
        connector.set_end_date(account, self.until)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        ends_on = now.state.ends_on.isoformat() if now.state.ends_on else ""
        if ends_on == details["until"]:
            return "success"
        return "failure" if ends_on == before.get("ends_on") else "unknown"
