"""Somebody else decides while I am away: who, and on which days."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from portal.views import me, parts
from portal.views.approvals import views
from portal.views.colleague import named


class AwayForm(FlaskForm):
    substitute = StringField(
        _l("Who decides meanwhile?"),
        [InputRequired(_l("Name somebody.")), Length(max=256, message=_l("That is longer than 256 characters."))],
        description=_l("Their user name or address. They get the mails and may decide, but not about themselves."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    first = DateField(_l("First day away"), [InputRequired(_l("Choose a date."))])
    last = DateField(_l("Last day away"), [InputRequired(_l("Choose a date."))])

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.last.data < max(parts().today(), self.first.data):
            self.last.errors = [_l("Choose a day that is not over, and not before the first.")]
            return False
        return True


@views.route("/away", methods=["GET", "POST"])
@login_required
def away() -> ResponseReturnValue:
    form = AwayForm(first=parts().today())
    if form.validate_on_submit() and (substitute := named(form.substitute, me().account_id)):
        parts().absences.name(me(), substitute, form.first.data, form.last.data)
        return redirect(url_for(".away"))
    with parts().database.read() as db:
        now = parts().absences.of(db, me().account_id)
    return render_template("approvals/away.html", form=form, absence=now, end_url=url_for(".back")), (
        422 if form.errors else 200
    )


@views.post("/away/end")
@login_required
def back() -> ResponseReturnValue:
    parts().absences.end(me())
    return redirect(url_for(".away"))
