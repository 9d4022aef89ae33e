"""The shift plan in the database: who is on duty when, for which queue, and what was changed for a single day."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from audit.event import Event
from connectors.account import Account
from portal.books import Books
from portal.duty.absences import Absences
from portal.duty.due import Due
from portal.duty.plan import Change, Gap, Shift, Turn, gaps, turns
from portal.duty.tables import shift, shift_change
from portal.identity import Principal

QUEUES = ("coordinators", "tier2", "supervisors")
News = Literal["asked", "agreed", "declined", "given", "taken"]  # what a mail about a turn tells
DAY = timedelta(days=1)
NEXT = timedelta(days=7)  # so far ahead the next one is looked for where nobody is on duty


class Shifts:
    """Every change is one transaction with its line in the record and the mail to whom it concerns."""

    def __init__(self, books: Books, *, due: Due, absences: Absences) -> None:
        self._books = books
        self._due = due
        self._absences = absences

    def turns(self, db: Connection, queue: str, first: date, last: date) -> list[Turn]:
        """The turns that begin on these days, the first on top."""
        alive = (shift.c.queue == queue, shift.c.first <= last, (shift.c.last.is_(None)) | (shift.c.last >= first))
        shifts = [self._shift(row) for row in db.execute(select(shift).where(*alive))]
        if not shifts:
            return []
        changed = (shift_change.c.shift.in_([one.id for one in shifts]), shift_change.c.day.between(first, last))
        changes = {(row.shift, row.day): self._change(row) for row in db.execute(select(shift_change).where(*changed))}
        return turns(shifts, changes, self._absences.between(db, first, last), self._due.hours(queue), first, last)

    def turn(self, db: Connection, shift_id: int, day: date) -> Turn | None:
        """One of them."""
        queue = db.execute(select(shift.c.queue).where(shift.c.id == shift_id)).scalar_one_or_none()
        found = self.turns(db, queue, day, day) if queue else []
        return next((turn for turn in found if turn.shift == shift_id), None)

    def on_duty(self, db: Connection, queue: str) -> list[Turn]:
        """Who is on duty now."""
        now = self._books.clock()
        today = now.astimezone(self._due.hours(queue).zone).date()
        found = self.turns(db, queue, today - DAY, today)  # a night's turn has begun yesterday
        return [turn for turn in found if turn.account_id and turn.starts <= now < turn.ends]

    def whom_to_ask(self, db: Connection, queue: str) -> list[Turn]:
        """Who is on duty now; where that is nobody, whoever is next within a week. A field has its tier's plan."""
        queue = queue.partition("/")[0]
        if now := self.on_duty(db, queue):
            return now
        today = self._books.clock().date()
        coming = [
            t for t in self.turns(db, queue, today, today + NEXT) if t.account_id and t.starts > self._books.clock()
        ]
        return [turn for turn in coming if turn.starts == coming[0].starts]

    def of(self, db: Connection, account_id: str, first: date, last: date) -> list[Turn]:
        """One person's turns."""
        found = [turn for queue in QUEUES for turn in self.turns(db, queue, first, last)]
        return sorted((t for t in found if t.account_id == account_id), key=lambda turn: turn.starts)

    def gaps(self, db: Connection, ahead: int) -> Iterator[Gap]:
        """Working hours nobody covers from today on, of every queue that is planned for at all."""
        now = self._books.clock()
        for queue in QUEUES:
            hours = self._due.hours(queue)
            today = now.astimezone(hours.zone).date()
            planned = (shift.c.queue == queue, (shift.c.last.is_(None)) | (shift.c.last >= today - DAY))
            if db.execute(select(shift.c.id).where(*planned).limit(1)).first() is None:
                continue
            last = today + ahead * DAY
            span = (datetime.combine(day, time(), hours.zone).astimezone(UTC) for day in (today, last))
            covered = self.turns(db, queue, today - DAY, last)
            yield from (gap for gap in gaps(queue, hours.between(*span), covered) if gap.ends > now)

    def plan(self, actor: Principal, who: Account, wanted: Shift, weekdays: Sequence[int]) -> None:
        """Put somebody into the plan; one row for each day of the week, all in the same weeks."""
        monday = wanted.first - wanted.first.weekday() * DAY
        with self._books.write() as tx:
            for weekday in weekdays:
                first = monday + weekday * DAY
                first += timedelta(weeks=wanted.weeks) if first < wanted.first else timedelta()
                if wanted.last is None or first <= wanted.last:
                    tx.execute(insert(shift).values(self._row(wanted) | {"first": first}))
            self.record(tx, actor, "shift_planned", who.id, f"{wanted.queue} from {wanted.first.isoformat()}")

    def stop(self, actor: Principal, turn: Turn) -> None:
        """Take a shift out of the plan from this day on."""
        with self._books.write() as tx:
            tx.execute(update(shift).where(shift.c.id == turn.shift).values(last=turn.day - DAY))
            tx.execute(delete(shift).where(shift.c.id == turn.shift, shift.c.last < shift.c.first))
            self.record(tx, actor, "shift_planned", turn.account_id or None, f"{turn.queue} until {turn.day}")
            self.tell(tx, turn.account_id, "given", turn, "")

    def hand(self, actor: Principal, turn: Turn, to: Account | None) -> None:
        """Give one turn to another; None: to nobody."""
        with self._books.write() as tx:
            self.change(tx, turn, to.id if to else "", to.name if to else "")
            self.record(tx, actor, "shift_changed", turn.account_id or None, f"{turn.queue} on {turn.day}")
            self.tell(tx, turn.account_id, "given", turn, to.name if to else "")
            self.tell(tx, to.id if to else "", "taken", turn, turn.name)

    def change(self, tx: Connection, turn: Turn, account_id: str, name: str) -> None:
        """Note who has this turn."""
        same = (shift_change.c.shift == turn.shift, shift_change.c.day == turn.day)
        tx.execute(delete(shift_change).where(*same))
        row = {"shift": turn.shift, "day": turn.day, "account_id": account_id or None}
        tx.execute(insert(shift_change).values(row | {"name": self._books.keys.seal("shift", name)}))

    def tell(
        self, tx: Connection, account_id: str, what: News, turn: Turn, other: str, back: Turn | None = None
    ) -> None:
        """Mail whom it concerns; nobody where there is nobody."""
        if not account_id:
            return
        values = {"what": what, "starts": turn.starts.isoformat(), "ends": turn.ends.isoformat(), "other": other}
        values["back"] = back.starts.isoformat() if back else ""
        content = {"account_id": account_id, "template": "shift_news", "values": values}
        self._books.outbox.put(tx, "notice", content | {"at": self._books.clock().isoformat()})

    def record(self, tx: Connection, actor: Principal, kind: str, target: str | None, what: str) -> None:
        event = Event(kind=kind, **actor.in_record, target=target, object=what)
        self._books.log.record(tx, event, "success")

    def _row(self, wanted: Shift) -> dict[str, Any]:
        return {
            "queue": wanted.queue,
            "account_id": wanted.account_id,
            "name": self._books.keys.seal("shift", wanted.name),
            "last": wanted.last,
            "weeks": wanted.weeks,
            "starts": f"{wanted.starts:%H:%M}",
            "ends": f"{wanted.ends:%H:%M}",
        }

    def _shift(self, row: Row[Any]) -> Shift:
        values = dict(row._mapping)
        times = {name: time.fromisoformat(values.pop(name)) for name in ("starts", "ends")}
        return Shift(**values | times | {"name": self._books.keys.open("shift", values["name"])})

    def _change(self, row: Row[Any]) -> Change:
        return Change(account_id=row.account_id or "", name=self._books.keys.open("shift", row.name))
