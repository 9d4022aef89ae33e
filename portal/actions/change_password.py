"""Change the password with the old one, as the person: for everybody who still knows it, expired or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import ChangesPassword, SetsPassword
from portal.action import Action
from portal.web.forms import current_password, new_password, new_password_again


class Form(FlaskForm):
    password = current_password(_l("The password you have now"))
    new_password = new_password()
    new_password_again = new_password_again()


@dataclass(frozen=True, kw_only=True)
class ChangePassword(Action):
    name = "change_password"
    title = _l("Change my password")
    kind = "password_change"
    needs = ChangesPassword
    Form = Form
    template = "actions/change_password.html"
    notice = "password_changed"
    ends_sessions = True
    watched = True
    also = SetsPassword

    password: str = field(repr=False, metadata={"secret": True})
    new_password: str = field(repr=False, metadata={"secret": True})

    def perform(self, connector: ChangesPassword, account: Account) -> None:
        connector.change_password(account, self.password, self.new_password)

    def perform_also(self, connector: SetsPassword, account: Account) -> None:
        """Nobody asks for the old one of there: it may be another."""
        connector.set_password(account, self.new_password)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return now.state.password_outcome(before)
