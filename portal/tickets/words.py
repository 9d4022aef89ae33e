"""Tickets as pages show them: states in words, what happened as a timeline."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.explain import CATALOGUE
from portal.tickets.store import Note, Ticket

STATES = {
    "open": ("wait", _l("Waiting for the service desk")),
    "taken": ("wait", _l("Somebody works on it")),
    "fulfilled": ("done", _l("Done")),
    "refused": ("no", _l("Refused")),
    "withdrawn": ("unsure", _l("Withdrawn")),
}
FACTS = {
    "name": _l("Name"),
    "login": _l("User name"),
    "unit": _l("Unit"),
    "kind": _l("Kind of account"),
    "locked_at": _l("Locked since"),
    "disabled": _l("Switched off"),
    "must_change": _l("Must change the password"),
    "password_changed_at": _l("Password changed"),
    "password_expires_at": _l("Password good until"),
    "ends_on": _l("Account ends"),
    "directory_answer": _l("The directory's answer"),
}


@dataclass(frozen=True, kw_only=True)
class TicketLine:
    """A ticket's head."""

    number: int
    subject: str
    url: str
    state: str
    words: str
    at: datetime
    due: datetime | None
    late: bool
    person: str
    unit: str
    wish: str
    detail: str
    assignee: str


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """One line of a ticket's timeline."""

    at: datetime
    text: str
    detail: str | None
    state: str | None


def ticket_line(ticket: Ticket, url: str, now: datetime) -> TicketLine:
    state, words = STATES[ticket.status]
    due = ticket.due if ticket.is_open else None
    return TicketLine(
        number=ticket.number,
        subject=ticket.subject,
        url=url,
        state=state,
        words=str(words),
        at=ticket.opened,
        due=due,
        late=bool(due and due < now),
        person=ticket.facts.get("name") or ticket.claim,
        unit=ticket.facts.get("unit", ""),
        wish=ticket.subject,
        detail=reason_words(ticket.reason)[1],
        assignee=ticket.taken_name or "",
    )


def reason_words(code: str) -> tuple[str, str]:
    """A reason code and what it means."""
    return code, str(CATALOGUE[code].title)


def fact_rows(ticket: Ticket) -> list[tuple[str, str]]:
    """The directory's facts with labels people know."""
    return [(str(FACTS.get(k, k)), _yes_no(v)) for k, v in ticket.facts.items()]


def note_line(note: Note, *, mine: bool) -> NoteLine:
    """A note; `mine`: read by the requester."""
    who = note.author or (_("You") if mine else _("The requester"))
    sentences = {
        "opened": _("Ticket opened"),
        "taken": _("%(who)s took it", who=who),
        "note": _("%(who)s wrote", who=who),
        "message": _("%(who)s added", who=who),
        "fulfilled": _("%(who)s did it", who=who),
        "refused": _("%(who)s refused it", who=who),
        "withdrawn": _("%(who)s no longer needs it", who=who),
    }
    states = {"fulfilled": "done", "refused": "no", "opened": "done", "taken": "wait"}
    hidden = "" if note.shown or mine else " (" + _("not shown to the requester") + ")"
    return NoteLine(
        at=note.at, text=sentences[note.kind] + hidden, detail=note.text or None, state=states.get(note.kind)
    )


def _yes_no(value: str) -> str:
    return {"true": _("Yes"), "false": _("No")}.get(value, value)
