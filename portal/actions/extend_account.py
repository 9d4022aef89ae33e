"""Keep an account longer: a new last day, with the reason for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import SetsEndDate
from portal.action import Action


class Form(FlaskForm):
    choice = RadioField(_l("Until when?"), [InputRequired(_l("Choose a date."))], choices=[])
    until = DateField(_l("Which date?"), [Optional()])
    reason = TextAreaField(
        _l("Why do you need it?"),
        [
            InputRequired(_l("Say why you need it: whoever decides reads that first.")),
            Length(max=1000, message=_l("That is longer than 1000 characters.")),
        ],
        description=_l("One sentence is enough. Whoever decides reads it, and it stays in the log."),
        render_kw={"rows": 3},
    )


@dataclass(frozen=True, kw_only=True)
class ExtendAccount(Action):
    name = "extend_account"
    title = _l("More time for my account")
    kind = "account_extend"
    needs = SetsEndDate
    Form = Form
    template = "actions/extend_account.html"
    notice = "account_extended"
    attribute = "ends_on"
    revives = True
    by_sponsor = True

    until: date
    reason: str

    def change(self, account: Account) -> tuple[str, str]:
        return account.state.ends_on.isoformat() if account.state.ends_on else "", self.until.isoformat()

    def perform(self, connector: SetsEndDate, account: Account) -> None:
        connector.set_end_date(account, self.until)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return now.state.end_outcome(before, details["until"])
