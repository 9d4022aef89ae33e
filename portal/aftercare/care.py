"""What follows a closed ticket: a reply, a judgement, a day on which somebody comes back to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from audit.event import SYSTEM, Event
from portal.aftercare.tables import follow_up, ticket_rating
from portal.books import Books
from portal.duty.due import Due
from portal.identity import STAFF, Principal
from portal.jobs import going_on
from portal.settings.aftercare import Aftercare
from portal.tables import ticket as ticket_table
from portal.tables import ticket_copy
from portal.tickets.counter import Counter, NotAllowed
from portal.tickets.store import Tickets
from portal.tickets.ticket import MERGED, Ticket, Wish, about

How = Literal["desk", "mail"]
OVER = ("fulfilled", "refused", "withdrawn")  # may be opened again
JUDGED = ("fulfilled", "refused")
AT_ONCE = 100  # follow-ups carried out in one go, once a minute


@dataclass(frozen=True, kw_only=True)
class Rating:
    good: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """A day on which somebody comes back to a ticket."""

    id: int
    how: str
    due: datetime
    text: str
    name: str  # who planned it


class Care:
    def __init__(self, books: Books, *, settings: Aftercare, tickets: Tickets, counter: Counter, due: Due) -> None:
        self._books = books
        self.settings = settings
        self._tickets = tickets
        self._counter = counter
        self._due = due

    def opens_again(self, ticket: Ticket) -> bool:
        """Whether a reply opens this very ticket again; what was approved or refused by name needs a new wish."""
        return ticket.status in OVER and ticket.stage is None and self._within(ticket, self.settings.reopen_days)

    def reply(self, ticket: Ticket, text: str, *, actor: Principal) -> int:
        """Whoever asked writes after the end: the ticket opens again, or a new one names it. Returns the number."""
        with self._books.write() as tx:
            return self.reply_within(tx, ticket, text, actor=actor)

    def reply_within(
        self, tx: Connection, ticket: Ticket, text: str, *, actor: Principal, steps: tuple[str, ...] = ()
    ) -> int:
        """The same, in the caller's transaction."""
        ticket = self.goes_on(tx, ticket)
        if ticket.is_open or ticket.status == MERGED:
            self._counter.message(tx, ticket, text, actor=actor)
            return ticket.number
        if self.opens_again(ticket) and self._reopen(tx, ticket):
            self._note(tx, ticket, actor, "reopened", "", shown=True)
            self._counter.message(tx, ticket, text, actor=actor)
            return ticket.number
        wish = Wish(
            requester_id=ticket.requester_id,
            claim=ticket.claim,
            action="anything_else",
            reason="wish",
            subject=ticket.subject,
            text=text,
            steps=(f"ticket:{ticket.number}", *steps),
            facts=ticket.facts,
            details={name: ticket.details[name] for name in ("channel",) if name in ticket.details},
            language=ticket.language,
            key=f"after/{ticket.number}/{text}",
        )
        return self._counter.open(tx, wish, actor=actor)

    def goes_on(self, tx: Connection, ticket: Ticket) -> Ticket:
        """The one it was merged into, if the very same person asked for both; nobody else writes there."""
        if ticket.merged_into is None or ticket.requester_id is None:
            return ticket
        other = self._tickets.get(tx, ticket.merged_into)
        return other if other.requester_id == ticket.requester_id else ticket

    def may_rate(self, ticket: Ticket) -> bool:
        """Whether whoever asked may judge it now: never what they closed themselves, nor a colleague's in disguise."""
        own = ticket.requester_id is not None and ticket.taken_by == ticket.requester_id
        return ticket.status in JUDGED and not own and self._within(ticket, self.settings.rate_days)

    def rating(self, db: Connection, number: int) -> Rating | None:
        row = db.execute(select(ticket_rating).where(ticket_rating.c.ticket == number)).first()
        return Rating(good=row.good, at=row.at) if row else None

    def rate(self, ticket: Ticket, *, good: bool, why: str, actor: Principal) -> None:
        """Once; a second time changes the first. Raises NotAllowed."""
        if not self.may_rate(ticket) or (actor.roles & STAFF and actor.account_id != ticket.requester_id):
            raise NotAllowed("own_ticket")
        with self._books.write() as tx:
            before = self.rating(tx, ticket.number)
            if before and before.good == good and not why:
                return
            row = {"ticket": ticket.number, "good": good, "worked": ticket.taken_by, "at": self._books.clock()}
            statement = self._books.database.insert(ticket_rating).values(row)
            tx.execute(statement.on_conflict_do_update(index_elements=["ticket"], set_=row))
            self._note(tx, ticket, actor, "rated_good" if good else "rated_bad", why)

    def plan(self, actor: Principal, number: int, days: int, how: How, text: str) -> None:
        """Come back to a ticket in so many days. Raises NotAllowed."""
        with self._books.write() as tx:
            ticket = self._tickets.get(tx, number)
            nobody = how == "mail" and ticket.requester_id is None
            if not actor.roles & STAFF or actor.account_id == ticket.requester_id or nobody:
                raise NotAllowed("not_staff")
            due = self._books.clock() + timedelta(days=min(days, self.settings.follow_up_days))
            words = self._books.keys.seal("follow-up", {"text": text, "name": actor.name})
            values = {"ticket": number, "how": how, "by": actor.account_id, "words": words, "due": due}
            tx.execute(insert(follow_up).values(values))
            self._note(tx, ticket, actor, "planned", f"{due.isoformat()} {text}")

    def planned(self, db: Connection, number: int) -> list[FollowUp]:
        """What is still to come, the next first."""
        query = select(follow_up).where(follow_up.c.ticket == number, follow_up.c.done.is_(None))
        return [self._follow_up(row) for row in db.execute(query.order_by(follow_up.c.due))]

    def run(self) -> None:
        """Carry out what is due; once a minute, by any worker, each once."""
        now = self._books.clock()
        due = select(follow_up).where(follow_up.c.done.is_(None), follow_up.c.due <= now)
        with self._books.read() as db:
            rows = db.execute(due.order_by(follow_up.c.due).limit(AT_ONCE)).all()
        for row in rows:
            with going_on("follow up", ticket=row.ticket), self._books.write() as tx:
                mine = update(follow_up).where(follow_up.c.id == row.id, follow_up.c.done.is_(None))
                if tx.execute(mine.values(done=now)).rowcount == 1:
                    self._come_back(tx, self._tickets.get(tx, row.ticket), self._follow_up(row))

    def _come_back(self, tx: Connection, ticket: Ticket, one: FollowUp) -> None:
        system = Principal(account_id=SYSTEM, login="", name=one.name)
        if one.how == "mail" and ticket.requester_id:
            content = {
                "account_id": ticket.requester_id,
                "template": "follow_up",
                "at": self._books.clock().isoformat(),
            }
            self._books.outbox.put(tx, "notice", content | {"values": about(ticket) | {"text": one.text}})
            self._note(tx, ticket, system, "asked_again", one.text, shown=True)
            return
        if ticket.status in OVER and ticket.stage is None:
            self._reopen(tx, ticket)
        self._note(tx, ticket, system, "followed_up", one.text)
        self._books.outbox.put(tx, "ticket_message", {"number": ticket.number})

    def _reopen(self, tx: Connection, ticket: Ticket) -> bool:
        """False if it is not as it was seen any more."""
        as_seen = (ticket_table.c.number == ticket.number, ticket_table.c.version == ticket.version)
        values: dict[str, Any] = {"status": "open", "closed": None, "version": ticket.version + 1}
        values |= {"taken_by": None, "taken_name": None}
        values |= {"due": self._due.answer(ticket.queue, self._books.clock(), ticket.priority)}
        opened = tx.execute(update(ticket_table).where(*as_seen, ticket_table.c.status.in_(OVER)).values(values))
        # Its copy elsewhere is closed; that it is must not close ours again.
        tx.execute(update(ticket_copy).where(ticket_copy.c.ticket == ticket.number).values(there="open"))
        return opened.rowcount == 1

    def _within(self, ticket: Ticket, days: int) -> bool:
        return ticket.closed is not None and self._books.clock() - ticket.closed <= timedelta(days=days)

    def _follow_up(self, row: Any) -> FollowUp:
        return FollowUp(id=row.id, how=row.how, due=row.due, **self._books.keys.open("follow-up", row.words))

    def _note(
        self, tx: Connection, ticket: Ticket, actor: Principal, kind: str, text: str, *, shown: bool = False
    ) -> None:
        author = {"author_id": actor.account_id, "author": actor.name}
        self._tickets.note(tx, ticket.number, **author, kind=kind, text=text, shown=shown)
        event = Event(kind="ticket_changed", **actor.in_record, target=ticket.requester_id, ticket=str(ticket.number))
        self._books.log.record(tx, event, "success", kind)
