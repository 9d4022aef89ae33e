"""The queue: filters that are addresses, views with a name, and steps with several tickets at once."""

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import Connection, func, select
from wtforms import SearchField, SelectField
from wtforms.validators import Length

from portal.identity import OPERATORS
from portal.tables import ticket_note
from portal.tickets.desk_views import views
from portal.tickets.on_duty import colleague_choices, on_duty
from portal.tickets.queue import MOST, Place, Wanted
from portal.tickets.queue_words import PRIORITY_WORDS, kinds_of_wishes, queue_words
from portal.tickets.ticket import FIRST, SECOND
from portal.tickets.words import ticket_line
from portal.views import me, parts
from portal.views.guards import for_staff
from portal.views.handover import handed_over

SIZE = 50
ALL = Wanted()
USUAL: tuple[tuple[Any, Wanted], ...] = (
    (_l("All open"), ALL),
    (_l("Nobody’s"), Wanted(assignee="nobody")),
    (_l("Mine"), Wanted(assignee="me")),
    (_l("Late"), Wanted(due="late")),
    (_l("Second tier"), Wanted(queue=SECOND)),
    (_l("Closed"), Wanted(state="closed")),
)


class FilterForm(FlaskForm):
    """Sent by GET, so that a filter can be kept and passed on as an address. It changes nothing."""

    class Meta:
        csrf = False

    q = SearchField(_l("Number or words"), [Length(max=200)])
    requester = SearchField(_l("Person"), [Length(max=200)])
    state = SelectField(_l("State"), choices=[("", _l("Open")), ("closed", _l("Closed"))])
    assignee = SelectField(
        _l("Taken by"),
        choices=[
            ("", _l("Anybody or nobody")),
            ("me", _l("Me")),
            ("nobody", _l("Nobody")),
            ("someone", _l("Somebody")),
        ],
    )
    due = SelectField(_l("Due"), choices=[("", _l("Any time")), ("late", _l("Late")), ("soon", _l("Within 2 hours"))])
    priority = SelectField(_l("Priority"))
    queue = SelectField(_l("Queue"))
    action = SelectField(_l("Kind"))

    @classmethod
    def filled(cls, wanted: Wanted) -> "FilterForm":
        form = cls(formdata=None, data={name: getattr(wanted, name) for name in wanted.__dataclass_fields__})
        form.state.data = "" if wanted.is_open else "closed"
        form.priority.choices = [("", _l("Any")), *PRIORITY_WORDS.items()]
        form.queue.choices = [("", _l("Every queue")), *queue_choices()]
        form.action.choices = [("", _l("Every kind")), *kinds_of_wishes()]
        return form


def queue_choices(*, but: str = "") -> list[tuple[str, str]]:
    """The queues a ticket can be in, with what they are called."""
    desk = parts().settings.desk
    return [(name, queue_words(name, desk)) for name in parts().service_desk.handing.queues if name != but]


@views.get("")
@for_staff
def index() -> ResponseReturnValue:
    parts().service_desk.colleagues.seen(me())
    with parts().database.read() as db:
        saved = parts().service_desk.saved_views.of(db, me().account_id)
        if not request.args and (first := next((view for view in saved if view.first), None)):
            return redirect(address(first.wanted))
        wanted = Wanted.read(request.args)
        found = _found(db, wanted)
        mark = _mark(db, wanted)
        colleagues, now_there = colleague_choices(db), on_duty(db)
        left = handed_over(db)
    current = next((view for view in saved if view.wanted == wanted), None)
    return render_template(
        "tickets/desk_index.html",
        **found,
        **left,
        live_mark=mark,
        live_url=_now_url(wanted),
        filter_form=FilterForm.filled(wanted),
        filtered=bool(wanted.filters) and wanted not in (usual for _name, usual in USUAL),
        saved=current,
        filters=wanted.filters,
        colleagues=colleagues,
        on_duty=", ".join(dict.fromkeys(now_there.values())),
        queues=queue_choices(),
        copies_url=url_for("copies.index") if parts().copies.system and me().roles & OPERATORS else None,
    )


@views.get("/now")
@for_staff
def now() -> ResponseReturnValue:
    """The list alone, for a page that asks by itself; nothing but a number where nothing has changed."""
    session.seen = None  # type: ignore[attr-defined] # who only has the page open is not there
    wanted = Wanted.read(request.args)
    with parts().database.read() as db:
        mark = _mark(db, wanted)
        if request.headers.get("If-None-Match") == mark:
            return Response(status=304, headers={"ETag": mark})
        found = _found(db, wanted)
    answer = jsonify(html=render_template("tickets/queue_now.html", **found), words=found["words"])
    answer.headers["ETag"] = mark
    return answer


def address(wanted: Wanted, **more: Any) -> str:
    """Where a filter leads. Everything open says so: the bare address is for what somebody wants to see first."""
    values: dict[str, Any] = {**(wanted.filters or {"state": "open"}), **more}
    return url_for("desk.index", **values)


def _now_url(wanted: Wanted) -> str:
    place = {name: request.args[name] for name in ("after", "before") if name in request.args}
    values: dict[str, Any] = {**wanted.filters, **place}
    return url_for(".now", **values)


def _mark(db: Connection, wanted: Wanted) -> str:
    """Changes with everything that happens to any ticket, and when one becomes late."""
    newest = db.execute(select(func.max(ticket_note.c.id))).scalar() or 0
    late = parts().service_desk.queue.count(db, Wanted(due="late"), me().account_id)
    return f'"{newest}-{late}-{parts().keys.digest("queue", repr((wanted, me().language)))[:8]}"'


def _found(db: Connection, wanted: Wanted) -> dict[str, Any]:
    """The views with their counts, and one page of tickets."""
    queue, mine = parts().service_desk.queue, me().account_id
    after, before = request.args.get("after", ""), request.args.get("before", "")
    place = Place.read(before or after, before=bool(before))
    page = queue.page(db, wanted, mine, place=place, size=SIZE)
    saved = parts().service_desk.saved_views.of(db, mine)
    fields = [(queue_words(name, parts().settings.desk), Wanted(queue=name)) for name in _my_queues()]
    usual = [(str(name), one) for name, one in USUAL]
    named = [*usual[:-1], *fields, usual[-1], *((view.name, view.wanted) for view in saved)]
    counts = {one: queue.count(db, one, mine) for _name, one in named if one.is_open}
    moment, desk = parts().clock(), parts().settings.desk
    lines = []
    for each in page.tickets:
        line = ticket_line(each, url_for(".ticket", number=each.number), moment, desk=True)
        workable = each.is_open and each.stage is None and each.requester_id != mine
        lines.append(
            replace(
                line,
                pick=f"{each.number}:{each.version}" if workable else "",
                priority=each.priority,
                queue=queue_words(each.queue, desk) if each.queue != FIRST else "",
            )
        )
    open_count, late_count = counts[ALL], counts[Wanted(due="late")]
    return {
        "open_count": open_count,
        "words": _("%(open)s open, %(late)s late", open=bounded(open_count), late=bounded(late_count)),
        "views": [(name, address(one), bounded(counts.get(one)), one == wanted) for name, one in named],
        "tickets": lines,
        "newer_url": address(wanted, before=page.newer) if page.newer else None,
        "older_url": address(wanted, after=page.older) if page.older else None,
    }


def _my_queues() -> list[str]:
    """Those of the fields that the reader knows."""
    return [f"{SECOND}/{name}" for name in me().fields]


def bounded(count: int | None) -> str:
    """Nobody needs more than that there are very many; what is not counted says nothing."""
    return "" if count is None else f"{MOST}+" if count > MOST else str(count)
