"""Take the lock of too many wrong passwords away and keep the password."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import UnlocksAccount
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class UnlockAccount(Action):
    name = "unlock_account"
    title = _l("Unlock my account")
    kind = "unlock"
    needs = UnlocksAccount
    notice = "unlocked"

    def perform(self, connector: UnlocksAccount, account: Account) -> None:
        connector.unlock_account(account)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "success" if now.state.locked_at is None else "failure"
