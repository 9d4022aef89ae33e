"""Give one of one's own factors another name."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from connectors.account import Account
from connectors.capabilities import KeepsFactors
from portal.action import Action
from portal.web.forms import no_control_characters


class Form(FlaskForm):
    label = StringField(
        _l("Name"),
        [
            InputRequired(_l("Give it a name.")),
            Length(max=60, message=_l("60 characters at most.")),
            no_control_characters,
        ],
    )


@dataclass(frozen=True, kw_only=True)
class RenameFactor(Action):
    name = "rename_factor"
    title = _l("Rename a way to prove it is me")
    kind = "factor_change"
    needs = KeepsFactors
    Form = Form

    factor_id: str
    factor: str
    label: str

    def perform(self, connector: KeepsFactors, account: Account) -> None:
        connector.rename_factor(account, self.factor_id, self.label)
