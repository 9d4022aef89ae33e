"""Form fields that several pages share, with the names and hints browsers and password stores look for."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, PasswordField, StringField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

MOST_PASSWORD = 1024  # bytes that are still looked at; at least 128 characters must be taken


def no_control_characters(_form: Any, field: Field) -> None:
    """Refuse NUL, line breaks and other control characters in one-line fields."""
    if any(ord(c) < 32 or ord(c) == 127 for c in field.data or ""):
        raise ValidationError(_l("There is a character in it that cannot be typed. Type it again."))


def login_name() -> StringField:
    return StringField(
        _l("User name or e-mail address"),
        [
            InputRequired(_l("Type your user name or your e-mail address.")),
            Length(max=256, message=_l("That is too long for a name.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


def why_for_somebody() -> StringField:
    """Why something is done for somebody else, who reads it."""
    return StringField(
        _l("Why you do it"),
        [
            InputRequired(_l("Say why you do it: the person reads it.")),
            Length(max=300, message=_l("That is longer than 300 characters.")),
            no_control_characters,
        ],
        description=_l("The person gets a mail with it, and it stays in the record."),
    )


def current_password(label: Any = None) -> PasswordField:
    return PasswordField(
        label or _l("Password"),
        [InputRequired(_l("Type your password.")), Length(max=MOST_PASSWORD, message=_l("That is too long."))],
        render_kw={"autocomplete": "current-password"},
    )


def new_password() -> PasswordField:
    return PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Type the password you want.")),
            Length(max=MOST_PASSWORD, message=_l("That is longer than 1024 characters. Take a shorter one.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def new_password_again() -> PasswordField:
    return PasswordField(
        _l("The same once more"),
        [
            InputRequired(_l("Type it once more, so that a slip does not lock you out.")),
            EqualTo("new_password", _l("The two are not the same. Type both again.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def code(label: Any, **render: str) -> StringField:
    return StringField(
        label,
        [InputRequired(_l("Type the code.")), Length(max=64, message=_l("That is too long for a code."))],
        render_kw={"autocapitalize": "none", "spellcheck": "false", **render},
    )


def decision_reason(label: Any, missing: Any) -> TextAreaField:
    """Why somebody decided as he did: never left out, and read by others than the one it is about."""
    return TextAreaField(
        label,
        [InputRequired(missing), Length(max=2000, message=_l("That is longer than 2000 characters."))],
        description=_l("The requester and the auditors read it."),
        render_kw={"rows": 3},
    )
