"""'It was not me': stop every sign-in at once, until somebody has talked to the owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import DisablesAccount
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class FreezeAccount(Action):
    name = "freeze_account"
    title = _l("This was not me: lock my account")
    kind = "disable"
    needs = DisablesAccount
    notice = "account_frozen"
    ends_sessions = True

    def perform(self, connector: DisablesAccount, account: Account) -> None:
        connector.disable_account(account)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "success" if now.state.disabled else "failure"
