"""Keeps an account from ending while a wish for more time waits: a few days at a time, and never beyond the cap.

A bridge is one row: claimed together with a look at its ticket, written through the desk, closed with what was told.
Whoever finds a claim left behind reads the directory first. What was agreed is not written while a claim is open, so
that a longer end is never replaced by a bridge.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from audit.event import SYSTEM
from connectors.account import Account
from connectors.errors import AccountNotFound, ConnectorError
from portal.accounts import Accounts
from portal.actions.bridge_account import BridgeAccount
from portal.actions.extend_account import ExtendAccount
from portal.books import Books
from portal.desk import Desk
from portal.explaining.explain import Next, explain
from portal.identity import Principal
from portal.jobs import going_on
from portal.results import Done, Unsure
from portal.settings.duty import Approvals as Settings
from portal.tables import bridge, lapse, ticket
from portal.tickets.counter import by_system
from portal.tickets.store import Tickets
from portal.tickets.ticket import OPEN, Ticket

AHEAD = timedelta(days=1)  # a directory that is away for a day, just then, costs nobody the account
LEASE = timedelta(minutes=10)  # longer than any write may take
State = Literal["writing", "done", "failed"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One bridge that this process alone may write now."""

    number: int
    until: date
    at: datetime


def next_bridge(*, ends_on: date, first_end: date, asked: date, today: date, settings: Settings) -> date | None:
    """The last day of the next bridge; None: no more is left. `first_end`: the end before any bridge was given."""
    cap = first_end + timedelta(days=settings.most_bridge_days)
    until = min(max(ends_on, today) + timedelta(days=settings.bridge_days), asked, cap)
    return until if until > ends_on and until >= today else None


