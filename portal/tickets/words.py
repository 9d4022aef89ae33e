"""Tickets as pages show them: states in words, what happened as a timeline."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connectors.mailbox import Right
from portal.actions import ACTIONS
from portal.callers.channels import CHANNELS
from portal.callers.links import LINKED
from portal.explaining.explain import CATALOGUE, WHO, Who
from portal.explaining.watching import ALERT_SUBJECTS
from portal.factors import FACTORS
from portal.mailboxes.sharing import RIGHTS
from portal.results import short
from portal.tickets.ticket import SPONSOR, Ticket
from portal.web.pages import day, moment

STATES = {
    "open": ("wait", _l("Waiting for the service desk")),
    "taken": ("wait", _l("Somebody works on it")),
    "approved": ("wait", _l("Approved, being carried out")),
    "fulfilled": ("done", _l("Done")),
    "refused": ("no", _l("Refused")),
    "withdrawn": ("unsure", _l("Withdrawn")),
    "merged": ("unsure", _l("Merged into another")),
}
DESK_STATES = {"open": ("wait", _l("New")), "taken": ("wait", _l("Taken"))}  # as those who work on them say
DESK_REASONS = {  # the explainer speaks to the person; here somebody else reads about them
    "no_factor_left": _l("No way left to prove who it is"),
    "wish": _l("The portal has no button for it"),
    "disabled": _l("The account is switched off"),
    "ended": _l("The account has ended"),
    "protected": _l("The account has special rights"),
    "called": _l("They called or came"),
    "mailed": _l("They wrote a mail"),
    "not_me": _l("The owner says: it was not me"),
    "caller_failed": _l("Somebody tries to pass as this person at the service desk"),
    "change_not_allowed": _l("The directory does not let them change it"),
    "no_right": _l("The portal lacks the right for it in the directory"),
    "no_connector": _l("The portal cannot do it for this account"),
    "locked_after_change": _l("Some device still tries the old password"),
    "old_password_there": _l("A new password did not reach another system of the same person"),
    "server_behind": _l("A server of the directory does not learn of changes"),
    "review_unanswered": _l("The sponsor has not answered a review"),
    "review_no_sponsor": _l("The accounts name nobody who may answer"),
    "review_no_need": _l("Needed no longer, and without an end"),
    "audit_question": _l("An auditor asks; the answer is read beside the entry of the log"),
    "settled_unknown": _l("Nobody knows whether the change was made"),
}
SUBJECTS = {
    "no_factor_left": _l("Cannot get in"),
    "directory_down": _l("Forgotten password; the directory did not answer"),
    "not_me": _l("It was not me"),
    "caller_failed": _l("Somebody tries to pass as somebody else"),
    "locked_after_change": _l("Locked again after a new password"),
    "server_behind": _l("A new password does not work everywhere"),
    "old_password_there": _l("A new password is missing in one system"),
    "review_unanswered": _l("Are these accounts still needed?"),
    "review_no_sponsor": _l("Nobody answers for these accounts"),
    "review_no_need": _l("An account is needed no longer"),
    **ALERT_SUBJECTS,
}
FACTS = {
    "entries": _l("Entries of the log"),
    "name": _l("Name"),
    "login": _l("User name"),
    "unit": _l("Unit"),
    "kind": _l("Kind of account"),
    "locked_at": _l("Locked since"),
    "unlocks_at": _l("Lock passes by itself"),
    "disabled": _l("Switched off"),
    "must_change": _l("Must change the password"),
    "password_changed_at": _l("Password changed"),
    "password_expires_at": _l("Password good until"),
    "ends_on": _l("Account ends"),
    "failed_sign_ins": _l("Wrong passwords in a row"),
    "wrong_passwords_seen": _l("Wrong passwords since the change"),
    "system": _l("System"),
    "login_there": _l("User name there"),
    "servers_behind": _l("Servers with the old password"),
    "directory_answer": _l("The directory's answer"),
}

ISO = re.compile(r"\d{4}-\d\d-\d\d($|T)")


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
    proved: bool  # that it is that person who asks
    unit: str
    wish: str
    detail: str
    assignee: str
    pick: str = ""  # of one that can be worked on from the list: number and version
    priority: str = "normal"
    queue: str = ""  # what it is called, where it is not the first one


def subject_of(ticket: Ticket) -> Any:
    """What a ticket is about: the person's own words, or what its reason and action say, translated when shown."""
    return ticket.subject or told_subject(ticket.action, ticket.reason)


