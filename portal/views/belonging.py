"""Which directory somebody belongs to: asked before a sign-in where the installation wishes, in words of its own."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import Optional

from portal.routing import within
from portal.views import parts
from portal.web.pages import in_language


def directory_field() -> RadioField:
    """A choice that may be left open; nobody needs to know how an organisation keeps its accounts."""
    return RadioField(_l("Where do you belong?"), [Optional()], choices=[], default="")


def ask_directory(form: Any) -> None:
    """Fill in the choice, or take it off the form of an installation that does not ask."""
    if not parts().settings.sign_in.ask_directory:
        del form.directory
        return
    form.directory.choices = [("", _l("I do not know"))] + [(d, label_of(d)) for d in parts().accounts.directories]


def claim_of(form: FlaskForm) -> str:
    """The name that was typed, said to belong where it was chosen to."""
    chosen = form.directory.data if "directory" in form else ""
    return within(chosen or "", form.login.data.strip())


def label_of(directory: str) -> str:
    """What people call it, in the page's language."""
    belonging = parts().accounts.directories.get(directory)
    return in_language(belonging.label) if belonging and belonging.label else directory
