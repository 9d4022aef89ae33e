"""What every page of a proof shows, and what becomes of an answer: on the way back in, at sign-in, for an address."""

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from connectors.errors import ConnectorError
from portal.post import masked
from portal.sign_in.prover import CannotCheck, Proved, TooMany, Wrong
from portal.sign_in.walks import Walk
from portal.views import parts, source
from portal.web.errors import TryLater

HINTS = {
    "mailed_code": _l("To the private address you gave us"),
    "totp": _l("The six digits it shows right now"),
    "recovery_code": _l("From the sheet you printed"),
}
CHOICES = {
    "mailed_code": _l("A code by e-mail"),
    "totp": _l("My authenticator app"),
    "recovery_code": _l("A recovery code on paper"),
}


class ChooseForm(FlaskForm):
    factor = RadioField(_l("Proof"), validators=[InputRequired(_l("Choose one of them."))])


def proved(walk: Walk, factor: str, form: Any) -> Walk | None:
    """The walk with this proof in it; None leaves a mistake in the form. Raises TryLater."""
    match parts().prover.prove(walk, factor, form.code.data, source=source()):
        case Proved(further):
            return further
        case TooMany(again_at):
            raise TryLater(429, again_at)
        case CannotCheck():
            raise TryLater(503)
        case Wrong(left):
            say_wrong(form, left)
    return None


def say_wrong(form: Any, left: int) -> None:
    """One sentence for every kind of wrong, whether or not there is such an account or factor."""
    tries = ngettext("You have %(num)d try left.", "You have %(num)d tries left.", left)
    form.code.errors = [*form.code.errors, _("That code is wrong or too old. Check the newest one.") + " " + tries]
    form.code.data = ""


def factor_page(
    walk: Walk, factor: str, form: Any, *, step: int = 0, steps: int | None = None, none_url: str | None = None
) -> str:
    """The page of one proof among others; the blueprint has `again` and `choose`."""
    context: dict[str, Any] = {}
    if factor == "mailed_code":
        context = {"valid_until": code_end(), "again_url": url_for(".again", factor=factor), "masked": masked_of(walk)}
    return render_template(
        f"factors/{factor}.html",
        form=form,
        factor=factor,
        step=step,
        steps=steps,
        other_url=url_for(".choose"),
        none_url=none_url,
        **context,
    )


def address_page(walk: Walk, form: Any, *, again_url: str, other_url: str) -> str:
    """The page for the code from an address that somebody wants to use."""
    return render_template(
        "account/prove_address.html",
        form=form,
        factor="mailed_code",
        address=walk.claim,
        valid_until=code_end(),
        again_url=again_url,
        other_url=other_url,
        none_url=None,
        steps=None,
    )


def code_end() -> datetime:
    """Until when a code asked for now works."""
    return parts().clock() + timedelta(minutes=parts().settings.recovery.code_minutes)


def masked_of(walk: Walk) -> str | None:
    """The address in parts, for somebody who has proved something else already (never for a stranger)."""
    if not walk.proofs or not walk.known:
        return None
    try:
        account = parts().accounts.read(walk.account_id or "")
    except ConnectorError:
        return None
    return ", ".join(masked(a) for a in account.recovery_mail) or None
