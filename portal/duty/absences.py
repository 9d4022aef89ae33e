"""Whoever is away for a while names somebody who decides meanwhile: both may, and the mail goes to the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select, update

from audit.event import Event
from connectors.account import Account
from portal.books import Books
from portal.identity import Principal
from portal.tables import absence
from portal.tickets.store import Tickets
from portal.tickets.ticket import Ticket


@dataclass(frozen=True, kw_only=True)
class Absence:
    """One person's days away, the first and the last included."""

    account_id: str
    name: str  # of whoever is away; empty where that was not noted
    substitute_id: str
    substitute: str  # the name
    first: date
    last: date


class Absences:
    """Everybody has at most one, the next; a new one takes its place."""

    def __init__(self, books: Books, *, zone: ZoneInfo, tickets: Tickets) -> None:
        self._books = books
        self._zone = zone
        self._tickets = tickets

    def of(self, db: Connection, account_id: str) -> Absence | None:
        """The absence somebody has named, unless it is over."""
        row = db.execute(
            select(absence).where(absence.c.account_id == account_id, absence.c.last >= self._today())
        ).first()
        return self._absence(row) if row else None

    def now(self, db: Connection, account_ids: Iterable[str]) -> dict[str, Absence]:
        """Who of these is away today."""
        rows = db.execute(select(absence).where(absence.c.account_id.in_(list(account_ids)), *self._is_today()))
        return {row.account_id: self._absence(row) for row in rows}

    def between(self, db: Connection, first: date, last: date) -> list[Absence]:
        """Who is away on any of these days, the first to go on top."""
        query = select(absence).where(absence.c.first <= last, absence.c.last >= first)
        return [self._absence(row) for row in db.execute(query.order_by(absence.c.first, absence.c.account_id))]

    def stood_in_for(self, db: Connection, account_id: str) -> list[str]:
        """For whom somebody decides today."""
        query = select(absence.c.account_id).where(absence.c.substitute_id == account_id, *self._is_today())
        return list(db.execute(query).scalars())

    def who_is_there(self, db: Connection, ticket: Ticket) -> set[str]:
        """Who is asked to decide it by name: substitutes for those who are away, unless it is about themselves."""
        deciders = self._tickets.deciders(db, ticket.number)
        away = {one: gone.substitute_id for one, gone in self.now(db, deciders).items()}
        own = (ticket.requester_id, ticket.account_id)
        return {away[one] if one in away and away[one] not in own else one for one in deciders}

    def name(
        self, actor: Principal, substitute: Account, first: date, last: date, *, away: Account | None = None
    ) -> None:
        """Let somebody else decide on these days; `away`: in place of another than the actor, who has fallen ill."""
        who, name = (away.id, away.name) if away else (actor.account_id, actor.name)
        row = {
            "account_id": who,
            "substitute_id": substitute.id,
            "names": self._books.keys.seal("absence", {"name": name, "substitute": substitute.name}),
            "first": first,
            "last": last,
            "begun": None,
        }
        with self._books.write() as tx:
            tx.execute(delete(absence).where(absence.c.account_id == who))
            tx.execute(insert(absence).values(row))
            self._record(tx, actor, "substitute_named", who, substitute.id)

    def end(self, actor: Principal, away: str = "") -> None:
        """Decide oneself again; `away`: whose absence it is, if it is not one's own."""
        who = away or actor.account_id
        with self._books.write() as tx:
            if tx.execute(delete(absence).where(absence.c.account_id == who)).rowcount:
                self._record(tx, actor, "substitute_ended", who, "")

    def begin(self) -> None:
        """Ask the substitute for what waits already, once, when somebody's absence begins."""
        with self._books.read() as db:
            fresh = (absence.c.begun.is_(None), *self._is_today())
            waiting = list(db.execute(select(absence.c.account_id).where(*fresh)).scalars())
        for account_id in waiting:
            with self._books.write() as tx:
                own = (absence.c.account_id == account_id, absence.c.begun.is_(None))
                if tx.execute(update(absence).where(*own).values(begun=self._books.clock())).rowcount == 1:
                    for ticket in self._tickets.waiting_for(tx, account_id):
                        self._books.outbox.put(tx, "approval_wanted", {"number": ticket.number})

    def _is_today(self) -> tuple[Any, ...]:
        today = self._today()
        return (absence.c.first <= today, absence.c.last >= today)

    def _today(self) -> date:
        return self._books.clock().astimezone(self._zone).date()

    def _absence(self, row: Row[Any]) -> Absence:
        names = {"name": "", **self._books.keys.open("absence", row.names)}
        return Absence(
            account_id=row.account_id,
            substitute_id=row.substitute_id,
            **names,
            first=row.first,
            last=row.last,
        )

    def _record(self, tx: Connection, actor: Principal, kind: str, away: str, substitute: str) -> None:
        event = Event(kind=kind, **actor.in_record, target=away, object=substitute)
        self._books.log.record(tx, event, "success")
