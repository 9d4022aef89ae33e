"""Entries of the record in plain words, for the person they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from audit import pseudonyms, reading
from audit.reading import Entry
from portal.elsewhere.errands import KIND as ELSEWHERE
from portal.explaining.explain import CATALOGUE
from portal.factors import FACTORS
from portal.views import parts
from portal.web.pages import in_language


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One line of a timeline."""

    at: datetime | None
    text: str
    detail: str | None = None
    state: str | None = None


WORDS: dict[str, tuple[Any, Any]] = {  # what it is called when it was done, and when it was not
    "password_reset": (_l("A new password was set"), _l("A new password was not set")),
    "password_change": (_l("The password was changed"), _l("The password was not changed")),
    "password_elsewhere": (
        _l("The same new password was set in another system"),
        _l("The new password was not set in another system"),
    ),
    "unlock": (_l("The account was unlocked"), _l("The account was not unlocked")),
    "lock": (_l("The account was locked"), _l("The account was not locked")),
    "enable": (_l("The account was switched on"), _l("The account was not switched on")),
    "disable": (_l("The account was switched off: “It was not me”"), _l("The account was not switched off")),
    "password_change_required": (
        _l("The service desk asked for a new password at the next sign-in"),
        _l("A new password at the next sign-in was not asked for"),
    ),
    "account_extend": (_l("The account was extended"), _l("The account was not extended")),
    "account_extend_undone": (_l("An extension was taken back"), _l("An extension was not taken back")),
    "account_lapse": (_l("It was said that the account is to end"), _l("It was not noted that the account is to end")),
    "login": (_l("Signed in"), _l("A sign-in failed")),
    "logout": (_l("Signed out"), _l("Not signed out")),
    "proof": (_l("A proof was given"), _l("A proof was wrong")),
    "factor_enrol": (_l("A way to prove it was added"), _l("A way to prove it was not added")),
    "factor_change": (_l("A way to prove it was changed"), _l("A way to prove it was not changed")),
    "factor_remove": (_l("A way to prove it was removed"), _l("A way to prove it was not removed")),
    "provider_link": (
        _l("Another sign-in was linked with the account"),
        _l("Another sign-in was not linked with the account"),
    ),
    "provider_unlink": (
        _l("Another sign-in was removed from the account"),
        _l("Another sign-in was not removed from the account"),
    ),
    "address_asked": (
        _l("A change of your private addresses was asked for"),
        _l("A change of your private addresses was not taken in"),
    ),
    "address_cancelled": (
        _l("A change of your private addresses was stopped"),
        _l("A change of your private addresses was not stopped"),
    ),
    "address_change": (_l("Your private addresses were changed"), _l("Your private addresses were not changed")),
    "phone_change": (_l("Your telephone number was changed"), _l("Your telephone number was not changed")),
    "ssh_key_add": (_l("An SSH key was added"), _l("An SSH key was not added")),
    "ssh_key_remove": (_l("An SSH key was removed"), _l("An SSH key was not removed")),
    "auto_reply_set": (_l("The auto reply of the mailbox was set"), _l("The auto reply was not set")),
    "auto_reply_removed": (_l("The auto reply of the mailbox was turned off"), _l("The auto reply was not turned off")),
    "forward_set": (_l("Mail is forwarded inside the organisation"), _l("Forwarding was not set up")),
    "forward_outside_set": (
        _l("Mail is forwarded to an address outside"),
        _l("Forwarding to an address outside was not set up"),
    ),
    "forward_removed": (_l("Forwarding of mail was stopped"), _l("Forwarding of mail was not stopped")),
    "alias_added": (_l("One more address was given to the mailbox"), _l("No address was added to the mailbox")),
    "alias_removed": (
        _l("An address was taken away from the mailbox"),
        _l("No address was taken away from the mailbox"),
    ),
    "quota_changed": (_l("The size of the mailbox was changed"), _l("The size of the mailbox was not changed")),
    "share_given": (_l("Somebody was let into a mailbox"), _l("Nobody was let into a mailbox")),
    "share_ended": (_l("The use of a mailbox was ended"), _l("The use of a mailbox was not ended")),
    "list_joined": (_l("A mailing list was joined"), _l("A mailing list was not joined")),
    "list_left": (_l("A mailing list was left"), _l("A mailing list was not left")),
    "app_password_added": (_l("An app password was made"), _l("No app password was made")),
    "app_password_removed": (_l("An app password was removed"), _l("An app password was not removed")),
    "session_closed": (_l("A device was signed out"), _l("A device was not signed out")),
    "provider_logout": (
        _l("A device was signed out, because you signed out where you had signed in"),
        _l("A device was not signed out"),
    ),
    "sessions_ended": (_l("The account was signed out everywhere"), _l("The account was not signed out everywhere")),
    "access_pass_given": (_l("A pass for one sign-in was made"), _l("No pass for one sign-in was made")),
    "account_viewed": (_l("The service desk looked at your account"), _l("Your account was not looked at")),
    "substitute_named": (_l("Somebody was named who decides meanwhile"), _l("Nobody was named who decides meanwhile")),
    "substitute_ended": (_l("The substitute’s time was ended"), _l("The substitute’s time was not ended")),
    "recovery_started": (
        _l("The service desk made a link to a new password"),
        _l("A link to a new password was not made"),
    ),
    "caller_check": (_l("A caller proved something to the service desk"), _l("A caller could not prove to be you")),
    "review_asked": (
        _l("Whoever answers for the account was asked whether it is still needed"),
        _l("Nobody was asked whether the account is still needed"),
    ),
    "review_answered": (
        _l("It was noted whether the account is still needed"),
        _l("It was not noted whether the account is still needed"),
    ),
    "shift_planned": (_l("The shift plan was changed"), _l("The shift plan was not changed")),
    "shift_changed": (_l("A shift was given to somebody else"), _l("A shift was not given to somebody else")),
    "shift_handed_over": (
        _l("A note for the next shift was written or seen to"),
        _l("No note for the next shift was written"),
    ),
    "shift_swap_asked": (_l("A colleague was asked to take a shift"), _l("Nobody was asked to take a shift")),
    "shift_swap_agreed": (_l("A colleague agreed to take a shift"), _l("Nobody agreed to take a shift")),
    "shift_swap_declined": (_l("A colleague cannot take a shift"), _l("It was not said who takes a shift")),
    "shift_swap_withdrawn": (_l("A wish to swap a shift was taken back"), _l("A wish to swap was not taken back")),
    "ticket_opened": (_l("A ticket was opened"), _l("A ticket was not opened")),
    "ticket_changed": (_l("A ticket was worked on"), _l("A ticket was not changed")),
    "ticket_viewed": (_l("Somebody who decides about it read your ticket"), _l("A ticket was not read")),
    "approval_decided": (_l("A ticket was decided"), _l("A ticket was not decided")),
    "wish": (_l("The service desk was asked"), _l("The service desk was not asked")),
}
STATES = {"success": "done", "failure": "no", "pending": "wait", "unknown": "unsure"}


