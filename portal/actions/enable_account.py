"""Let somebody sign in again whose account was switched off; the person is told who did it, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.access import EnablesAccount
from connectors.account import Account
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class EnableAccount(Action):
    name = "enable_account"
    title = _l("Switch somebody's account on again")
    kind = "enable"
    needs = EnablesAccount
    notice = "account_enabled"
    by_staff = True
    switches_on = True

    reason: str
    done_by: str  # the name of whoever does it

    @property
    def new(self) -> str:
        return self.reason

    def perform(self, connector: EnablesAccount, account: Account) -> None:
        connector.enable_account(account)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "failure" if now.state.disabled else "success"
