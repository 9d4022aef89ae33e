"""The page of one ticket at the desk: everything that is known, and every step that is possible now."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Connection

from portal.tickets.copy_words import copy_line
from portal.tickets.desk_forms import AssignForm, DecideForm, NoteForm, PassOnForm, PriorityForm
from portal.tickets.note_words import note_line
from portal.tickets.on_duty import colleague_choices
from portal.tickets.queue_words import IMPACT_WORDS, PRIORITY_STATES, PRIORITY_WORDS, URGENCY_WORDS, queue_words
from portal.tickets.reply_texts import filled_in
from portal.tickets.reply_words import places_of
from portal.tickets.ticket import FIRST, MERGED, Note, Ticket
from portal.tickets.words import fact_rows, reason_words, remedy_of, step_words, ticket_line, wanted_words
from portal.views import me, parts

HANDED = ("assigned", "given_back", "escalated", "returned")


@dataclass(frozen=True, kw_only=True)
class Forms:
    """What was sent and was not right, or is to be looked at again; None: as it is at first."""

    note: NoteForm | None = None
    decide: DecideForm | None = None
    assign: AssignForm | None = None
    pass_on: PassOnForm | None = None
    priority: PriorityForm | None = None

    @property
    def sent(self) -> FlaskForm | None:
        return self.note or self.decide or self.assign or self.pass_on or self.priority


def ticket_page(
    ticket: Ticket, forms: Forms | None = None, *, status: int = 200, too_late: bool = False
) -> ResponseReturnValue:
    number, sent = ticket.number, forms or Forms()
    own = ticket.requester_id == me().account_id
    workable = ticket.is_open and not own and ticket.stage is None
    with parts().database.read() as db:
        notes = parts().tickets.notes(db, number, all_of_them=True)
        copy = parts().copies.get(db, number)
        passing = _passing(db, ticket, sent) if workable else {}
        merging = _merging(db, ticket, workable=workable)
        texts = _texts(db, ticket) if workable else []
    mine = ticket.taken_by == me().account_id
    page = render_template(
        "tickets/desk_ticket.html",
        ticket=ticket_line(ticket, request.path, parts().clock(), desk=True),
        wrong=sent.sent if sent.sent and sent.sent.errors else None,
        mine=mine,
        claim=ticket.claim,
        proved=ticket.proved,
        text=wanted_words(ticket),
        reason=reason_words(ticket.reason),
        remedy=remedy_of(ticket.reason),
        steps=[step_words(step) for step in ticket.steps],
        facts=fact_rows(ticket, parts().clock()),
        standing=_standing(ticket),
        handed=_handed(notes) if ticket.is_open else None,
        events=[note_line(n, mine=False) for n in reversed(notes)],
        take_url=url_for(".take", number=number, version=ticket.version) if workable and not mine else None,
        note_form=(sent.note or NoteForm(formdata=None)) if workable else None,
        decide_form=(sent.decide or DecideForm(formdata=None, version=str(ticket.version))) if workable else None,
        cannot_decide=_("This is your own ticket. Somebody else decides it.") if own and ticket.is_open else "",
        passing=passing,
        **merging,
        reply_texts=texts,
        fulfil=_("It is done"),
        note_url=url_for(".note", number=number),
        decide_url=url_for(".decide", number=number),
        too_late=too_late,
        copy=copy,
        copy_words=copy_line(copy, parts().settings) if copy else "",
    )
    return page, status


def _passing(db: Connection, ticket: Ticket, sent: Forms) -> dict[str, Any]:
    """The forms that pass a ticket on."""
    handing, version = parts().service_desk.handing, str(ticket.version)
    colleagues = colleague_choices(db, queue=ticket.queue, but=(me().account_id, ticket.requester_id, ticket.taken_by))
    assign = sent.assign or AssignForm(formdata=None, version=version)
    assign.colleague.choices = [("", _("Choose somebody")), *colleagues]
    proposal = handing.climbs_to(ticket) if ticket.queue == FIRST else FIRST
    pass_on = sent.pass_on or PassOnForm(formdata=None, version=version, queue=proposal)
    pass_on.queue.choices = [
        (name, queue_words(name, parts().settings.desk)) for name in handing.queues if name != ticket.queue
    ]
    judged = {"impact": ticket.impact, "urgency": ticket.urgency}
    return {
        "assign": assign if colleagues else None,
        "pass_on": pass_on,
        "priority": sent.priority or PriorityForm(formdata=None, version=version, **judged),
        "urls": {name: url_for(f".{name}", number=ticket.number) for name in ("assign", "pass_on", "prioritise")},
        "give_back_url": url_for(".give_back", number=ticket.number, version=version) if ticket.taken_by else None,
    }


def _merging(db: Connection, ticket: Ticket, *, workable: bool) -> dict[str, Any]:
    """What is likely the same, what is part of it, and what it is part of."""
    merging, now, number = parts().service_desk.merging, parts().clock(), ticket.number
    likely = (
        merging.likely(db, requester_id=ticket.requester_id, claim=ticket.claim, reason=ticket.reason, but=number)
        if workable
        else []
    )
    into = parts().tickets.get(db, ticket.merged_into) if ticket.merged_into and ticket.status == MERGED else None
    return {
        "likely": [
            (
                ticket_line(other, url_for(".ticket", number=other.number), now, desk=True),
                url_for(".merge", number=number, version=ticket.version, into=other.number)
                if merging.may_merge(ticket, other) and other.requester_id != me().account_id
                else None,
            )
            for other in likely
        ],
        "joined": [(one.number, url_for(".ticket", number=one.number)) for one in merging.merged_into(db, number)],
        "into": (into.number, url_for(".ticket", number=into.number)) if into else None,
        "part_url": url_for(".part", number=number, version=ticket.version) if into and into.is_open else None,
    }


def _texts(db: Connection, ticket: Ticket) -> list[tuple[str, str, str]]:
    """Text modules by id and name, filled in for this ticket."""
    places = places_of(ticket, me(), parts().clock())
    found = parts().service_desk.reply_texts.all(db)
    return [(one.id, one.name, filled_in(one.in_language(ticket.language), places)) for one in found]


def _standing(ticket: Ticket) -> dict[str, Any]:
    """How urgent it is, where it is, and what was promised."""
    return {
        "priority": (PRIORITY_STATES.get(ticket.priority, ""), str(PRIORITY_WORDS[ticket.priority])),
        "why": f"{IMPACT_WORDS[ticket.impact]}. {URGENCY_WORDS[ticket.urgency]}.",
        "queue": queue_words(ticket.queue, parts().settings.desk),
        "opened": ticket.opened,
        "answered": ticket.answered,
        "solve_by": ticket.solve_by,
        "closed": ticket.closed,
    }


def _handed(notes: list[Note]) -> tuple[str, str] | None:
    """Who handed it over, and what they wrote: whoever works on it now reads that first."""
    last = next((note for note in reversed(notes) if note.kind in HANDED), None)
    return (note_line(last, mine=False).text, last.text) if last and last.text else None
