"""What happens while nobody decides: a reminder half way, then the next one's turn, at last the service desk's."""

from datetime import datetime

from sqlalchemy import Column, Connection, select

from portal.books import Books
from portal.duty.absences import Absences
from portal.duty.bridges import Bridges
from portal.jobs import going_on
from portal.tables import ticket
from portal.tickets.counter import by_system
from portal.tickets.store import Tickets
from portal.tickets.ticket import OPEN, SPONSOR, about

AT_ONCE = 500


class Silence:
    """One pass over all that waits for a decision. Each step is taken once, however many workers run it."""

    def __init__(self, books: Books, *, tickets: Tickets, absences: Absences, bridges: Bridges) -> None:
        self._books = books
        self._tickets = tickets
        self._absences = absences
        self._bridges = bridges

    def run(self) -> None:
        """Climb first: whoever's turn has just passed is not reminded of it."""
        now = self._books.clock()
        for number in self._due(ticket.c.climbs, now):
            with going_on("climb", ticket=number):
                self._climb(number, now)
        for number in self._due(ticket.c.reminds, now):
            with going_on("remind", ticket=number):
                self._remind(number, now)
        with going_on("absences"):
            self._absences.begin()
        self._bridges.run()

    def _due(self, column: Column[datetime], now: datetime) -> list[int]:
        query = select(ticket.c.number).where(column <= now, ticket.c.status.in_(OPEN))
        with self._books.read() as db:
            return list(db.execute(query.order_by(ticket.c.due).limit(AT_ONCE)).scalars())

    def _climb(self, number: int, now: datetime) -> None:
        with self._books.write() as tx:
            before = self._tickets.get(tx, number)
            if not self._tickets.climb(tx, before, now):
                return
            after = self._tickets.get(tx, number)
            who = ", ".join(after.stages[after.stage or 0]["names"]) if (after.stage or 0) < len(after.stages) else ""
            by_system(tx, self._tickets, self._books.log, after, "climbed", who)
            self._ask(tx, number, after.queue)
            content = {
                "account_id": after.requester_id,
                "template": "approval_moved",
                "values": about(after) | {"decides": who, "due": after.due.isoformat()},
                "at": now.isoformat(),
            }
            self._books.outbox.put(tx, "notice", content)

    def _remind(self, number: int, now: datetime) -> None:
        with self._books.write() as tx:
            late = self._tickets.get(tx, number)
            if self._tickets.remind(tx, late, now):
                by_system(tx, self._tickets, self._books.log, late, "reminded")
                self._ask(tx, number, late.queue, again=True)

    def _ask(self, tx: Connection, number: int, queue: str, *, again: bool = False) -> None:
        if queue == SPONSOR:
            self._books.outbox.put(tx, "approval_wanted", {"number": number, "again": again})
        else:
            self._books.outbox.put(tx, "ticket_message", {"number": number, "late": True})
