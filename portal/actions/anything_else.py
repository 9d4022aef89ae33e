"""A wish the portal has no action for. It becomes a ticket at once."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from connectors.account import Account
from connectors.errors import Forbidden
from portal.action import Action
from portal.web.forms import no_control_characters


class Form(FlaskForm):
    subject = StringField(
        _l("What is it about?"),
        [
            InputRequired(_l("Say in a few words what it is about.")),
            Length(max=120, message=_l("That is longer than 120 characters. The details go below.")),
            no_control_characters,
        ],
    )
    text = TextAreaField(
        _l("What do you need?"),
        [
            InputRequired(_l("Say what you need, so that somebody can help.")),
            Length(max=4000, message=_l("That is longer than 4000 characters. Leave out what can be asked later.")),
        ],
        description=_l("No passwords or codes, please."),
        render_kw={"rows": 6},
    )


@dataclass(frozen=True, kw_only=True)
class AnythingElse(Action):
    name = "anything_else"
    title = _l("Ask the service desk")
    kind = "wish"
    needs = None
    Form = Form
    template = "actions/anything_else.html"

    subject: str
    text: str

    def perform(self, connector: object, account: Account) -> None:
        raise Forbidden("only people can do this")
