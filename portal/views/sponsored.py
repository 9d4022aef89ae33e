"""For whom I answer: a list over all directories, more time for several at once, or the word that they are to end.

Nothing is written before a page has shown the old and the new end of each. Then each goes through the desk on its own.
"""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from connectors.account import Account
from portal.action import Action
from portal.actions.extend_account import ExtendAccount
from portal.actions.let_lapse import LetLapse
from portal.extending.sponsored import lately
from portal.views import me, parts
from portal.views.account import state_words
from portal.views.own import is_proved
from portal.views.seen import list_seen
from portal.views.sign_in import needs_fresh_proof
from portal.views.sponsored_forms import PlanForm, SureForm
from portal.views.sponsored_lines import carried_out, lines_for, taken_back

views = Blueprint("sponsored", __name__, url_prefix="/sponsored")
PER_PAGE = 100
SOON = 60  # days
UNDO = timedelta(hours=24)
WISHES: dict[str, type[Action]] = {"extend": ExtendAccount, "lapse": LetLapse}


@views.route("", methods=["GET", "POST"])
@login_required
def index() -> ResponseReturnValue:
    form = PlanForm()
    decision = request.form.get("decision", "")
    if form.is_submitted():
        if decision not in _offered():
            abort(400)
        if not is_proved(WISHES[decision]):
            return needs_fresh_proof()
        if form.fits(decision, parts().today()):
            return _plan(form, decision)
    return _list(form), 422 if form.errors else 200


@views.post("/sure")
@login_required
def sure() -> ResponseReturnValue:
    """What the page before has shown, and nothing else."""
    form = SureForm()
    if form.decision.data not in _offered() or not form.validate() or not form.shown:
        abort(400)
    if not is_proved(WISHES[form.decision.data]):
        return needs_fresh_proof()
    lines = carried_out(form)
    return render_template("sponsored/done.html", lines=lines, lapse=form.decision.data == "lapse")


@views.post("/undo")
@login_required
def undo() -> ResponseReturnValue:
    """Only what this person did, lately, and has not taken back already; whatever else is named counts for nothing."""
    named = set(request.form.getlist("attempt"))
    with parts().database.read() as db:
        found = [one for one in lately(db, me().account_id, parts().clock() - UNDO) if one.attempt in named]
    if not found:
        abort(404)
    return render_template("sponsored/done.html", lines=taken_back(found), lapse=False)


def _offered() -> list[str]:
    return [name for name, wish in WISHES.items() if parts().desk.offers(wish)]


def _list(form: PlanForm) -> str:
    found = parts().sponsors.people_of(parts().accounts.read(me().account_id))
    people = sorted(found.people, key=lambda one: (one.state.ends_on or date.max, one.name, one.id))
    view, number = request.args.get("view", "all"), request.args.get("page", 1, type=int)
    spans = {"all": people, "soon": _soon(people), "ended": [one for one in people if one.state.ended]}
    if view not in spans or number < 1:
        abort(404)
    list_seen("those one answers for")
    here = spans[view][(number - 1) * PER_PAGE : number * PER_PAGE]
    titles = {"all": _("All"), "soon": _("Soon"), "ended": _("Ended")}
    with parts().database.read() as db:
        lapsing = parts().lapses.among(db, here)
        wishes = {t.account_id: t.number for t in parts().tickets.waiting_for(db, me().account_id)}
        reviews = parts().duty.reviews.of(db, me().account_id)
        undoable = {one.account_id: one for one in reversed(lately(db, me().account_id, parts().clock() - UNDO))}
    more = len(spans[view]) > number * PER_PAGE
    return render_template(
        "sponsored/index.html",
        form=form,
        offered=_offered(),
        people=[_row(one, lapsing, wishes) for one in here],
        chosen=set(request.form.getlist("person")) or ({one.id for one in here} if "every" in request.args else set()),
        every_url=url_for(".index", view=view, page=number, every=1),
        count=len(people),
        views=[(titles[name], url_for(".index", view=name), len(who), name == view) for name, who in spans.items()],
        newer_url=url_for(".index", view=view, page=number - 1) if number > 1 else None,
        older_url=url_for(".index", view=view, page=number + 1) if more else None,
        silent=found.silent,
        undoable=[one for one in people if one.id in undoable],
        review_count=sum(one.state == "asked" for one in reviews),
        attempts=[undoable[one.id].attempt for one in people if one.id in undoable],
    )


def _plan(form: PlanForm, decision: str) -> ResponseReturnValue:
    """Everything as it would be; the next step is allowed to do exactly this."""
    lines = lines_for(form, decision)
    return render_template(
        "sponsored/plan.html",
        form=SureForm.of(form, decision),
        fits=[line for line in lines if not line.why],
        misfits=[line for line in lines if line.why],
        lapse=decision == "lapse",
        until=form.until.data,
        reason=form.reason.data,
    )


def _soon(people: list[Account]) -> list[Account]:
    last = parts().today() + timedelta(days=SOON)
    return [one for one in people if one.state.ends_on and parts().today() <= one.state.ends_on <= last]


def _row(account: Account, lapsing: frozenset[str], wishes: dict[str | None, int]) -> dict[str, Any]:
    number = wishes.get(account.id)
    return {
        "account": account,
        "left": _left(account.state.ends_on),
        "state": state_words(account.state),
        "lapses": account.id in lapsing,
        "wish_url": url_for("approvals.one", number=number) if number else None,
    }


def _left(ends_on: date | None) -> str:
    if ends_on is None:
        return str(_("no end"))
    days = (ends_on - parts().today()).days
    if days < 0:
        return str(ngettext("%(num)d day ago", "%(num)d days ago", -days))
    return str(ngettext("%(num)d day left", "%(num)d days left", days))