def history(account_id: str, limit: int, before: int | None = None) -> list[Entry]:
    """What came true about an account, newest first; `before` is an entry's number, to page on."""
    log = parts().log
    with parts().database.read() as db:
        known = pseudonyms.find(db, log.keyring, account_id)
        if known is None:
            return []
        wanted = reading.Wanted(limit, before, subject=known, phases=reading.SEEN, kinds=tuple(WORDS))
        return reading.read(db, log.keyring, reading.find(db, wanted))


def events_of(entries: Iterable[Entry]) -> list[EventLine]:
    """The entries as lines, in the order given."""
    return [_line(entry) for entry in entries]


def _line(entry: Entry) -> EventLine:
    outcome = entry.outcome or "unknown"
    done, not_done = WORDS[entry.kind]
    text = str(not_done if outcome == "failure" else done)
    if outcome == "pending":
        text = (
            _("Handed to the service desk: %(what)s", what=str(CATALOGUE[entry.reason].title))
            if (entry.reason in CATALOGUE)
            else _("Handed to the service desk")
        )
    reason = str(CATALOGUE[entry.reason].title) if outcome == "failure" and entry.reason in CATALOGUE else ""
    proofs = ", ".join(str(FACTORS[name].title) for name in _factors(entry))
    place = entry.disclosures.get("source", "")
    system = in_language(parts().elsewhere.name(_system(entry)))
    came_from = _("From %(place)s", place=place) if place else ""
    return EventLine(
        at=entry.time,
        text=text,
        detail=". ".join(p for p in (system, proofs, reason.rstrip("."), came_from) if p) or None,
        state=STATES.get(outcome),
    )


def _system(entry: Entry) -> str:
    """The other system it was done in."""
    return entry.disclosures.get("object", "") if entry.kind == ELSEWHERE else ""


def _factors(entry: Entry) -> list[str]:
    """The proofs an entry names, where they are what it is about."""
    if entry.kind not in ("proof", "login"):
        return []
    return [f["factor_type"] for f in entry.event.get("auth_factors", []) if f["factor_type"] in FACTORS]
