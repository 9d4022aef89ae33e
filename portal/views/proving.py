"""What every page of a proof shows, in the way back in and at sign-in alike."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from connectors.errors import ConnectorError
from portal.post import masked
from portal.views import parts
from portal.walks import Walk

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


def wrong_code(left: int) -> str:
    """One sentence for every kind of wrong, whether or not there is such an account or factor."""
    again_ = ngettext("You have %(num)d try left.", "You have %(num)d tries left.", left)
    return _("That code is wrong or too old. Check the newest one.") + " " + again_


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
