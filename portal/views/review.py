"""Does each of my people still need the account? Answered for several at once, as many as one likes today."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from connectors.account import Account
from connectors.errors import ConnectorError
from portal.actions.let_lapse import LetLapse
from portal.duty.reviews import ANSWERS, State
from portal.results import Done
from portal.views import me, parts
from portal.views.own import is_proved
from portal.views.seen import list_seen
from portal.views.sign_in import needs_fresh_proof
from portal.views.sponsored_forms import MOST

views = Blueprint("review", __name__, url_prefix="/sponsored/review")
STATES: dict[State, tuple[str, Any]] = {
    "asked": ("wait", _l("Not answered yet")),
    "kept": ("done", _l("Still needed")),
    "ends": ("done", _l("Needed no longer")),
    "silent": ("no", _l("Passed on to the service desk")),
}


class ReviewForm(FlaskForm):
    reason = TextAreaField(
        _l("Your reason, if they need it no longer"),
        [Length(max=1000, message=_l("That is longer than 1000 characters."))],
        description=_l("The people concerned and the auditors read it."),
        render_kw={"rows": 2},
    )

    def fits(self, decision: State, chosen: list[str]) -> bool:
        """Whether everything is there that this answer needs."""
        fine = self.validate()
        if not chosen:
            self.form_errors.append(_("Choose at least one person."))
        if decision == "ends" and not (self.reason.data or "").strip():
            self.reason.errors = [_("Say why: the people concerned and the auditors read it.")]
        return fine and not self.errors


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    return _page(ReviewForm(formdata=None), [])


@views.post("")
@login_required
def answer() -> ResponseReturnValue:
    form, decision = ReviewForm(), next((one for one in ANSWERS if one == request.form.get("decision")), None)
    chosen = list(dict.fromkeys(request.form.getlist("person")))[:MOST]
    if decision is None:
        abort(400)
    if not form.fits(decision, chosen):
        return _page(form, []), 422
    if decision == "ends" and parts().desk.offers(LetLapse) and not is_proved(LetLapse):
        return needs_fresh_proof()
    with parts().database.read() as db:
        asked = {one.account_id: one.name for one in parts().duty.reviews.of(db, me().account_id)}
    left = [asked[one] for one in chosen if one in asked and not _answered(one, decision, form.reason.data or "")]
    return _page(ReviewForm(formdata=None), left) if left else redirect(url_for(".index"))


def _answered(account_id: str, decision: State, reason: str) -> bool:
    """False where it could not be noted: somebody else answers for them now, or the directory did not tell."""
    try:
        account = parts().accounts.read(account_id)
        is_sponsor = parts().sponsors.answers_for(me().account_id, account)
        if not is_sponsor and not _stands_in(account):
            return False
    except ConnectorError:
        return False
    ends_on = account.state.ends_on
    # A substitute changes nothing at the account: without anybody's doing, its end stands.
    if decision == "ends" and ends_on and is_sponsor and parts().desk.offers(LetLapse):
        wish = LetLapse(account_id=account_id, ends_on=ends_on, reason=reason)
        if not isinstance(parts().desk.submit(me(), wish, account), Done):
            return False
    return parts().duty.reviews.answer(me(), account, decision)


def _stands_in(account: Account) -> bool:
    """Whether whoever answers for the account is away, and has named this person."""
    with parts().database.read() as db:
        sponsors = parts().absences.stood_in_for(db, me().account_id)
    return account.id != me().account_id and any(parts().sponsors.answers_for(one, account) for one in sponsors)


def _page(form: ReviewForm, left: list[str]) -> str:
    list_seen("those whose accounts are reviewed")
    with parts().database.read() as db:
        found = parts().duty.reviews.of(db, me().account_id)
    done = sum(one.state != "asked" for one in found)
    return render_template(
        "sponsored/review.html",
        form=form,
        people=[(one, *STATES[one.state]) for one in found],
        chosen=set(request.form.getlist("person")) if form.errors else set(),
        done=done,
        count=len(found),
        due=min((one.due for one in found if one.state == "asked"), default=None),
        left=left,
        months=parts().settings.reviews.months,
    )
