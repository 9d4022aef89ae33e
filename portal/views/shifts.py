"""The shift plan: a week, who is on duty now, hours nobody covers, swaps, and one's own turns as a calendar."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from portal.duty.icalendar import calendar
from portal.duty.plan import Gap, Turn
from portal.duty.shifts import QUEUES
from portal.duty.swaps import State, SwapPast
from portal.tickets.on_duty import on_duty_by_field
from portal.tickets.queue_words import TIERS, queue_words
from portal.views import me, parts
from portal.views.guards import for_staff
from portal.views.handover import handed_over
from portal.views.shift_forms import hours, span
from portal.web.pages import day

views = Blueprint("shifts", __name__, url_prefix="/desk/shifts")
WEEK = timedelta(days=7)
FURTHEST = timedelta(days=366)
CALENDAR_BACK, CALENDAR_AHEAD = timedelta(days=28), timedelta(days=183)
MOST_GAPS = 8  # lines on the page; the weeks show them all
ANSWERS: dict[str, State] = {"agree": "agreed", "decline": "declined", "withdraw": "withdrawn"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One turn, or one gap, as a row."""

    hours: str
    queue: str
    name: str
    state: str = ""
    words: str = ""
    url: str = ""


@views.get("")
@for_staff
def index() -> ResponseReturnValue:
    today = parts().today()
    wanted = request.args.get("week", today, type=date.fromisoformat)
    if abs(wanted - today) > FURTHEST:
        abort(404)
    monday = wanted - timedelta(days=wanted.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    with parts().database.read() as db:
        found = [turn for queue in QUEUES for turn in parts().duty.shifts.turns(db, queue, days[0], days[-1])]
        gaps = list(parts().duty.shifts.gaps(db, parts().settings.shifts.gap_days))
        duty = [(str(TIERS[q]), _on_duty(parts().duty.shifts.on_duty(db, q))) for q in QUEUES]
        duty += [(queue_words(q, parts().settings.desk), ", ".join(who)) for q, who in on_duty_by_field(db).items()]
        swaps = _swaps(db)
        left = handed_over(db)
    return render_template(
        "desk/shifts.html",
        **left,
        days=[(one, one == today, _lines(one, found, gaps)) for one in days],
        monday=monday,
        duty=[(queue, who) for queue, who in duty if who],
        planned=bool(found),
        gaps=[(str(TIERS[gap.queue]), day(gap.starts), hours(gap)) for gap in gaps[:MOST_GAPS]],
        gap_count=len(gaps),
        gap_days=parts().settings.shifts.gap_days,
        swaps=swaps,
        earlier_url=url_for(".index", week=(monday - WEEK).isoformat()),
        now_url=url_for(".index") if not monday <= today < monday + WEEK else None,
        later_url=url_for(".index", week=(monday + WEEK).isoformat()),
        plan_url=url_for("shift_plan.plan") if "supervisor" in me().roles else None,
        absences_url=url_for("shift_plan.absences"),
        calendar_url=parts().links.shifts(me().account_id),
    )


@views.post("/swaps/<key>")
@for_staff
def answer(key: str) -> ResponseReturnValue:
    """A second click, or one that came too late, finds the plan as it is by now."""
    decision = request.form.get("decision", "")
    if decision not in ANSWERS:
        abort(400)
    try:
        parts().duty.swaps.answer(me(), key, ANSWERS[decision])
    except SwapPast:
        return render_template("desk/shift_past.html"), 409
    return redirect(url_for(".index"))


@views.get("/calendar/<token>.ics")
def subscribed(token: str) -> ResponseReturnValue:
    """For programs that cannot sign in; whoever has left the plan gets an empty one."""
    account_id = parts().links.shifts_of(token)
    if account_id is None:
        abort(404)
    today = parts().today()
    with parts().database.read() as db:
        mine = parts().duty.shifts.of(db, account_id, today - CALENDAR_BACK, today + CALENDAR_AHEAD)
    lines = ((turn, str(TIERS[turn.queue])) for turn in mine)
    text = calendar(_("Shifts"), urlsplit(parts().settings.base).hostname or "", lines, parts().clock())
    return Response(text, mimetype="text/calendar", headers={"Content-Disposition": "inline; filename=shifts.ics"})


def _lines(one: date, found: list[Turn], gaps: list[Gap]) -> list[Line]:
    """What begins on that day, by time; gaps among the turns."""
    lines = [(turn.starts, _line(turn)) for turn in found if turn.day == one]
    lines += [
        (gap.starts, Line(hours=hours(gap), queue=str(TIERS[gap.queue]), name="", state="no", words=_("Nobody")))
        for gap in gaps
        if gap.starts.astimezone(parts().due.hours(gap.queue).zone).date() == one
    ]
    return [line for _starts, line in sorted(lines, key=lambda pair: pair[0])]


def _line(turn: Turn) -> Line:
    state, words = "", ""
    if turn.account_id and turn.starts <= parts().clock() < turn.ends:
        state, words = "done", _("On duty now")
    elif turn.planned:
        words = _("in place of %(name)s", name=turn.planned)
        state = "wait" if turn.account_id else "no"
        words = words if turn.account_id else _("%(name)s is not there", name=turn.planned)
    mine = turn.account_id == me().account_id
    changes = turn.ends > parts().clock() and ("supervisor" in me().roles or mine)
    return Line(
        hours=hours(turn),
        queue=str(TIERS[turn.queue]),
        name=turn.name,
        state=state,
        words=words,
        url=url_for("shift_plan.turn", shift=turn.shift, day=turn.day.isoformat()) if changes else "",
    )


def _on_duty(turns: list[Turn]) -> str:
    return ", ".join(_("%(name)s, %(hours)s", name=turn.name, hours=hours(turn)) for turn in turns)


def _swaps(db: Connection) -> list[dict[str, Any]]:
    """Questions with the buttons that answer them."""
    found = []
    for swap in parts().duty.swaps.waiting(db, me().account_id):
        turn, back = span(swap.turn), span(swap.back) if swap.back else ""
        asked = swap.asked_id == me().account_id
        if asked and back:
            text = _("%(name)s asks you to take %(turn)s, and takes %(back)s", name=swap.asker, turn=turn, back=back)
        elif asked:
            text = _("%(name)s asks you to take %(turn)s", name=swap.asker, turn=turn)
        else:
            text = _("You have asked %(name)s to take %(turn)s", name=swap.asked, turn=turn)
        found.append({"text": text, "asked": asked, "url": url_for(".answer", key=swap.id)})
    return found
