"""Carries out what is due, through the desk, as the portal; what does not succeed in the end becomes a ticket."""

import structlog

from portal.actions import ACTIONS
from portal.explaining.explain import Next, explain
from portal.identity import SYSTEM, Principal
from portal.jobs import going_on
from portal.parts import Parts
from portal.results import Denied, Done, Failed, Pending, Unsure
from portal.tickets.ticket import Wish
from portal.timers.timers import Timer

MOST_TRIES = 10  # with growing pauses some 17 hours
GONE = "account_not_found"

logger = structlog.get_logger("timers")


def run_timers(parts: Parts) -> int:
    """Carry out everything that is due; return how much of it was done."""
    with parts.database.read() as db:
        due = parts.timers.due(db)
    done = 0
    for one in due:
        with going_on("timer", action=one.action.name):
            done += _run(parts, one)
    return done


def _run(parts: Parts, one: Timer) -> bool:
    with parts.database.write() as tx:
        if not parts.timers.take(tx, one):
            return False
    system = Principal(account_id=SYSTEM, login=SYSTEM, name="", language=one.language)
    match parts.desk.submit(system, one.action):
        case Done():
            if not _close(parts, one) and one.held:
                _take_back(parts, system, one)
            return True
        case Unsure():
            return False  # settled by the recovery; doing it once more changes nothing
        case Pending():
            _close(parts, one)  # people have it now
        case (Failed() | Denied()) as no:
            _not_done(parts, system, one, no.reason)
    return False


def _not_done(parts: Parts, system: Principal, one: Timer, reason: str) -> None:
    passing = explain(reason).next is Next.LATER
    if passing and one.tries + 1 < MOST_TRIES:
        logger.warning("timer_waits", action=one.action.name, reason=reason)
        return
    if reason != GONE:  # with the account went what it had
        _open_ticket(parts, system, one, reason)
    _close(parts, one)


def _open_ticket(parts: Parts, system: Principal, one: Timer, reason: str) -> None:
    details = one.action.details()
    wish = Wish(
        requester_id=one.action.account_id,
        claim=one.action.account_id.partition(":")[2],
        action=one.action.name,
        reason=reason,
        text=str(details.get("text", "")),
        steps=(f"{one.action.name}:{reason}",),
        details={name: value for name, value in details.items() if name != "text"},
        language=one.language or parts.settings.languages[0],
        key=f"timer/{one.key}",
    )
    with parts.database.write() as tx:
        parts.counter.open(tx, wish, actor=system)


def _take_back(parts: Parts, system: Principal, one: Timer) -> None:
    """Its owner stopped it at the very moment at which it began."""
    if undoing := one.action.undoing(one.action.details()):
        name, details = undoing
        parts.desk.submit(system, ACTIONS[name].from_details(one.action.account_id, details))


def _close(parts: Parts, one: Timer) -> bool:
    with parts.database.write() as tx:
        return parts.timers.close(tx, one)
