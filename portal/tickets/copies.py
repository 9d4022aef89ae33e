"""Copies of our tickets in another ticket system: what is copied, what is not yet, and what is wrong.

Ours is the ticket that counts. Everything that happens to it puts a row into the outbox in the same transaction; the
worker (`portal.tickets.copying`) then brings the copy up to date. Before each try it is written down that there is one,
so that after a crash or an answer that was lost the next waits until the other side's search shows what is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from connectors.ticket_copies import CopyReference, CopyState
from portal.books import Books
from portal.outbox import LEASE, PATIENCE
from portal.tables import ticket, ticket_copy
from portal.tickets.ticket import ENDED, OPEN

FIRST_LOOK = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=2)
ERROR_LENGTH = 300


class State(StrEnum):
    WAITING = "waiting"  # something is to be copied
    CURRENT = "current"
    STUCK = "stuck"  # given up until somebody has looked


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One of our tickets and its copy."""

    ticket: int
    key: str
    reference: CopyReference | None
    state: State
    there: CopyState
    noted: int
    failing: datetime | None
    error: str | None
    status: str  # of our ticket
    approval: bool  # it waits for a decision that only people here may take

    @property
    def disagrees(self) -> bool:
        """The two stand differently, and what is right only people know."""
        if self.status in OPEN:
            return self.there is CopyState.GONE or (self.approval and self.there is not CopyState.OPEN)
        if self.status not in ENDED:
            return False  # merged into another one; it may be taken out again, so its copy is not closed by us
        closed_otherwise = self.status == "fulfilled" and self.there is CopyState.REFUSED
        return closed_otherwise or (self.state is State.CURRENT and self.there is CopyState.OPEN)


