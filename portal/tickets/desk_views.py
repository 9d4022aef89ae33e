"""One ticket, for who works on it: what is known, and notes and decisions."""

import re
from collections.abc import Callable

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.tickets.counter import NotAllowed
from portal.tickets.desk_forms import DecideForm, NoteForm
from portal.tickets.desk_page import Forms, ticket_page
from portal.tickets.reply_texts import filled_in
from portal.tickets.reply_words import places_of
from portal.tickets.ticket import AlreadyDecided, Ticket, TicketNotFound
from portal.views import me, parts
from portal.views.guards import for_staff

views = Blueprint("desk", __name__, url_prefix="/desk")
VERSION = re.compile(r"[0-9]{1,9}")
PICK = re.compile(r"([0-9]{1,10}):([0-9]{1,9})")  # a ticket, as it was shown


@views.get("/tickets/<int:number>")
@for_staff
def ticket(number: int) -> ResponseReturnValue:
    found = get_ticket(number)
    if found.stage is not None and found.is_open:
        return redirect(url_for("approvals.one", number=number))
    if found.requester_id != me().account_id:
        parts().counter.viewed(me(), found)
    return ticket_page(found)


@views.post("/tickets/<int:number>/take/<int(max=999999999):version>")
@for_staff
def take(number: int, version: int) -> ResponseReturnValue:
    return step(number, lambda: parts().counter.take(me(), number, version))


@views.post("/tickets/<int:number>/note")
@for_staff
def note(number: int) -> ResponseReturnValue:
    form = NoteForm()
    if request.form.get("insert"):
        return _inserted(get_ticket(number), form)
    if not form.validate_on_submit():
        return ticket_page(get_ticket(number), Forms(note=form), status=422)
    return step(number, lambda: parts().counter.note(me(), number, form.text.data, shown=form.shown.data))


def _inserted(ticket: Ticket, form: NoteForm) -> ResponseReturnValue:
    """The page again with a text filled in below what was typed. By POST: what was typed stands in no address."""
    with parts().database.read() as db:
        chosen = parts().service_desk.reply_texts.get(db, request.form.get("reply_text", ""))
    if chosen:
        text = filled_in(chosen.in_language(ticket.language), places_of(ticket, me(), parts().clock()))
        form.text.data = "\n\n".join(part for part in ((form.text.data or "").rstrip(), text) if part)
    return ticket_page(ticket, Forms(note=form))


@views.post("/tickets/<int:number>/decide")
@for_staff
def decide(number: int) -> ResponseReturnValue:
    form = DecideForm()
    decision = request.form.get("decision")
    if decision not in ("approve", "refuse"):
        abort(400)
    version = version_of(form)
    if not form.validate_on_submit():
        return ticket_page(get_ticket(number), Forms(decide=form), status=422)
    take_step = parts().counter.fulfil if decision == "approve" else parts().counter.refuse
    return step(number, lambda: take_step(me(), number, version, form.reason.data))


def version_of(form: DecideForm) -> int:
    """The version that was shown."""
    if not VERSION.fullmatch(form.version.data or ""):
        abort(400)
    return int(form.version.data)


def step(number: int, take_it: Callable[[], None]) -> ResponseReturnValue:
    """Take one step; a second person who was too late is told what became of it."""
    try:
        take_it()
    except AlreadyDecided:
        return ticket_page(get_ticket(number), status=409, too_late=True)
    except NotAllowed:
        abort(403)
    except TicketNotFound:
        abort(404)
    return redirect(url_for(".ticket", number=number))


def get_ticket(number: int) -> Ticket:
    try:
        with parts().database.read() as db:
            return parts().tickets.get(db, number)
    except TicketNotFound:
        abort(404)
