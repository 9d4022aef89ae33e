"""Tickets that are likely the same: shown while one is made or looked at, and made one."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, select, update

from portal.books import Books
from portal.identity import Principal
from portal.settings.desk import IMPACT, Desk
from portal.tables import ticket
from portal.tickets.counter import Counter, NotAllowed
from portal.tickets.finding import alike, has_words
from portal.tickets.store import Tickets
from portal.tickets.ticket import MERGED, OPEN, SPONSOR, AlreadyDecided, Ticket

SHOWN = 5
LOOKED_AT = 50


class Merging:
    """One case, one ticket. What was merged keeps its number, and leads to the other."""

    def __init__(self, desk: Desk, books: Books, *, tickets: Tickets, counter: Counter) -> None:
        self._books = books
        self._desk = desk
        self._tickets = tickets
        self._counter = counter

    def likely(
        self, db: Connection, *, requester_id: str | None, claim: str, reason: str = "", but: int = 0
    ) -> list[Ticket]:
        """Open tickets of the same person, and others that come from a cause many share; the newest first."""
        name = claim.casefold()
        found = self._open(db, ticket.c.requester_id == requester_id) if requester_id else []
        claimed = has_words(self._books.keys, claim, of_person=True)
        found += [t for t in self._open(db, claimed) if name in _names(t)] if claimed is not None else []
        if (IMPACT | self._desk.impact).get(reason, "one") != "one":
            since = self._books.clock() - timedelta(hours=self._desk.duplicate_hours)
            found += self._open(db, and_(ticket.c.reason == reason, ticket.c.opened >= since))
        by_number = {each.number: each for each in found if each.number != but}
        return [by_number[number] for number in sorted(by_number, reverse=True)[:SHOWN]]

    def asked_already(self, db: Connection, requester_id: str, subject: str, text: str) -> list[Ticket]:
        """One's own open tickets that are likely about what one writes; the very same again has its ticket anyway."""
        mine = self._open(db, ticket.c.requester_id == requester_id)
        if any((one.subject, one.text) == (subject, text) for one in mine):
            return []
        found = [one for one in mine if alike(f"{subject} {text}", f"{one.subject} {one.text}")]
        return sorted(found, key=lambda one: -one.number)[:SHOWN]

    def _open(self, db: Connection, which: ColumnElement[bool]) -> list[Ticket]:
        waiting = (ticket.c.closed.is_(None), ticket.c.status.in_(OPEN), ticket.c.queue != SPONSOR)
        return self._tickets.several(db, select(ticket).where(which, *waiting).limit(LOOKED_AT))

    def may_merge(self, one: Ticket, into: Ticket) -> bool:
        """Only of one person: whoever has the one's link must not learn of somebody else's through the other."""
        if not (one.is_open and into.is_open and one.stage is into.stage is None and one.number != into.number):
            return False
        if one.requester_id:
            return one.requester_id == into.requester_id
        return one.claim.casefold() in _names(into)

    def merge(self, actor: Principal, number: int, version: int, into: int) -> None:
        """Work on the other one in its place; its requester is told."""
        with self._books.write() as tx:
            one, other = self._tickets.get(tx, number), self._tickets.get(tx, into)
            for each in (one, other):
                self._counter.must_be_workable(actor, each)
            if not self.may_merge(one, other):
                raise NotAllowed("not_the_same")
            # Its key stays taken: who asks for the same again is led here, and so to the other one.
            values = {"status": MERGED, "merged_into": into, "closed": self._books.clock()}
            steps = {number: (version, values), into: (other.version, {})}
            for each_number, (shown, change) in sorted(steps.items()):  # in one order, whichever is merged into which
                self._tickets.change(tx, each_number, version=shown, values=change)
            moved = update(ticket).where(ticket.c.merged_into == number)  # nobody is led from one to the next
            tx.execute(moved.values(merged_into=into))
            self._counter.noted(tx, actor, one, "merged", text="", to=str(into), shown=True)
            self._counter.noted(tx, actor, other, "joined", text="", to=str(number))
            self._counter.tell(tx, one, "ticket_merged", "", other=into)

    def part(self, actor: Principal, number: int, version: int) -> None:
        """It was not the same after all, and the other one is still open."""
        with self._books.write() as tx:
            one = self._tickets.get(tx, number)
            other = self._tickets.get(tx, one.merged_into or 0)
            self._counter.must_be_workable(actor, other)
            values = {"status": "open", "merged_into": None, "closed": None, "version": version + 1}
            values |= {"taken_by": None, "taken_name": None}
            as_shown = (ticket.c.number == number, ticket.c.version == version, ticket.c.status == MERGED)
            if tx.execute(update(ticket).where(*as_shown).values(values)).rowcount != 1:
                raise AlreadyDecided(str(number))
            self._counter.noted(tx, actor, one, "parted", text="", to=str(other.number), shown=True)
            self._counter.noted(tx, actor, other, "left", text="", to=str(number))
            self._counter.tell(tx, one, "ticket_parted", "")

    def merged_into(self, db: Connection, number: int) -> list[Ticket]:
        """Those that are worked on in this one."""
        return self._tickets.several(db, select(ticket).where(ticket.c.merged_into == number).limit(50))


def _names(one: Ticket) -> tuple[str, str]:
    """Under which name somebody came, and which the account has."""
    return one.claim.casefold(), one.facts.get("login", "").casefold()
