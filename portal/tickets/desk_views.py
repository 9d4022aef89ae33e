"""The service desk: the queue, and one ticket for who works on it."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.forms import decision_reason
from portal.identity import OPERATORS, STAFF
from portal.tickets.copy_words import copy_line
from portal.tickets.counter import NotAllowed
from portal.tickets.ticket import CLOSED, OPEN, AlreadyDecided, Ticket, TicketNotFound
from portal.tickets.words import fact_rows, note_line, reason_words, remedy_of, step_words, ticket_line
from portal.views import me, parts

views = Blueprint("desk", __name__, url_prefix="/desk")
PAGE = 50
LAST_PAGE = 100_000
VERSION = re.compile(r"[0-9]{1,9}")
P = ParamSpec("P")

VIEWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "open": (_l("Open"), OPEN),
    "unassigned": (_l("Taken by nobody"), ("open",)),
    "closed": (_l("Closed"), CLOSED),
}


class NoteForm(FlaskForm):
    text = TextAreaField(
        _l("Note"),
        [
            InputRequired(_l("Write something first.")),
            Length(max=4000, message=_l("That is longer than 4000 characters.")),
        ],
        render_kw={"rows": 3},
    )
    shown = BooleanField(_l("Show it to the requester and mail it"))


class DecideForm(FlaskForm):
    version = HiddenField()
    reason = decision_reason(
        _l("Reason, or what you did"), _l("Say why, or what you did: the requester and the auditors read it.")
    )


def for_staff(page: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Only for those who work on tickets; others are told so, strangers sign in."""

    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return redirect(url_for("sign_in.index", next=request.path))
        if not me().roles & STAFF:
            abort(403)
        return page(*args, **kwargs)

    return guarded


@views.get("")
@for_staff
def index() -> ResponseReturnValue:
    view = request.args.get("view", "open")
    if view not in VIEWS:
        abort(404)
    page = min(max(0, request.args.get("page", 0, type=int) or 0), LAST_PAGE)
    now = parts().clock()
    with parts().database.read() as db:
        counts = parts().tickets.counts(db)
        found = parts().tickets.queue(db, VIEWS[view][1], limit=PAGE + 1, offset=page * PAGE)
        late = sum(t.due < now for t in parts().tickets.queue(db, OPEN, limit=1000))
    lines = [ticket_line(t, url_for(".ticket", number=t.number), now, desk=True) for t in found[:PAGE]]
    tabs = [
        (str(title), url_for(".index", view=name), sum(counts.get(s, 0) for s in statuses), name == view)
        for name, (title, statuses) in VIEWS.items()
    ]
    return render_template(
        "tickets/desk_index.html",
        open_count=sum(counts.get(s, 0) for s in OPEN),
        late_count=late,
        views=tabs,
        filter_form=None,
        tickets=lines,
        next_due=None,
        newer_url=url_for(".index", view=view, page=page - 1) if page else None,
        older_url=url_for(".index", view=view, page=page + 1) if len(found) > PAGE else None,
        copies_url=url_for("copies.index") if parts().copies.system and me().roles & OPERATORS else None,
    )


@views.get("/tickets/<int:number>")
@for_staff
def ticket(number: int) -> ResponseReturnValue:
    found = _get(number)
    if found.stage is not None and found.is_open:
        return redirect(url_for("approvals.one", number=number))
    if found.requester_id != me().account_id:
        parts().counter.viewed(me(), found)
    return _page(found, NoteForm(formdata=None), None)


@views.post("/tickets/<int:number>/take/<int(max=999999999):version>")
@for_staff
def take(number: int, version: int) -> ResponseReturnValue:
    return _do(number, lambda: parts().counter.take(me(), number, version))


@views.post("/tickets/<int:number>/note")
@for_staff
def note(number: int) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate_on_submit():
        return _page(_get(number), form, None, status=422)
    return _do(number, lambda: parts().counter.note(me(), number, form.text.data, shown=form.shown.data))


@views.post("/tickets/<int:number>/decide")
@for_staff
def decide(number: int) -> ResponseReturnValue:
    form = DecideForm()
    decision = request.form.get("decision")
    if decision not in ("approve", "refuse") or not VERSION.fullmatch(form.version.data or ""):
        abort(400)
    if not form.validate_on_submit():
        return _page(_get(number), NoteForm(formdata=None), form, status=422)
    step = parts().counter.fulfil if decision == "approve" else parts().counter.refuse
    return _do(number, lambda: step(me(), number, int(form.version.data), form.reason.data))


def _do(number: int, step: Callable[[], None]) -> ResponseReturnValue:
    """Take one step; a second person who was too late is told what became of it."""
    try:
        step()
    except AlreadyDecided:
        return _page(_get(number), NoteForm(formdata=None), None, status=409, too_late=True)
    except NotAllowed:
        abort(403)
    except TicketNotFound:
        abort(404)
    return redirect(url_for(".ticket", number=number))


def _page(
    ticket: Ticket, note_form: NoteForm, decide_form: DecideForm | None, *, status: int = 200, too_late: bool = False
) -> ResponseReturnValue:
    with parts().database.read() as db:
        notes = parts().tickets.notes(db, ticket.number, all_of_them=True)
        copy = parts().copies.get(db, ticket.number)
    own = ticket.requester_id == me().account_id
    mine = ticket.taken_by == me().account_id
    if decide_form is None and ticket.is_open and not own:
        decide_form = DecideForm(formdata=None, version=str(ticket.version))
    number = ticket.number
    return render_template(
        "tickets/desk_ticket.html",
        ticket=ticket_line(ticket, request.path, parts().clock(), desk=True),
        mine=mine,
        claim=ticket.claim,
        proved=ticket.proved,
        text=ticket.text,
        reason=reason_words(ticket.reason),
        remedy=remedy_of(ticket.reason),
        steps=[step_words(step) for step in ticket.steps],
        facts=fact_rows(ticket, parts().clock()),
        events=[note_line(n, mine=False) for n in reversed(notes)],
        take_url=url_for(".take", number=number, version=ticket.version)
        if ticket.is_open and not mine and not own
        else None,
        note_form=note_form if ticket.is_open and not own else None,
        decide_form=decide_form if ticket.is_open and not own else None,
        cannot_decide=_("This is your own ticket. Somebody else decides it.") if own and ticket.is_open else "",
        fulfil=_("It is done"),
        note_url=url_for(".note", number=number),
        decide_url=url_for(".decide", number=number),
        too_late=too_late,
        copy=copy,
        copy_words=copy_line(copy, parts().settings) if copy else "",
    ), status


def _get(number: int) -> Ticket:
    try:
        with parts().database.read() as db:
            return parts().tickets.get(db, number)
    except TicketNotFound:
        abort(404)
