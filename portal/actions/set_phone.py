"""Change the telephone number the organisation has of me. No code goes there, so it proves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TelField
from wtforms.validators import Length

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import SetsPhone
from portal.action import Action
from portal.web.forms import no_control_characters


class Form(FlaskForm):
    phone = TelField(
        _l("Telephone number"),
        [Length(max=40, message=_l("That is too long for a telephone number.")), no_control_characters],
        description=_l("With the country in front, as in +47 55 50 10 10. Leave it empty to have none."),
        render_kw={"autocomplete": "tel"},
    )


@dataclass(frozen=True, kw_only=True)
class SetPhone(Action):
    name = "set_phone"
    title = _l("Change my telephone number")
    kind = "phone_change"
    needs = SetsPhone
    Form = Form
    notice = "phone_changed"
    attribute = "phone"

    phone: str  # E.164, or empty

    def change(self, account: Account) -> tuple[str, str]:
        return account.phone, self.phone

    def perform(self, connector: SetsPhone, account: Account) -> None:
        connector.set_phone(account, self.phone)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "success" if now.phone == details["phone"] else "failure"
