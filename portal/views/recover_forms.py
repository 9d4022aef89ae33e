"""The forms on the way back in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.views.belonging import directory_field
from portal.web.forms import login_name as login_field
from portal.web.forms import no_control_characters


class IdentifyForm(FlaskForm):
    login = login_field()
    directory = directory_field()


class LoginNameForm(FlaskForm):
    address = StringField(
        _l("E-mail address"),
        [
            InputRequired(_l("Type an address.")),
            Length(max=254, message=_l("That is too long for an address.")),
            no_control_characters,
        ],
        render_kw={"type": "email", "autocomplete": "email"},
    )


class StuckForm(FlaskForm):
    text = TextAreaField(
        _l("What can you still do, and how do we reach you?"),
        [
            InputRequired(_l("Say in a sentence or two what happened.")),
            Length(max=4000, message=_l("That is longer than 4000 characters.")),
        ],
        description=_l("For example a telephone number. No passwords or codes, please."),
        render_kw={"rows": 5},
    )
