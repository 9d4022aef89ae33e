"""What happened to a ticket, as lines of a timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.actions import ACTIONS
from portal.callers.proofs import PROOFS
from portal.tickets.ticket import Note
from portal.web.pages import day

KINDS: dict[str, tuple[Any, str | None]] = {  # what is said of it, and how it is marked
    "opened": (_l("Ticket opened"), "done"),
    "taken": (_l("%(who)s took it"), "wait"),
    "note": (_l("%(who)s wrote"), None),
    "message": (_l("%(who)s added"), None),
    "fulfilled": (_l("%(who)s did it"), "done"),
    "refused": (_l("%(who)s refused it"), "no"),
    "withdrawn": (_l("%(who)s no longer needs it"), None),
    "check_failed": (_l("%(who)s: the check of the caller failed"), "no"),
    "mailed": (_l("%(who)s wrote by mail"), None),
    "reopened": (_l("%(who)s opened it again"), "wait"),
    "rated_good": (_l("%(who)s: it was good"), "done"),
    "rated_bad": (_l("%(who)s: it was not good"), "no"),
    "asked_again": (_l("%(who)s asked whether it still works"), None),
    "followed_up": (_l("Planned by %(who)s for today"), "wait"),
    "agreed": (_l("%(who)s approved it"), "done"),
    "applied": (_l("It was carried out"), "done"),
    "reminded": (_l("Whoever decides was reminded"), None),
    "not_bridged": (_l("The account could not be kept longer meanwhile; the service desk looks into it"), "no"),
    "not_applied": (_l("It could not be carried out; the service desk looks into it"), "no"),
    "assigned": (_l("%(who)s gave it to %(to)s"), "wait"),
    "given_back": (_l("%(who)s gave it back: anybody may take it"), None),
    "escalated": (_l("%(who)s passed it on to those who know more"), None),
    "returned": (_l("%(who)s returned it to the service desk"), None),
    "prioritised": (_l("%(who)s changed its priority"), None),
    "merged": (_l("It is worked on together with ticket %(to)s"), None),
    "parted": (_l("It is worked on by itself again, not with ticket %(to)s"), None),
    "joined": (_l("%(who)s merged ticket %(to)s into this one"), None),
    "left": (_l("%(who)s took ticket %(to)s out of this one again"), None),
}
TOLD: dict[str, tuple[Callable[[str, str], str], str]] = {  # where the text of the note is a name, a code or a day
    "climbed": (
        lambda _who, text: _("No answer in time: %(who)s decides now", who=text or _("the service desk")),
        "wait",
    ),
    "checked": (
        lambda who, text: _("%(who)s: the caller has proved it (%(proof)s)", who=who, proof=PROOFS[text]),
        "done",
    ),
    "acted": (
        lambda who, text: _("%(who)s did it for the caller: %(what)s", who=who, what=ACTIONS[text].title),
        "done",
    ),
    "planned": (lambda who, text: _planned(who, *text.split(" ", 1)), "wait"),
    "bridged": (
        lambda _who, text: _(
            "Nobody has decided yet, so the account is kept until %(day)s", day=day(date.fromisoformat(text))
        ),
        "done",
    ),
}


def _planned(who: str, when: str, words: str) -> str:
    due = day(datetime.fromisoformat(when))
    return _("%(who)s comes back to it on %(day)s: %(words)s", who=who, day=due, words=words)


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """One line of a ticket's timeline."""

    at: datetime
    text: str
    detail: str | None
    state: str | None


def note_line(note: Note, *, mine: bool) -> NoteLine:
    """A note; `mine`: read by the requester."""
    who = note.author or (_("You") if mine else _("The requester"))
    if told := TOLD.get(note.kind):
        return NoteLine(at=note.at, text=told[0](who, note.text), detail=None, state=told[1])
    sentence, state = KINDS[note.kind]
    hidden = "" if note.shown or mine else " (" + _("not shown to the requester") + ")"
    text = str(sentence) % {"who": who, "to": note.to} + hidden
    return NoteLine(at=note.at, text=text, detail=note.text or None, state=state)
