"""Who is told of an end, and when: for those who look after it, and a switch for administrators."""

from datetime import date, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from connectors.errors import ConnectorError
from portal.extending.notices import AHEAD, Held, Kind, Planned
from portal.views import me, parts
from portal.views.belonging import label_of
from portal.views.guards import for_operators
from portal.views.seen import list_seen

views = Blueprint("notices", __name__, url_prefix="/desk/notices")
MOST, MOST_SENT = 200, 20  # lines on the page; those sent are looked up one by one
FURTHEST = timedelta(days=366)
KINDS: dict[Kind, object] = {"account": _l("The account ends"), "password": _l("The password expires")}
STATES: dict[Held, tuple[str, object]] = {
    "": ("done", _l("Goes out")),
    "no_address": ("no", _l("No address on file")),
    "ceiling": ("wait", _l("Later: enough for one day")),
    "paused": ("wait", _l("Later: paused")),
}


@views.get("")
@for_operators
def index() -> ResponseReturnValue:
    today = parts().today()
    on = request.args.get("on", today, type=date.fromisoformat)
    if not today <= on <= today + FURTHEST:
        abort(404)
    plan = parts().notices.foreseen(on)
    if plan is None:  # the worker looks at the usual days by itself
        parts().notices.foresee(on)
        plan = parts().notices.foreseen(on)
    assert plan is not None  # noqa: S101 - it was just kept
    count, sent = parts().notices.sent(today, MOST_SENT)
    list_seen(f"is told on {on.isoformat()} of an end")
    settings = parts().settings.notices
    return render_template(
        "desk/notices.html",
        on=on,
        is_today=on == today,
        lines=[_line(one) for one in plan.lines[:MOST]],
        count=plan.count,
        made=plan.made,
        look_url=url_for(".look", on=on.isoformat()),
        most=MOST,
        silent=[label_of(name) for name in plan.silent],
        sent=count,
        told=[line for one in sent if (line := _told(*one))] if on == today else [],
        ceiling=settings.most_a_day,
        hour=settings.hour,
        paused=parts().notices.paused_since(),
        switch_url=url_for(".switch") if "admin" in me().roles else None,
        days=[(_name(n), url_for(".index", on=(today + timedelta(days=n)).isoformat()), on == today + timedelta(days=n))
              for n in AHEAD],
    )  # fmt: skip


@views.post("/look")
@for_operators
def look() -> ResponseReturnValue:
    """Ask the directories again."""
    today = parts().today()
    on = request.args.get("on", today, type=date.fromisoformat)
    if not today <= on <= today + FURTHEST:
        abort(404)
    parts().notices.foresee(on)
    return redirect(url_for(".index", on=on.isoformat()))


@views.post("")
@for_operators
def switch() -> ResponseReturnValue:
    decision = request.form.get("decision", "")
    if "admin" not in me().roles:
        abort(403)
    if decision not in ("pause", "go"):
        abort(400)
    parts().notices.pause(me(), on=decision == "pause")
    return redirect(url_for(".index"))


def _line(one: Planned) -> dict[str, object]:
    state, words = STATES[one.held]
    left = ngettext("%(num)d day left", "%(num)d days left", one.days_left) if one.days_left else _("today")
    return {"account": one.account, "kind": KINDS[one.kind], "ends_on": one.ends_on, "left": left,
            "state": state, "words": words}  # fmt: skip


def _told(kind: Kind, account_id: str, ends_on: date) -> dict[str, object] | None:
    """One that has gone out; None where nobody can say any more whose it was."""
    try:
        account = parts().accounts.read(account_id)
    except ConnectorError:
        return None
    return {"account": account, "kind": KINDS[kind], "ends_on": ends_on}


def _name(days: int) -> str:
    if days < 2:
        return str(_("Today") if days == 0 else _("Tomorrow"))
    return str(ngettext("In %(num)d day", "In %(num)d days", days))