class Bridges:
    """Gives bridges; every step is a conditional update, so that any number of workers may run it."""

    def __init__(
        self, books: Books, *, settings: Settings, zone: ZoneInfo, tickets: Tickets, accounts: Accounts, desk: Desk
    ) -> None:
        self._books = books
        self._settings = settings
        self._zone = zone
        self._tickets = tickets
        self._accounts = accounts
        self._desk = desk
        self._log = structlog.get_logger("bridges")

    def run(self) -> int:
        """Look after every account that is about to end while its ticket waits; return how many bridges were given."""
        left = (bridge.c.state == "writing", bridge.c.at <= self._books.clock() - LEASE)
        with self._books.read() as db:
            found = db.execute(select(bridge).where(*left)).all()
        claims = [self._retake(row.ticket, row.until, row.at) for row in found]
        given = 0
        for claim in filter(None, claims):
            with going_on("bridge", ticket=claim.number):
                given += self._write(claim)
        return given + self._keep()

    def keep(self, id_: str, content: dict[str, Any]) -> None:
        """Look after one ticket as soon as it is opened: its account may end before a worker's next pass."""
        self._keep(ticket.c.number == content["number"])

    def _keep(self, *of: ColumnElement[bool]) -> int:
        if not self._settings.bridge_days or not self._desk.offers(BridgeAccount):
            return 0
        soon = self._books.clock().astimezone(self._zone).date() + AHEAD
        due = (ticket.c.lapses <= soon, ticket.c.status.in_(OPEN), ticket.c.action == ExtendAccount.name)
        with self._books.read() as db:
            numbers = list(db.execute(select(ticket.c.number).where(*due, *of)).scalars())
        given = 0
        for number in numbers:
            with going_on("bridge", ticket=number):
                given += bool((claim := self._claim(number)) and self._write(claim))
        return given

    def _claim(self, number: int) -> Claim | None:
        with self._books.write() as tx:
            asked = self._tickets.get(tx, number)
            if asked.lapses is None or asked.account_id is None or not self._tickets.lock(tx, asked):
                return None
            first_end = _first_end(tx, asked.account_id, asked.lapses)
            today = self._books.clock().astimezone(self._zone).date()
            wanted = date.fromisoformat(asked.details["until"])
            until = next_bridge(
                ends_on=asked.lapses, first_end=first_end, asked=wanted, today=today, settings=self._settings
            )
            if until is None or self._tickets.last_was_refused(tx, asked) or _is_to_end(tx, asked):
                self._tickets.set_lapses(tx, number, None)
                return None
            row = {"ticket": number, "until": until, "account_id": asked.account_id, "first_end": first_end}
            at = self._books.clock()
            try:
                with tx.begin_nested():
                    tx.execute(insert(bridge).values(row | {"state": "writing", "at": at}))
            except IntegrityError:
                return None  # another worker has it
        return Claim(number=number, until=until, at=at)

    def _retake(self, number: int, until: date, at: datetime) -> Claim | None:
        claim = Claim(number=number, until=until, at=self._books.clock())
        with self._books.write() as tx:
            mine = tx.execute(update(bridge).where(*_same(number, until, at)).values(at=claim.at))
        return claim if mine.rowcount == 1 else None

    def _write(self, claim: Claim) -> bool:
        """Read the account only now: whatever was agreed before this claim stands in it."""
        with self._books.read() as db:
            asked = self._tickets.get(db, claim.number)
        try:
            account = self._accounts.read(asked.account_id or "")
        except AccountNotFound:
            return self._drop(claim, None)
        except ConnectorError as error:
            self._log.warning("bridge_waits", ticket=claim.number, error=type(error).__name__)
            return self._drop(claim, asked.lapses)
        ends_on = account.state.ends_on
        if ends_on == claim.until:
            return self._close(claim, asked)  # a crash came between the write and this
        if not asked.is_open or ends_on != asked.lapses or account.state.disabled or account.state.inactive:
            later = bool(ends_on and asked.lapses and ends_on > asked.lapses)
            return self._drop(claim, ends_on if later else None)  # somebody else has settled how long it lasts
        return self._submit(claim, asked, account)

    def _submit(self, claim: Claim, asked: Ticket, account: Account) -> bool:
        system = Principal(account_id=SYSTEM, login=SYSTEM, name="", language=asked.language)
        action = BridgeAccount(account_id=account.id, until=claim.until)
        result = self._desk.carry_out_approved(system, action, account, asked.number)
        if isinstance(result, Done):
            return self._close(claim, asked)
        if isinstance(result, Unsure):
            return False  # whoever finds the claim looks at what the directory says then
        if explain(result.reason).next is Next.LATER:
            return self._drop(claim, asked.lapses)
        with self._books.write() as tx:
            if _end(tx, claim, "failed"):
                self._tickets.set_lapses(tx, claim.number, None)
                by_system(tx, self._tickets, self._books.log, asked, "not_bridged")
                self._books.outbox.put(tx, "ticket_message", {"number": claim.number})
        return False

    def _close(self, claim: Claim, asked: Ticket) -> bool:
        with self._books.write() as tx:
            if not _end(tx, claim, "done"):
                return False
            self._tickets.set_lapses(tx, claim.number, claim.until)
            by_system(tx, self._tickets, self._books.log, asked, "bridged", claim.until.isoformat())
            self._books.outbox.put(tx, "approval_wanted", {"number": claim.number, "bridged": claim.until.isoformat()})
        return True

    def _drop(self, claim: Claim, lapses: date | None) -> bool:
        with self._books.write() as tx:
            if tx.execute(delete(bridge).where(*_same(claim.number, claim.until, claim.at))).rowcount:
                self._tickets.set_lapses(tx, claim.number, lapses)
        return False


def bridged_until(db: Connection, number: int) -> date | None:
    """Up to when the account of a ticket has been kept while nobody had decided."""
    mine = (bridge.c.ticket == number, bridge.c.state == "done")
    return db.execute(select(func.max(bridge.c.until)).where(*mine)).scalar_one()


def is_being_bridged(db: Connection, number: int) -> bool:
    """Whether some worker is about to write a bridge, or has stopped in the middle of it."""
    mine = (bridge.c.ticket == number, bridge.c.state == "writing")
    return db.execute(select(bridge.c.until).where(*mine)).first() is not None


def _first_end(db: Connection, account_id: str, ends_on: date) -> date:
    """The end before any bridge: asking again after a bridge does not begin a new count."""
    chain = (bridge.c.account_id == account_id, bridge.c.until == ends_on, bridge.c.state == "done")
    return db.execute(select(func.min(bridge.c.first_end)).where(*chain)).scalar_one() or ends_on


def _is_to_end(db: Connection, asked: Ticket) -> bool:
    """Whether whoever answers for the account has said that it is to end."""
    said = (lapse.c.account_id == asked.account_id, lapse.c.ends_on == asked.lapses)
    return db.execute(select(lapse.c.said).where(*said)).first() is not None


def _end(tx: Connection, claim: Claim, state: State) -> bool:
    same = _same(claim.number, claim.until, claim.at)
    return tx.execute(update(bridge).where(*same).values(state=state)).rowcount == 1


def _same(number: int, until: date, at: datetime) -> tuple[Any, ...]:
    return (bridge.c.ticket == number, bridge.c.until == until, bridge.c.at == at, bridge.c.state == "writing")