class Copies:
    """The table of copies. `system`: which one copies go to; empty: there is none."""

    def __init__(self, system: str, books: Books) -> None:
        self.system = system
        self._books = books

    def changed(self, tx: Connection, number: int, kind: str) -> None:
        """Something has happened to a ticket; a ticket from before there was a system to copy to has no copy."""
        if not self.system:
            return
        if kind == "opened":
            digest = self._books.keys.digest("ticket-copy", f"{number}/{self._books.clock().isoformat()}")
            row = {"ticket": number, "system": self.system, "key": f"sk{number}x{digest[:12]}", "state": State.WAITING}
            tx.execute(insert(ticket_copy).values(row))
        elif not tx.execute(update(ticket_copy).where(self._is(number)).values(state=State.WAITING)).rowcount:
            return
        self._books.outbox.put(tx, "ticket_copy", {"number": number})

    def get(self, db: Connection, number: int) -> Copy | None:
        row = db.execute(self._query().where(self._is(number))).first()
        return _copy(row) if row else None

    def number_of(self, db: Connection, key: str) -> int | None:
        """The ticket whose copy has this key."""
        query = select(ticket_copy.c.ticket).where(ticket_copy.c.key == key, ticket_copy.c.system == self.system)
        return db.execute(query).scalar_one_or_none()

    def begin(self, number: int, settle: timedelta) -> bool:
        """Write down that a try begins; False while another is under way, or it is not known yet how it ended."""
        now = self._books.clock()
        free = or_(ticket_copy.c.tried.is_(None), ticket_copy.c.tried <= now - max(settle, LEASE))
        with self._books.write() as tx:
            begun = tx.execute(update(ticket_copy).where(self._is(number), free).values(tried=now))
        return bool(begun.rowcount)

    def placed(self, number: int, reference: CopyReference) -> None:
        told = {"id": reference.id, "number": reference.number, "url": reference.url}
        self._set(number, {"reference": told, "next_look": self._books.clock() + FIRST_LOOK})

    def copied(self, number: int, note: int, there: CopyState | None = None) -> None:
        """A note has been copied, and perhaps the copy was closed with it."""
        self._set(number, {"noted": note} | ({"there": there} if there else {}))

    def finish(self, number: int, last: int) -> None:
        """All notes up to this one are copied."""
        values: dict[str, Any] = {"tried": None, "failing": None, "error": None, "noted": last}
        self._set(number, values | {"state": State.CURRENT, "looks": 0})

    def fail(self, number: int, error: Exception, *, detail: str, known: bool, for_good: bool) -> bool:
        """Note why a try failed; `known`: that nothing happened. Returns whether it is given up."""
        now = self._books.clock()
        with self._books.write() as tx:
            since = tx.execute(select(ticket_copy.c.failing).where(self._is(number))).scalar_one() or now
            given_up = for_good or now - since > PATIENCE
            values: dict[str, Any] = {"failing": since, "error": f"{type(error).__name__}: {detail}"[:ERROR_LENGTH]}
            values |= {"tried": None} if known else {}
            values |= {"state": State.STUCK} if given_up else {}
            tx.execute(update(ticket_copy).where(self._is(number)).values(values))
        return given_up

    def retry(self, tx: Connection, number: int) -> None:
        """Try again now, and ask again how it stands; no effect on a ticket without a copy."""
        values: dict[str, Any] = {"state": State.WAITING, "failing": None, "error": None, "looks": 0}
        values |= {"next_look": self._books.clock()}
        if tx.execute(update(ticket_copy).where(self._is(number)).values(values)).rowcount:
            self._books.outbox.put(tx, "ticket_copy", {"number": number})

    def retry_all(self, tx: Connection) -> None:
        """The same for all that were given up, once what kept them all from it has been mended."""
        stuck = and_(ticket_copy.c.system == self.system, ticket_copy.c.state == State.STUCK)
        for number in tx.execute(select(ticket_copy.c.ticket).where(stuck)).scalars().all():
            self.retry(tx, number)

    def to_look_at(self, most: int) -> list[Copy]:
        """Copies whose turn it is to be asked how they stand."""
        wanted = and_(ticket_copy.c.system == self.system, ticket_copy.c.next_look <= self._books.clock())
        with self._books.read() as db:
            return [_copy(row) for row in db.execute(self._query().where(wanted).limit(most))]

    def look_later(self, number: int) -> None:
        """The longer nothing happens, the seldomer it is asked; who copies something begins anew."""
        with self._books.write() as tx:
            looks = tx.execute(select(ticket_copy.c.looks).where(self._is(number))).scalar_one()
            pause = min(FIRST_LOOK * 1.5 ** min(looks, 30), LONGEST_PAUSE)
            values = {"looks": looks + 1, "next_look": self._books.clock() + pause}
            tx.execute(update(ticket_copy).where(self._is(number)).values(values))

    def heard(self, number: int, there: CopyState, *, over: bool) -> None:
        """How it stands there now; `over`: nothing more is to be asked."""
        self._set(number, {"there": there} | ({"next_look": None} if over else {}))

    def told(self, tx: Connection, number: int, there: CopyState) -> None:
        """The other side has told how it stands; the worker does what follows."""
        tx.execute(update(ticket_copy).where(self._is(number)).values(there=there))
        self._books.outbox.put(tx, "ticket_copy", {"number": number})

    def ask_soon(self, tx: Connection, number: int) -> None:
        tx.execute(update(ticket_copy).where(self._is(number)).values(next_look=self._books.clock()))

    def in_trouble(self, db: Connection, *, limit: int, offset: int = 0) -> list[Copy]:
        """Copies that fail, are given up, or stand otherwise than ours, the oldest first."""
        query = self._query().where(ticket_copy.c.system == self.system, or_(ticket_copy.c.error.is_not(None), _ODD))
        rows = db.execute(query.order_by(ticket_copy.c.ticket).limit(limit).offset(offset))
        return [_copy(row) for row in rows]

    def counts(self, db: Connection) -> Mapping[State, int]:
        query = select(ticket_copy.c.state, func.count()).where(ticket_copy.c.system == self.system)
        found = {State(state): int(count) for state, count in db.execute(query.group_by(ticket_copy.c.state))}
        return {state: found.get(state, 0) for state in State}

    def _is(self, number: int) -> ColumnElement[bool]:
        return and_(ticket_copy.c.ticket == number, ticket_copy.c.system == self.system)

    def _set(self, number: int, values: Mapping[str, Any]) -> None:
        with self._books.write() as tx:
            tx.execute(update(ticket_copy).where(self._is(number)).values(values))

    def _query(self) -> Any:
        return select(ticket_copy, ticket.c.status, ticket.c.stage).join(ticket)


_ODD = or_(  # what `Copy.disagrees` says, for the database
    and_(ticket.c.status.in_(OPEN), ticket_copy.c.there == CopyState.GONE),
    and_(ticket.c.status.in_(OPEN), ticket.c.stage.is_not(None), ticket_copy.c.there != CopyState.OPEN),
    and_(ticket.c.status == "fulfilled", ticket_copy.c.there == CopyState.REFUSED),
    and_(ticket.c.status.in_(ENDED), ticket_copy.c.state == State.CURRENT, ticket_copy.c.there == CopyState.OPEN),
)


def _copy(row: Row[Any]) -> Copy:
    return Copy(
        ticket=row.ticket,
        key=row.key,
        reference=CopyReference(**row.reference) if row.reference else None,
        state=State(row.state),
        there=CopyState(row.there),
        noted=row.noted,
        failing=row.failing,
        error=row.error,
        status=row.status,
        approval=row.stage is not None,
    )
