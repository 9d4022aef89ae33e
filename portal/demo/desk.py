"""Fills the demo's desk as on a Monday morning: tickets in several states, colleagues who have been there, texts.

Nobody is mailed about them: whoever tries the demo sees only the mails of what they do themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from portal.books import Books
from portal.demo.people import DIRECTORY
from portal.identity import Principal
from portal.outbox import Outbox
from portal.parts import Parts
from portal.routing import within
from portal.tables import ticket
from portal.tickets.counter import Counter
from portal.tickets.service_desk import ServiceDesk, service_desk
from portal.tickets.store import Tickets
from portal.tickets.ticket import Wish

STAFF = ("carol", "dag", "gro", "tuva", "sigrid")


@dataclass(frozen=True)
class _Case:
    """Who asked for what, and how many hours ago."""

    login: str
    subject: str
    text: str
    hours: float
    reason: str = "wish"


CASES = (
    _Case("yusuf", "Key card for the new wing", "The readers on the second floor do not know my card.", 75),
    _Case("signe", "", "My phone fell into the fjord, and the codes were in my bag.", 1.5, "no_factor_left"),
    _Case("hedda", "Shared calendar of the faculty", "Three of us see it, two do not.", 26),
    _Case("oskar", "Delad kalender för fakulteten", "Vi är två som inte ser den.", 25),
    _Case("tor", "Mail does not arrive from outside", "Since Friday nothing from suppliers.", 28),
    _Case("gunnar", "Printer in the workshop", "It asks for a password I never had.", 5),
    _Case("gunnar", "The workshop's printer again", "Now it prints, but only for Ingrid.", 2),
    _Case("ingrid", "Name after the wedding", "Bø becomes Bø Hovland, from the first of the month.", 50),
    _Case("einar", "", "Nothing opens any more since this morning, for all of the library.", 0.5, "server_behind"),
    _Case("jorunn", "Access to the archive of drawings", "I take over from Per.", 90),
    _Case("oskar", "Projector for the seminar", "Ours is dark since Monday.", 120),
)
TEXTS: Mapping[str, Mapping[str, str]] = {
    "Come by with your card": {
        "en": "Dear {first_name},\n\nplease come by with a card that shows your picture; ticket {number}.\n\n{my_name}",
        "nb": "Hei {first_name},\n\nkom innom med et kort med bilde av deg; sak {number}.\n\nHilsen {my_name}",
        "sv": "Hej {first_name},\n\nkom förbi med ett kort som visar din bild; ärende {number}.\n\n{my_name}",
    },
    "We look into it": {
        "en": "Dear {first_name},\n\nwe look into it. You hear from us by {due}.\n\n{my_name}",
        "nb": "Hei {first_name},\n\nvi ser på det. Du hører fra oss innen {due}.\n\nHilsen {my_name}",
        "sv": "Hej {first_name},\n\nvi tittar på det. Du hör av oss senast {due}.\n\n{my_name}",
    },
}


class _NoMail(Outbox):
    def put(self, tx: Connection, kind: str, content: Mapping[str, Any], *, after: timedelta = timedelta()) -> None:
        """Nothing goes out."""

    def once(
        self, tx: Connection, id_: str, kind: str, content: Mapping[str, Any], *, after: timedelta = timedelta()
    ) -> None:
        """Nor this."""


def fill_desk(parts: Parts) -> None:
    """Once; what somebody has done since stays."""
    with parts.database.read() as db:
        if db.execute(select(ticket.c.number).limit(1)).first():
            return
    staff = {login: _principal(parts, login) for login in STAFF}
    for person in staff.values():
        parts.service_desk.colleagues.seen(person)
    for name, words in TEXTS.items():
        parts.service_desk.reply_texts.add(staff["carol"], name, words)
    now = parts.clock()
    numbers = []
    for case in CASES:
        counter, _desk = _at(parts, now - timedelta(hours=case.hours))
        numbers.append(_open(parts, counter, case))
    _work(parts, numbers, staff, now)


def _work(parts: Parts, numbers: list[int], staff: dict[str, Principal], now: datetime) -> None:
    """What the desk has done about them by now."""
    carol, dag, gro = staff["carol"], staff["dag"], staff["gro"]
    card, _phone, calendar, _other, mail, _printer, _again, wedding, library, archive, projector = numbers
    counter, desk = _at(parts, now - timedelta(minutes=20))
    counter.take(carol, card, 1)
    counter.note(carol, card, "The supplier sends new readers on Tuesday.", shown=True)
    counter.take(dag, calendar, 1)
    desk.handing.assign(dag, calendar, 2, carol.account_id, "They call back at ten. Two of five see it.")
    queue = desk.handing.queues[2]
    desk.handing.pass_on(gro, mail, 1, queue, "It leaves the supplier and is not in our log.")
    counter.take(gro, wedding, 1)
    desk.handing.prioritise(carol, library, 1, "many", "now", "Twelve people at the counter.")
    counter.fulfil(dag, archive, 1, "You are in the group; it opens from tomorrow.")
    counter.fulfil(gro, projector, 1, "A new lamp is in.")
    _judge(parts, archive, "jorunn", good=True, why="Quick and friendly, thank you.")
    _judge(parts, projector, "oskar", good=False, why="It came a day after the seminar.")
    left = "The readers come on Tuesday: somebody has to let the supplier in.\nHedda calls back at ten."
    parts.duty.handovers.write(gro, "coordinators", left)


def _judge(parts: Parts, number: int, login: str, *, good: bool, why: str) -> None:
    """What somebody thought of the help."""
    with parts.database.read() as db:
        closed = parts.tickets.get(db, number)
    parts.front.care.rate(closed, good=good, why=why, actor=_principal(parts, login))


def _at(parts: Parts, moment: datetime) -> tuple[Counter, ServiceDesk]:
    """The desk as it was at that time."""
    tickets = Tickets(parts.keys, lambda: moment, parts.due, parts.settings.desk, parts.copies.changed)
    outbox = _NoMail(parts.database, parts.keys, parts.clock, parts.jobs.wake)
    books = Books(database=parts.database, log=parts.log, keys=parts.keys, outbox=outbox, clock=parts.clock)
    counter = Counter(replace(books, clock=lambda: moment), tickets=tickets)
    desk = service_desk(parts.settings.desk, books, tickets=tickets, counter=counter, due=parts.due)
    return counter, desk


def _open(parts: Parts, counter: Counter, case: _Case) -> int:
    account = parts.accounts.find(within(DIRECTORY, case.login))
    wish = Wish(
        requester_id=account.id,
        claim=case.login,
        action="anything_else" if case.reason == "wish" else "recover",
        reason=case.reason,
        subject=case.subject,
        text=case.text,
        facts={"name": account.name, "login": account.login, "unit": account.unit},
        language=account.language or "en",
        key=f"{case.login}/{case.subject}",
    )
    actor = _principal(parts, case.login)
    with parts.database.write() as tx:
        return counter.open(tx, wish, actor=actor)


def _principal(parts: Parts, login: str) -> Principal:
    account = parts.accounts.find(within(DIRECTORY, login))
    roles = frozenset({"coordinator"}) if login in STAFF else frozenset[str]()
    fields = parts.settings.desk.fields_of(account.groups)
    return Principal(account_id=account.id, login=login, name=account.name, roles=roles, fields=fields)
