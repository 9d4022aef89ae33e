"""What a copy of a ticket says: never a secret, never a link that opens without a sign-in, and no more than is set."""

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connectors.ticket_copies import CopyState
from portal.settings.installation import Settings
from portal.tickets.copies import Copy, State
from portal.tickets.note_words import note_line
from portal.tickets.ticket import CLOSED, Note, Ticket
from portal.tickets.words import reason_words, subject_of, told_subject

NAMES = {
    "request-tracker": "Request Tracker",
    "zammad": "Zammad",
    "glpi": "GLPI",
    "jira-service-management": "Jira Service Management",
    "servicenow": "ServiceNow",
    "osticket": "osTicket",
    "mail": _l("the other ticket system"),
    "webhook": _l("the other ticket system"),
}
NOTES = {  # without anybody's name or words
    "taken": _l("Somebody has taken it."),
    "note": _l("A note was added."),
    "message": _l("The requester has added something."),
    "fulfilled": _l("It is done."),
    "refused": _l("It was refused."),
    "withdrawn": _l("It is no longer needed."),
    "reopened": _l("It was opened again."),
    "agreed": _l("It was approved."),
    "applied": _l("It was carried out"),
    "not_applied": _l("It could not be carried out; the service desk looks into it"),
}
THERE = {
    CopyState.OPEN: _l("open there"),
    CopyState.SOLVED: _l("done there"),
    CopyState.REFUSED: _l("refused there"),
    CopyState.GONE: _l("gone there"),
}


def system_name(settings: Settings) -> str:
    """What people call the other system."""
    return str(NAMES[settings.ticket_system.kind]) if settings.ticket_system else ""


def told_title(ticket: Ticket, settings: Settings) -> str:
    """One line. What the person has written themselves only if that may leave the portal."""
    with force_locale(settings.languages[0]):
        about = str(subject_of(ticket) if _may_tell(settings) else told_subject(ticket.action, ticket.reason))
    return " ".join(about.split())


def copied_text(ticket: Ticket, url: str, settings: Settings) -> str:
    """The copy's first text."""
    with force_locale(settings.languages[0]):
        code, words = reason_words(ticket.reason)
        title = told_title(ticket, settings)
        lines = [
            _("Ticket %(number)s of the account portal: %(subject)s", number=ticket.number, subject=title),
            _("Reason: %(words)s (%(code)s)", words=words, code=code),
        ]
        if settings.ticket_system and settings.ticket_system.send_person:
            who = ticket.facts.get("login") or ticket.claim
            proved = _("proved") if ticket.proved else _("not proved")
            lines.append(_("Person: %(who)s (%(proved)s)", who=who, proved=proved))
        if _may_tell(settings) and ticket.text:
            lines += ["", ticket.text, ""]
        lines.append(_("All about it, after signing in: %(url)s", url=url))
        return "\n".join(lines)


def remark_text(note: Note, settings: Settings) -> str:
    """What happened; the words of those concerned only if they may leave the portal."""
    with force_locale(settings.languages[0]):
        told = note_line(note, mine=False)
        if _may_tell(settings):
            return f"{told.text}\n\n{told.detail}" if told.detail else told.text
        return str(NOTES.get(note.kind) or _("Something happened to it; the portal tells what."))


def settled_text(ticket: Ticket, by: str, number: str, settings: Settings) -> str:
    """What the requester reads of a ticket that was closed elsewhere."""
    language = ticket.language if ticket.language in settings.languages else settings.languages[0]
    with force_locale(language):
        return _("It was closed in %(system)s, where its number is %(number)s.", system=by, number=number)


def copy_line(copy: Copy, settings: Settings) -> str:
    """Where the copy is, on the page of our ticket."""
    if copy.reference is None:
        return _("Not copied to %(system)s yet.", system=system_name(settings))
    return _("%(system)s, %(there)s", system=system_name(settings), there=THERE[copy.there])


def trouble(copy: Copy) -> str:
    """What is wrong with a copy, and what to do, for those who run the portal."""
    if copy.disagrees:
        if copy.status in CLOSED:
            return _("Closed here, %(there)s. Close it there as well, or see what is missing.", there=THERE[copy.there])
        return _("Not decided here, %(there)s. Whoever decides it here settles it.", there=THERE[copy.there])
    if copy.state is State.STUCK:
        return _("Given up. Mend what the other system says, then try again.")
    return _("It is tried again by itself.")


def _may_tell(settings: Settings) -> bool:
    return bool(settings.ticket_system and settings.ticket_system.send_text)
