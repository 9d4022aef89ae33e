"""The auto reply of my mailbox: write it, see it as others will, turn it off. Coordinators set one for the absent."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from connectors.account import Account
from connectors.errors import AccountNotFound
from connectors.mailbox import WEEK, AutoReply, SetsAutoReply
from portal.actions.remove_auto_reply import RemoveAutoReply
from portal.actions.set_absence import SetAbsence
from portal.actions.set_auto_reply import SetAutoReply
from portal.mailboxes.mailbox import last_day
from portal.results import Denied
from portal.views import me, parts
from portal.views.answers import result_page
from portal.views.guards import for_staff
from portal.views.mailbox import answer, mine, sure
from portal.views.own import is_proved, offered
from portal.views.people import views as people_views
from portal.views.sign_in import needs_fresh_proof
from portal.web.forms import no_control_characters, why_for_somebody

views = Blueprint("auto_reply", __name__, url_prefix="/mailbox/auto-reply")
SAME, OTHER, NONE = "same", "other", "none"
MOST_CHARACTERS = 5000
PREVIEW = "preview"


class ReplyForm(FlaskForm):
    starts = DateField(_l("First day"), [Optional()], description=_l("Leave it empty to begin now."))
    ends = DateField(_l("Last day"), [Optional()], description=_l("From the next day on nothing is answered any more."))
    subject = StringField(
        _l("Subject"),
        [Length(max=200, message=_l("That is longer than 200 characters.")), no_control_characters],
        description=_l("Empty: “Auto:” and the subject of the mail that came."),
    )
    text = TextAreaField(
        _l("Text"),
        [
            InputRequired(_l("Write what people get as an answer.")),
            Length(max=MOST_CHARACTERS, message=_l("That is longer than 5000 characters.")),
        ],
        description=_l("Say when you are back and who helps meanwhile. Mailing lists get no answer."),
        render_kw={"rows": 6},
    )
    outside = RadioField(
        _l("People outside the organisation"),
        choices=[(SAME, _l("get the same text")), (OTHER, _l("get another text")), (NONE, _l("get no answer"))],
        default=SAME,
    )
    outside_text = TextAreaField(
        _l("Text for people outside"),
        [Length(max=MOST_CHARACTERS, message=_l("That is longer than 5000 characters."))],
        render_kw={"rows": 4},
    )
    days = SelectField(
        _l("The same person gets it once"),
        choices=[(1, _l("a day")), (3, _l("in 3 days")), (WEEK, _l("in 7 days")), (14, _l("in 14 days"))],
        coerce=int,
        default=WEEK,
    )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not valid:
            return False
        starts, ends = self.starts.data, self.ends.data
        if ends and ends < (starts or parts().today()):
            self.ends.errors = [_("The last day is before the first.") if starts else _("That day is over.")]
            return False
        if "outside" in self and self.outside.data == OTHER and not (self.outside_text.data or "").strip():
            self.outside_text.errors = [_("Write the text for people outside, or choose that they get the same.")]
            return False
        return True


class AbsenceForm(ReplyForm):
    reason = why_for_somebody()


@views.route("", methods=["GET", "POST"])
@login_required
def change() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    seen = mine(account)
    if not offered(SetAutoReply, account):
        abort(404)
    if not is_proved(SetAutoReply):
        return needs_fresh_proof()
    form = _fitting(ReplyForm(data=_filled(seen.mailbox.auto_reply)), account)
    if form.validate_on_submit() and not _wants_preview():
        return answer(parts().desk.submit(me(), SetAutoReply(account_id=account.id, **_values(form)), account))
    return _page(form, account, title=_("Auto reply"), cancel_url=url_for("mailbox.index"))


@views.route("/off", methods=["GET", "POST"])
@login_required
def remove() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    reply = mine(account).mailbox.auto_reply
    if reply is None or not offered(RemoveAutoReply, account):
        abort(404)
    return sure(
        account,
        RemoveAutoReply(account_id=account.id),
        title=_("Turn the auto reply off?"),
        explanation=_("Nobody gets it from now on, and its text is removed."),
        facts=[(_("Subject"), reply.subject)] if reply.subject else [],
        submit=_("Turn it off"),
    )


@people_views.route("/<path:account_id>/absence", methods=["GET", "POST"])
@for_staff
def absence(account_id: str) -> ResponseReturnValue:
    """For somebody who is ill or gone. What was there before is not shown: it is that person's mail."""
    try:
        account = parts().accounts.read(account_id)
    except AccountNotFound:
        abort(404)
    if account.id == me().account_id or not offered(SetAbsence, account):
        abort(404)
    form = _fitting(AbsenceForm(), account)
    back = url_for("people.person", account_id=account.id)
    if form.validate_on_submit() and not _wants_preview():
        action = SetAbsence(account_id=account.id, reason=form.reason.data, done_by=me().name, **_values(form))
        result = parts().desk.submit(me(), action, account)
        if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
            return needs_fresh_proof()
        return result_page(
            result,
            account,
            title=_("The auto reply is set"),
            explanation=_("%(name)s gets a mail with your reason.", name=account.name),
            retry_url=back,
            onward=(_("Back to %(name)s", name=account.name), back),
        )
    return _page(form, account, title=_("Auto reply for %(name)s", name=account.name), cancel_url=back)


def _page(form: FlaskForm, account: Account, *, title: str, cancel_url: str) -> ResponseReturnValue:
    preview = None
    if form.is_submitted() and not form.errors and _wants_preview():
        preview = SetAutoReply(account_id=account.id, **_values(form)).reply()
    return render_template(
        "mailbox/auto_reply.html",
        form=form,
        title=title,
        address=account.mail or "",
        preview=preview,
        zone=parts().settings.time_zone,
        last=last_day(preview.ends, parts().settings.time_zone) if preview else None,
        cancel_url=cancel_url,
    ), 422 if form.errors else 200


def _fitting(form: FlaskForm, account: Account) -> Any:
    """Without what this person's mail system cannot do."""
    connector = parts().connectors.able_to(SetsAutoReply, account)
    if connector is None or not connector.parted:
        del form.outside, form.outside_text
    if connector is None or not (connector.parted and connector.paced):
        del form.days
    if connector is not None and not connector.titled:
        del form.subject
    return form


def _filled(reply: AutoReply | None) -> dict[str, Any]:
    if reply is None:
        return {}
    zone = parts().settings.time_zone
    starts = last_day(reply.starts, zone)
    return {
        "starts": date.fromordinal(starts.toordinal() + 1) if starts else None,
        "ends": last_day(reply.ends, zone),
        "subject": reply.subject,
        "text": reply.text,
        "outside": NONE if reply.inside_only else OTHER if reply.outside_text else SAME,
        "outside_text": reply.outside_text,
        "days": reply.days,
    }


def _values(form: Any) -> dict[str, Any]:
    outside = form.outside.data if "outside" in form else SAME
    return {
        "first_day": form.starts.data.isoformat() if form.starts.data else "",
        "last_day": form.ends.data.isoformat() if form.ends.data else "",
        "subject": (form.subject.data or "").strip() if "subject" in form else "",
        "text": form.text.data,
        "outside_text": form.outside_text.data if outside == OTHER else "",
        "inside_only": outside == NONE,
        "zone": parts().settings.time_zone,
        "days": form.days.data if "days" in form else WEEK,
    }


def _wants_preview() -> bool:
    return request.form.get("decision") == PREVIEW