def told_subject(action: str, reason: str) -> Any:
    """What a ticket is about that the portal opened by itself."""
    if reason in SUBJECTS:
        return SUBJECTS[reason]
    return ACTIONS[action].title if action in ACTIONS else CATALOGUE[reason].title


def deciders_of(ticket: Ticket) -> str:
    """Who is asked for a decision by name, now; empty where it is the service desk's turn."""
    if not ticket.is_open or ticket.queue != SPONSOR or ticket.stage is None:
        return ""
    return ", ".join(ticket.stages[ticket.stage]["names"])


def ticket_line(ticket: Ticket, url: str, now: datetime, *, desk: bool = False) -> TicketLine:
    """The head of a ticket; `desk`: in the words of those who work on it."""
    state, words = (STATES | DESK_STATES if desk else STATES)[ticket.status]
    if not desk and (names := deciders_of(ticket)):
        words = _("Waiting for %(names)s", names=names)
    due = ticket.due if ticket.is_open else None
    return TicketLine(
        number=ticket.number,
        subject=str(subject_of(ticket)),
        url=url,
        state=state,
        words=str(words),
        at=ticket.opened,
        due=due,
        late=bool(due and due < now),
        person=ticket.facts.get("name") or ticket.claim,
        proved=ticket.proved,
        unit=ticket.facts.get("unit", ""),
        wish=str(subject_of(ticket)),
        detail="" if ticket.reason == "wish" else reason_words(ticket.reason)[1],
        assignee=ticket.taken_name or "",
    )


def reason_words(code: str) -> tuple[str, str]:
    """A reason code and what it means to those who work on it."""
    return code, str(DESK_REASONS.get(code) or CATALOGUE[code].title)


def remedy_of(code: str) -> tuple[str, str]:
    """Who must act on a cause, and what ends it for everybody; the second may be empty."""
    explanation = CATALOGUE[code]
    who = _("The requester") if explanation.who is Who.YOU else str(WHO[explanation.who])
    return who, str(explanation.remedy)


def step_words(step: str) -> str:
    """One thing done before, from its code: proved:<factor>, attempt:<number> or <action>:<reason>."""
    kind, _colon, rest = step.replace(": ", ":").partition(":")
    if kind == "proved" and rest in FACTORS:
        return _("Proved: %(factor)s", factor=str(FACTORS[rest].title))
    if kind == "proved" and rest in LINKED:
        return _("Proved: %(factor)s", factor=str(LINKED[rest]))
    if kind == "channel" and rest in CHANNELS:
        return str(CHANNELS[rest])
    if kind == "ticket":
        return _("Ticket %(number)s", number=rest)
    if kind in ACTIONS and rest in CATALOGUE:
        return f"{ACTIONS[kind].title}: {reason_words(rest)[1]}"
    return _("Attempt %(number)s", number=short(rest)) if kind == "attempt" else step


def wanted_words(ticket: Ticket) -> str:
    """What is asked for in the requester's words, with the right and the last day in those of whoever reads."""
    right, last_day = ticket.details.get("right"), ticket.details.get("last_day")
    more = [
        *([str(RIGHTS[Right(right)])] if right else []),
        *([_("Ends %(day)s.", day=day(date.fromisoformat(last_day)))] if last_day else []),
    ]
    return ": ".join(part for part in (ticket.text, " ".join(more)) if part)


def fact_rows(ticket: Ticket, now: datetime) -> list[tuple[str, str]]:
    """The directory's facts as they were when the ticket was opened."""
    return facts_in_words(ticket.facts, now)


def facts_in_words(facts: Mapping[str, str], now: datetime) -> list[tuple[str, str]]:
    """The directory's facts with labels people know, and dates as people write them."""
    return [(str(FACTS.get(k, k)), _readable(v, now)) for k, v in facts.items()]


def _readable(value: str, now: datetime) -> str:
    if value in ("true", "false"):
        return _("Yes") if value == "true" else _("No")
    if not ISO.match(value):
        return value
    return moment(datetime.fromisoformat(value), now) if "T" in value else day(date.fromisoformat(value))
