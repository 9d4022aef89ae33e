"""Choose a new password without the old one; a locked account is unlocked by the same step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import SetsPassword
from portal.action import Action
from portal.web.forms import new_password, new_password_again


class Form(FlaskForm):
    new_password = new_password()
    new_password_again = new_password_again()


@dataclass(frozen=True, kw_only=True)
class ResetPassword(Action):
    name = "reset_password"
    title = _l("Choose a new password")
    kind = "password_reset"
    needs = SetsPassword
    Form = Form
    notice = "password_changed"
    ends_sessions = True
    watched = True
    also = SetsPassword

    new_password: str = field(repr=False, metadata={"secret": True})

    def perform(self, connector: SetsPassword, account: Account) -> Account | None:
        return connector.set_password(account, self.new_password)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return now.state.password_outcome(before)
