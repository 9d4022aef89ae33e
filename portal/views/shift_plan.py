"""Changing the shift plan: for those who plan, a new shift, one turn, absences; for everybody else their own turns."""

from datetime import date, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Field

from connectors.account import Account
from portal.duty.plan import Turn
from portal.duty.swaps import SwapPast
from portal.identity import roles_of
from portal.tickets.counter import QUEUE_ROLES
from portal.tickets.queue_words import TIERS
from portal.views import me, parts
from portal.views.colleague import named
from portal.views.guards import for_planners, for_staff
from portal.views.seen import list_seen
from portal.views.shift_forms import HandForm, PlanShiftForm, SomebodyAwayForm, SwapForm, span

views = Blueprint("shift_plan", __name__, url_prefix="/desk/shifts")
AHEAD = timedelta(days=21)  # turns of colleagues that are offered in return
ABSENT = timedelta(days=92)


@views.route("/new", methods=["GET", "POST"])
@for_planners
def plan() -> ResponseReturnValue:
    form = PlanShiftForm(first=parts().today(), weeks=1)
    if form.validate_on_submit() and (who := _colleague(form.login, form.queue.data)):
        parts().duty.shifts.plan(me(), who, form.shift(who.id, who.name), form.weekdays.data)
        return redirect(url_for("shifts.index", week=form.first.data.isoformat()))
    return render_template("desk/shift_new.html", form=form), 422 if form.errors else 200


@views.get("/<int(max=2147483647):shift>/<day>")
@for_staff
def turn(shift: int, day: str) -> ResponseReturnValue:
    found = _turn(shift, day)
    return _page(found, HandForm(formdata=None), SwapForm.among(_colleagues(found)))


@views.post("/<int(max=2147483647):shift>/<day>/swap")
@for_staff
def swap(shift: int, day: str) -> ResponseReturnValue:
    found = _turn(shift, day)
    colleagues = _colleagues(found)
    form = SwapForm.among(colleagues)
    if found.account_id != me().account_id:
        abort(403)
    if not form.validate_on_submit():
        return _page(found, HandForm(formdata=None), form, 422)
    colleague, back = form.chosen(colleagues)
    try:
        parts().duty.swaps.ask(me(), found, colleague, back)
    except SwapPast:
        return render_template("desk/shift_past.html"), 409
    return redirect(url_for("shifts.index"))


@views.post("/<int(max=2147483647):shift>/<day>/hand")
@for_planners
def hand(shift: int, day: str) -> ResponseReturnValue:
    """To somebody else, to nobody, or out of the plan from that day on."""
    found, form = _turn(shift, day), HandForm()
    decision = request.form.get("decision", "")
    if decision not in ("hand", "nobody", "stop"):
        abort(400)
    to = None
    if decision == "hand":
        to = _colleague(form.login, found.queue) if form.validate_on_submit() else None
        if to is None:
            return _page(found, form, SwapForm.among(_colleagues(found)), 422)
    if found.ends <= parts().clock():
        return render_template("desk/shift_past.html"), 409
    if decision == "stop":
        parts().duty.shifts.stop(me(), found)
    else:
        parts().duty.shifts.hand(me(), found, to)
    return redirect(url_for("shifts.index", week=found.day.isoformat()))


@views.route("/absences", methods=["GET", "POST"])
@for_staff
def absences() -> ResponseReturnValue:
    """Who is away and who stands in, for everybody at the desk; those who plan name it for others, too."""
    planner = "supervisor" in me().roles
    if request.method == "POST" and not planner:
        abort(403)
    form = SomebodyAwayForm(first=parts().today())
    if form.validate_on_submit() and (away := named(form.who)) and (substitute := named(form.substitute, away.id)):
        parts().absences.name(me(), substitute, form.first.data, form.last.data, away=away)
        return redirect(url_for(".absences"))
    today = parts().today()
    list_seen("those who are away")
    with parts().database.read() as db:
        found = parts().absences.between(db, today, today + ABSENT)
    return render_template("desk/absences.html", form=form if planner else None, absences=found, today=today), (
        422 if form.errors else 200
    )


@views.post("/absences/end")
@for_planners
def back() -> ResponseReturnValue:
    parts().absences.end(me(), request.form.get("account", ""))
    return redirect(url_for(".absences"))


def _page(found: Turn, hand: HandForm, swap: SwapForm, status: int = 200) -> ResponseReturnValue:
    mine = found.account_id == me().account_id and found.ends > parts().clock()
    shift, day = found.shift, found.day.isoformat()
    return render_template(
        "desk/shift.html",
        turn=found,
        when=span(found),
        queue=str(TIERS[found.queue]),
        swap_form=swap if mine and swap.wish.choices else None,
        alone=mine and not swap.wish.choices,
        hand_form=hand if "supervisor" in me().roles else None,
        swap_url=url_for(".swap", shift=shift, day=day),
        hand_url=url_for(".hand", shift=shift, day=day),
    ), status


def _turn(shift: int, day: str) -> Turn:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        abort(404)
    with parts().database.read() as db:
        found = parts().duty.shifts.turn(db, shift, on)
    if found is None:
        abort(404)
    return found


def _colleagues(turn: Turn) -> list[Turn]:
    """Turns to come of others in the same queue."""
    today = parts().today()
    with parts().database.read() as db:
        found = parts().duty.shifts.turns(db, turn.queue, today, today + AHEAD)
    return [one for one in found if one.account_id not in ("", turn.account_id) and one.starts > parts().clock()]


def _colleague(field: Field, queue: str) -> Account | None:
    """Somebody whose role lets him work on this queue; otherwise the field says so."""
    account = named(field)
    if account and not roles_of(account, parts().settings.roles) & QUEUE_ROLES[queue]:
        field.errors = [_l("This person may not work on that queue.")]
        return None
    return account
