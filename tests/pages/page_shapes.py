"""Forms and small objects the example pages share, with the field names the portal uses."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from page_app import NOBODY, Person
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)

from portal.web import forms

Context = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """A page's template, who looks at it, its context (made inside a request), and what was posted before."""

    name: str
    template: str
    context: Callable[[], Context]
    who: Person = NOBODY
    posted: tuple[tuple[str, str], ...] = ()


class Identify(FlaskForm):
    login = forms.login_name()


class Choose(FlaskForm):
    factor = RadioField(
        "How do you want to prove it is you?",
        choices=[
            ("mailed_code", "A code by e-mail"),
            ("totp", "My authenticator app"),
            ("recovery_code", "A recovery code on paper"),
        ],
        default="mailed_code",
    )


class Which(FlaskForm):
    account = RadioField("Account", choices=[("staff:1", "Staff"), ("students:2", "Students")])


class Code(FlaskForm):
    code = forms.code("Six-digit code", autocomplete="one-time-code", inputmode="numeric")


class Password(FlaskForm):
    password = forms.current_password()


class NewPassword(FlaskForm):
    new_password = forms.new_password()
    new_password_again = forms.new_password_again()


class ExpiredPassword(NewPassword):
    password = forms.current_password("Old password")


class Stuck(FlaskForm):
    text = TextAreaField("What happened?", description="No passwords or codes, please.")
    address = EmailField("Where do we reach you?", description="A mail address or number that works now.")


class Address(FlaskForm):
    address = EmailField("Mail address")


class SignIn(Identify):
    password = forms.current_password()


class Note(FlaskForm):
    text = TextAreaField("Your message", description="No passwords or codes, please.")


class Why(FlaskForm):
    reason = forms.why_for_somebody()


class DeskNote(FlaskForm):
    text = TextAreaField("Note")
    shown = BooleanField("The requester may read it")


class Decide(FlaskForm):
    until = DateField("Approve until")
    reason = TextAreaField("Reason", description="The requester and the auditors read it.")


class Approve(FlaskForm):
    version = HiddenField()
    until = DateField("Until when?", description="You may choose an earlier day.")
    reason = TextAreaField("Your reason")


class Away(FlaskForm):
    substitute = StringField("Who decides meanwhile?", description="Their user name or address.")
    first = DateField("First day away")
    last = DateField("Last day away")


class Extend(FlaskForm):
    choice = RadioField(
        "Until when?",
        choices=[
            ("2026-04-30", "Thursday 30 April 2026"),
            ("2026-09-30", "Wednesday 30 September 2026"),
            ("other", "Another date"),
        ],
    )
    until = DateField("Another date", description="From Wednesday 1 April to Wednesday 30 September 2026.")
    reason = TextAreaField("Why do you need it?", description="One sentence is enough.")


class Find(FlaskForm):
    claim = StringField("User name or address")


class AddTotp(Code):
    title = StringField("Name of the phone")


class Rename(FlaskForm):
    title = StringField("Name")


class AnythingElse(FlaskForm):
    subject = StringField("What is it about?")
    text = TextAreaField("What do you need?", description="No passwords or codes, please.")


class ChangePassword(NewPassword):
    password = forms.current_password("The password you have now")


def said_no(form: FlaskForm) -> FlaskForm:
    """The form after it was refused, though with a good token, which an example has not."""
    form.validate_on_submit()
    form.csrf_token.errors = ()
    return form


def rule(text: str, state: str, check: str | None, value: Any = None, words: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(text=text, state=state, check=check, value=value, words=words)


RULES = [
    rule("12 characters or more", "done", "min_length", 12),
    rule("no part of your name or user name", "todo", "differs_from", ["aliceb", "Alice", "Berg"]),
    rule("none of your last five passwords", "no", None, words="used before"),
    rule("not on a list of leaked passwords", "todo", None),
]
