"""What whoever leaves a shift writes for whoever comes on, shown until somebody has seen to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from portal.books import Books
from portal.duty.plan import Turn
from portal.duty.shifts import QUEUES, Shifts
from portal.duty.tables import handover
from portal.identity import Principal
from portal.tickets.counter import QUEUE_ROLES, NotAllowed

FORGOTTEN = timedelta(days=7)  # what nobody has seen to by then is no news any more
MOST = 5
SOON = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Handed:
    id: int
    queue: str
    written: datetime
    author_id: str
    author: str
    text: str


class Handovers:
    def __init__(self, shifts: Shifts, books: Books) -> None:
        self._shifts = shifts
        self._books = books

    def queues(self, who: Principal) -> list[str]:
        """Whose notes somebody reads and writes."""
        return [queue for queue in QUEUES if who.roles & QUEUE_ROLES[queue]]

    def write(self, actor: Principal, queue: str, text: str) -> None:
        """Raises NotAllowed."""
        if queue not in self.queues(actor):
            raise NotAllowed("not_staff")
        words = self._books.keys.seal("handover", {"author": actor.name, "text": text})
        row = {"queue": queue, "written": self._books.clock(), "author_id": actor.account_id, "words": words}
        with self._books.write() as tx:
            tx.execute(delete(handover).where(handover.c.written < self._books.clock() - FORGOTTEN))
            tx.execute(insert(handover).values(row))
            self._shifts.record(tx, actor, "shift_handed_over", None, queue)

    def settle(self, actor: Principal, id_: int) -> None:
        """Somebody has seen to it; nothing more is shown. A second time, or for another queue, nothing happens."""
        mine = (handover.c.id == id_, handover.c.queue.in_(self.queues(actor)))
        with self._books.write() as tx:
            if tx.execute(delete(handover).where(*mine)).rowcount:
                self._shifts.record(tx, actor, "shift_handed_over", None, "seen to")

    def waiting(self, db: Connection, who: Principal) -> list[Handed]:
        """What was left for this person's queues, the newest first."""
        fresh = (handover.c.queue.in_(self.queues(who)), handover.c.written >= self._books.clock() - FORGOTTEN)
        rows = db.execute(select(handover).where(*fresh).order_by(handover.c.id.desc()).limit(MOST))
        return [
            Handed(
                id=row.id, queue=row.queue, written=row.written, author_id=row.author_id,
                **self._books.keys.open("handover", row.words),
            )
            for row in rows
        ]  # fmt: skip

    def ending(self, db: Connection, who: Principal) -> Turn | None:
        """The turn of this person that ends within the hour, if nothing was written at its end yet."""
        now = self._books.clock()
        turns = [turn for queue in self.queues(who) for turn in self._shifts.on_duty(db, queue)]
        mine = [turn for turn in turns if turn.account_id == who.account_id and turn.ends <= now + SOON]
        since = now - SOON
        wrote = select(handover.c.id).where(handover.c.author_id == who.account_id, handover.c.written >= since)
        return mine[0] if mine and db.execute(wrote.limit(1)).first() is None else None
