"""A coordinator makes somebody choose a new password at the next sign-in, without ever seeing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import RequiresPasswordChange
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RequireNewPassword(Action):
    name = "require_new_password"
    title = _l("Ask for a new password at the next sign-in")
    kind = "password_change_required"
    needs = RequiresPasswordChange
    notice = "new_password_wanted"
    by_staff = True

    def perform(self, connector: RequiresPasswordChange, account: Account) -> None:
        connector.require_password_change(account)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "success" if now.state.must_change else "failure"
