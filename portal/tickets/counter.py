"""Work on tickets: opening, taking, noting, deciding. Each step is recorded and told to whom it concerns."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, select

from audit.event import Event
from audit.log import AuditLog
from portal.books import Books
from portal.identity import STAFF, SYSTEM, Principal
from portal.tables import EPOCH, ticket_note
from portal.tickets.store import Tickets
from portal.tickets.ticket import AlreadyDecided, Ticket, Wish, about

QUEUE_ROLES = {  # who works on what waits in a queue
    "coordinators": STAFF,
    "tier2": frozenset({"tier2", "supervisor"}),
    "supervisors": frozenset({"supervisor"}),
}
TOGETHER = timedelta(minutes=5)  # what a colleague is given meanwhile is told in one letter
Decision = Literal["", "approved", "denied"]
DECISIONS: dict[str, Decision] = {"fulfilled": "approved", "refused": "denied"}


def by_system(tx: Connection, tickets: Tickets, log: AuditLog, ticket: Ticket, kind: str, text: str = "") -> None:
    """Something the portal did by itself: a line of the ticket, and of the record."""
    tickets.note(tx, ticket.number, author_id=SYSTEM, author="", kind=kind, text=text, shown=True)
    event = Event(kind="ticket_changed", actor=SYSTEM, target=ticket.account_id, ticket=str(ticket.number))
    log.record(tx, event, "success", kind)


class NotAllowed(Exception):
    """This person may not do that with this ticket; the message is a reason code."""


class Counter:
    """Where people work. Every method takes the version that was shown and raises AlreadyDecided if it is past."""

    def __init__(self, books: Books, *, tickets: Tickets) -> None:
        self._books = books
        self._tickets = tickets

    def open(self, tx: Connection, wish: Wish, *, actor: Principal) -> int:
        """Open a ticket in the caller's transaction, or return the open one for the same wish."""
        number, new = self._tickets.open(tx, wish)
        if new:
            if wish.stages:
                self._tickets.pass_on(tx, number, 0, wish.stages)
            self._tickets.note(tx, number, author_id=actor.account_id, author="", kind="opened", text="", shown=True)
            self._record(tx, "ticket_opened", actor, wish.requester_id, number)
            if wish.stages:
                self._books.outbox.put(tx, "approval_wanted", {"number": number})
            if wish.lapses:
                self._books.outbox.put(tx, "keep_account", {"number": number})
            self._books.outbox.put(tx, "ticket_opened", {"number": number, "requester_id": wish.requester_id})
        return number

    def viewed(self, actor: Principal, ticket: Ticket) -> None:
        """Somebody looked at a ticket about another person: that is on record too."""
        with self._books.write() as tx:
            self._record(tx, "ticket_viewed", actor, ticket.requester_id, ticket.number)

    def take(self, actor: Principal, number: int, version: int) -> None:
        self._step(actor, number, version, to="taken", kind="taken", text="")

    def change(
        self, actor: Principal, number: int, version: int, values: Mapping[str, Any], *, kind: str, text: str, to: str
    ) -> None:
        """A step that decides nothing, and that only the desk hears of."""
        with self._books.write() as tx:
            self.must_be_workable(actor, self._tickets.get(tx, number))
            self._tickets.change(tx, number, version=version, values=values)
            self.noted(tx, actor, self._tickets.get(tx, number), kind, text=text, to=to)
            if (to_id := values.get("taken_by")) and to_id != actor.account_id:
                self._tell_colleague(tx, to_id)

    def _tell_colleague(self, tx: Connection, account_id: str) -> None:
        """Let one letter tell of all that others give them within these minutes."""
        now = self._books.clock()
        since = EPOCH + (now - EPOCH) // TOGETHER * TOGETHER
        id_ = str(uuid5(NAMESPACE_URL, f"assigned/{account_id}/{since.isoformat()}"))
        content = {"account_id": account_id, "since": since.isoformat()}
        self._books.outbox.once(tx, id_, "ticket_assigned", content, after=since + TOGETHER - now)

    def noted(
        self, tx: Connection, actor: Principal, ticket: Ticket, kind: str, *, text: str, to: str, shown: bool = False
    ) -> None:
        """What somebody did stands in the ticket's history and in the record."""
        author = {"author_id": actor.account_id, "author": actor.name}
        self._tickets.note(tx, ticket.number, **author, kind=kind, text=text, shown=shown, to=to)
        self._record(tx, "ticket_changed", actor, ticket.requester_id, ticket.number, kind)

    def must_be_workable(self, actor: Principal, ticket: Ticket) -> None:
        """Raise NotAllowed or AlreadyDecided where this person may not take the next step."""
        self._must_be_staff(actor, ticket)
        if ticket.stage is not None:
            raise NotAllowed("needs_decision")  # by whose turn it is; a step here would end the link in their mail

    def note(self, actor: Principal, number: int, text: str, *, shown: bool) -> None:
        """Add a note; one that is shown is also mailed to the requester."""
        with self._books.write() as tx:
            ticket = self._tickets.get(tx, number)
            self._must_be_staff(actor, ticket)
            self._tickets.note(
                tx, number, author_id=actor.account_id, author=actor.name, kind="note", text=text, shown=shown
            )
            self._record(tx, "ticket_changed", actor, ticket.requester_id, number)
            if shown:
                self._tickets.answered(tx, ticket)
                self.tell(tx, ticket, "ticket_note", text)

    def message(self, tx: Connection, ticket: Ticket, text: str, *, actor: Principal) -> None:
        """The requester adds something, signed in or by the signed link."""
        self._tickets.note(
            tx, ticket.number, author_id=actor.account_id, author="", kind="message", text=text, shown=True
        )
        self._record(tx, "ticket_changed", actor, ticket.requester_id, ticket.number)
        self._books.outbox.put(tx, "ticket_message", {"number": ticket.number})

    def withdraw(self, tx: Connection, ticket: Ticket, *, actor: Principal) -> None:
        """The requester no longer needs it."""
        self._tickets.move(tx, ticket.number, version=ticket.version, to="withdrawn", by=actor.account_id, name="")
        self._tickets.note(
            tx, ticket.number, author_id=actor.account_id, author="", kind="withdrawn", text="", shown=True
        )
        self._record(tx, "ticket_changed", actor, ticket.requester_id, ticket.number)

    def fulfil(self, actor: Principal, number: int, version: int, reason: str) -> None:
        """It has been done by hand; the requester is told what was done."""
        self._step(actor, number, version, to="fulfilled", kind="fulfilled", text=reason)

    def refuse(self, actor: Principal, number: int, version: int, reason: str) -> None:
        """No, with a reason the requester reads."""
        self._step(actor, number, version, to="refused", kind="refused", text=reason)

    def settle(self, number: int, to: Literal["fulfilled", "refused"], *, by: str, text: str) -> None:
        """Its copy was closed by people of another system: so is ours. Never what somebody must decide here."""
        with self._books.write() as tx:
            ticket = self._tickets.get(tx, number)
            if ticket.is_open and ticket.stage is None:
                system = Principal(account_id=SYSTEM, login="", name=by)
                self._move(tx, ticket, system, version=ticket.version, to=to, kind=to, text=text)

    def _step(self, actor: Principal, number: int, version: int, *, to: str, kind: str, text: str) -> None:
        with self._books.write() as tx:
            ticket = self._tickets.get(tx, number)
            self.must_be_workable(actor, ticket)
            # Whoever took somebody's call has not asked for it.
            called = ticket.details.get("channel")
            if to in DECISIONS and not called and actor.account_id == _opened_by(tx, number):
                raise NotAllowed("own_ticket")
            self._move(tx, ticket, actor, version=version, to=to, kind=kind, text=text)

    def _move(
        self, tx: Connection, ticket: Ticket, actor: Principal, *, version: int, to: str, kind: str, text: str
    ) -> None:
        number = ticket.number
        self._tickets.move(tx, number, version=version, to=to, by=actor.account_id, name=actor.name)
        self._tickets.note(tx, number, author_id=actor.account_id, author=actor.name, kind=kind, text=text, shown=True)
        decision = DECISIONS.get(to)
        kind = "approval_decided" if decision else "ticket_changed"
        said = text if decision else ""
        self._record(tx, kind, actor, ticket.requester_id, number, to, decision=decision or "", said=said)
        if decision:
            self.tell(tx, ticket, "ticket_decided", text, decision=to)

    def _must_be_staff(self, actor: Principal, ticket: Ticket) -> None:
        if not actor.roles & STAFF:
            raise NotAllowed("not_staff")
        if actor.account_id == ticket.requester_id:
            raise NotAllowed("own_ticket")
        if not ticket.is_open:
            raise AlreadyDecided(str(ticket.number))

    def tell(self, tx: Connection, ticket: Ticket, template: str, text: str, **more: str | int) -> None:
        """Mail the requester."""
        if ticket.requester_id is None:
            return  # nobody proved who asks: the signed link they were given shows it
        self._books.outbox.put(
            tx,
            "notice",
            {
                "account_id": ticket.requester_id,
                "template": template,
                "values": about(ticket) | {"text": text, **more},
                "at": self._books.clock().isoformat(),
            },
        )

    def _record(
        self,
        tx: Connection,
        kind: str,
        actor: Principal,
        target: str | None,
        number: int,
        reason: str = "",
        *,
        decision: Decision = "",
        said: str = "",
    ) -> None:
        self._books.log.record(
            tx,
            Event(kind=kind, **actor.in_record, target=target, ticket=str(number), reason=said, decision=decision),
            "success",
            reason,
        )


def _opened_by(tx: Connection, number: int) -> str:
    """Who opened a ticket, for himself or for somebody else: the one who may not decide it either."""
    opened = (ticket_note.c.ticket == number) & (ticket_note.c.kind == "opened")
    return str(tx.execute(select(ticket_note.c.author_id).where(opened)).scalar_one())
