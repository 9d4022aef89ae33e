"""Who has to agree, whose turn it is, and what happens once the last of them has: approved is not yet applied.

An approval is a ticket with stages. Whoever decides sees exactly what will be written; the worker then hands the action
to the desk, which reads the account once more. What cannot be carried out becomes work for the service desk.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from audit.event import SYSTEM, Event
from connectors.account import Account
from connectors.errors import ConnectorError, Outage, Unavailable
from portal.accounts import Accounts
from portal.action import Action
from portal.actions import ACTIONS
from portal.books import Books
from portal.desk import Desk
from portal.duty.absences import Absences
from portal.duty.bridges import is_being_bridged
from portal.explaining.reasons import reason_of
from portal.identity import AUDITS, STAFF, Principal
from portal.results import Done, Result, Unsure
from portal.tables import decider
from portal.tickets.counter import QUEUE_ROLES, NotAllowed, by_system
from portal.tickets.store import Tickets
from portal.tickets.ticket import APPROVED, SPONSOR, AlreadyDecided, Ticket, about

PASSING = (*Outage, "hook_failed", "not_recorded")  # what may have passed by the time the outbox tries again


class Approvals:
    """Decisions, and carrying out what was decided."""

    def __init__(self, books: Books, *, tickets: Tickets, accounts: Accounts, desk: Desk, absences: Absences) -> None:
        self._books = books
        self._tickets = tickets
        self._accounts = accounts
        self._desk = desk
        self._absences = absences

    def concern(self, account_id: str) -> bool:
        """Whether this person is or was asked for a decision by name."""
        with self._books.read() as db:
            named = select(decider.c.ticket).where(decider.c.account_id == account_id)
            return db.execute(named.limit(1)).first() is not None

    def may_decide(self, db: Connection, ticket: Ticket, actor: Principal) -> bool:
        """Whether it is this person's turn: nobody decides about an account of his own or a wish of his own."""
        if actor.account_id in (ticket.requester_id, ticket.account_id) or not ticket.is_open or ticket.stage is None:
            return False
        if actor.roles >= AUDITS:
            return False
        if ticket.queue == SPONSOR:
            mine = {actor.account_id, *self._absences.stood_in_for(db, actor.account_id)}
            return not mine.isdisjoint(self._tickets.deciders(db, ticket.number))
        return bool(actor.roles & QUEUE_ROLES[ticket.queue])

    def left_to_others(self, ticket: Ticket, actor: Principal) -> bool:
        """Whether this person would be asked, but has become an auditor, who only reads: then it is the next one's."""
        if not actor.roles >= AUDITS or not ticket.is_open:
            return False
        with self._books.read() as db:
            asked = actor.account_id in self._tickets.deciders(db, ticket.number)
        if asked:
            with self._books.write() as tx:
                self._tickets.climb_soon(tx, ticket.number, self._books.clock())
        return asked

    def was_asked(self, db: Connection, ticket: Ticket, actor: Principal) -> bool:
        """Whether it was this person's turn, before somebody decided."""
        if actor.account_id in (ticket.requester_id, ticket.account_id) or not ticket.stages:
            return False
        mine = {actor.account_id, *self._absences.stood_in_for(db, actor.account_id)}
        past = ticket.stages[: ticket.stage] if ticket.is_open else ticket.stages
        named = {account_id for stage in past for account_id in stage["ids"]}
        return not mine.isdisjoint(named) or (not ticket.is_open and bool(actor.roles & STAFF))

    def by_link(self, ticket: Ticket) -> bool:
        """Whether the link in a mail is enough: a mailbox alone never opens again what has ended."""
        try:
            return not self._accounts.read(ticket.account_id or "").state.ended
        except ConnectorError:
            return False

    def approve(self, actor: Principal, number: int, version: int, reason: str, *, until: date | None = None) -> Ticket:
        """Agree, perhaps to an earlier date than was asked for. Raises NotAllowed, or AlreadyDecided by another."""
        if not actor.session:
            with self._books.read() as db:
                asked = self._tickets.get(db, number)
            if not self.by_link(asked):
                raise NotAllowed("more_proof")
        with self._books.write() as tx:
            ticket = self._checked(tx, actor, number, version)
            last = (ticket.stage or 0) + 1 >= len(ticket.stages)
            if until is not None and until.isoformat() < ticket.details["until"]:
                self._tickets.change_details(tx, number, {"until": until.isoformat()})
            to = APPROVED if last else "open"
            self._tickets.move(tx, number, version=version, to=to, by=actor.account_id, name=actor.name)
            self._note(tx, ticket, actor, "agreed", reason)
            if last:
                self._books.outbox.put(tx, "apply", {"number": number})
            else:
                self._tickets.pass_on(tx, number, (ticket.stage or 0) + 1, ticket.stages)
                self._books.outbox.put(tx, "approval_wanted", {"number": number})
            return ticket

    def refuse(self, actor: Principal, number: int, version: int, reason: str) -> Ticket:
        """Say no; the requester reads why. Raises NotAllowed, or AlreadyDecided by another."""
        with self._books.write() as tx:
            ticket = self._checked(tx, actor, number, version)
            self._tickets.move(tx, number, version=version, to="refused", by=actor.account_id, name=actor.name)
            self._note(tx, ticket, actor, "refused", reason)
            self._tell(tx, ticket, reason, "refused")
            return ticket

    def apply(self, id_: str, content: dict[str, Any]) -> None:
        """Carry out what was approved, once; raise Unavailable while the directory cannot say."""
        number = int(content["number"])
        with self._books.read() as db:
            ticket = self._tickets.get(db, number)
            if is_being_bridged(db, number):
                raise Unavailable("a bridge is being written; this end replaces it")
        if ticket.status != APPROVED or ticket.account_id is None:
            return None
        try:
            account = self._accounts.read(ticket.account_id)
        except Unavailable:
            raise
        except ConnectorError as error:
            return self._give_back(ticket, reason_of(error))
        result = self._already(ticket, account) or self._carry_out(ticket, account)
        if isinstance(result, Done):
            return self._close(ticket)
        if isinstance(result, Unsure) or result.reason in PASSING:
            raise Unavailable(result.reason)
        return self._give_back(ticket, result.reason)

    def _carry_out(self, ticket: Ticket, account: Account) -> Result:
        who = ticket.requester_id or SYSTEM
        requester = Principal(account_id=who, login="", name="", language=ticket.language)
        return self._desk.carry_out_approved(requester, revive(ticket), account, ticket.number)

    def _already(self, ticket: Ticket, account: Account) -> Done | None:
        """It was written before a crash, and only this ticket does not know yet: the record does."""
        kind = ACTIONS[ticket.action]
        wrote = kind.confirm(ticket.details, {}, account) == "success"
        return Done(attempt="", account=account) if wrote else None

    def _close(self, ticket: Ticket) -> None:
        with self._books.write() as tx:
            if self._tickets.applied(tx, ticket.number):
                by_system(tx, self._tickets, self._books.log, ticket, "applied")

    def _give_back(self, ticket: Ticket, reason: str) -> None:
        with self._books.write() as tx:
            if self._tickets.give_back(tx, ticket.number, reason=reason):
                by_system(tx, self._tickets, self._books.log, ticket, "not_applied")
                self._books.outbox.put(tx, "ticket_message", {"number": ticket.number})

    def _checked(self, tx: Connection, actor: Principal, number: int, version: int) -> Ticket:
        ticket = self._tickets.get(tx, number)
        if not ticket.is_open or ticket.version != version:  # by now it may be the next one's turn
            raise AlreadyDecided(str(number))
        if not self.may_decide(tx, ticket, actor):
            raise NotAllowed("not_yours_to_decide")
        return ticket

    def _note(self, tx: Connection, ticket: Ticket, actor: Principal, kind: str, text: str) -> None:
        self._tickets.note(
            tx, ticket.number, author_id=actor.account_id, author=actor.name, kind=kind, text=text, shown=True
        )
        event = Event(
            kind="approval_decided",
            **actor.in_record,
            target=ticket.account_id,
            ticket=str(ticket.number),
            reason=text,
            decision="denied" if kind == "refused" else "approved",
        )
        self._books.log.record(tx, event, "success", kind)

    def _tell(self, tx: Connection, ticket: Ticket, text: str, decision: str) -> None:
        content = {
            "account_id": ticket.requester_id,
            "template": "ticket_decided",
            "values": about(ticket) | {"text": text, "decision": decision},
            "at": self._books.clock().isoformat(),
        }
        self._books.outbox.put(tx, "notice", content)


def revive(ticket: Ticket) -> Action:
    """The action a ticket asks for, as it was or as it was decided."""
    worded = {"subject": ticket.subject, "text": ticket.text}  # the ticket keeps these in places of their own
    return ACTIONS[ticket.action].from_details(ticket.account_id or "", {**ticket.details, **worded})
