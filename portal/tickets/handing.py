"""Passing tickets on: to a colleague, back, up to those who know a field, and how urgent they are."""

from typing import Any

from sqlalchemy import Connection

from portal.database import Database
from portal.duty.due import Due
from portal.identity import Principal
from portal.settings.desk import Desk, Impact, Urgency
from portal.tickets.colleagues import Colleague, Colleagues
from portal.tickets.counter import Counter, NotAllowed
from portal.tickets.store import Tickets
from portal.tickets.ticket import FIRST, SECOND, Ticket


class Handing:
    """Every step takes the version that was shown and raises AlreadyDecided if it is past."""

    def __init__(
        self,
        desk: Desk,
        *,
        database: Database,
        tickets: Tickets,
        counter: Counter,
        colleagues: Colleagues,
        due: Due,
    ) -> None:
        self._desk = desk
        self._database = database
        self._tickets = tickets
        self._counter = counter
        self._colleagues = colleagues
        self._due = due

    @property
    def queues(self) -> tuple[str, ...]:
        """Those a ticket can be given to."""
        return (FIRST, SECOND, *(f"{SECOND}/{domain.name}" for domain in self._desk.domains), "supervisors")

    def climbs_to(self, ticket: Ticket) -> str:
        """The queue of those who know this kind of problem."""
        known = (d.name for d in self._desk.domains if {ticket.reason, ticket.action} & set(d.kinds))
        return f"{SECOND}/{name}" if (name := next(known, "")) else SECOND

    def colleagues(self, db: Connection, queue: str) -> list[Colleague]:
        """Whom a ticket in this queue can be given to: of a field whose people are known, they alone."""
        field = self._desk.field_of(queue)
        return [one for one in self._colleagues.all(db) if field is None or field.name in one.fields]

    def assign(self, actor: Principal, number: int, version: int, account_id: str, text: str = "") -> None:
        """Give it to a colleague, who sees the note first."""
        with self._database.read() as db:
            ticket = self._tickets.get(db, number)
            to = next((one for one in self.colleagues(db, ticket.queue) if one.account_id == account_id), None)
        if to is None:
            raise NotAllowed("not_staff")
        if ticket.requester_id == to.account_id:
            raise NotAllowed("own_ticket")
        values = {"status": "taken", "taken_by": to.account_id, "taken_name": to.name}
        self._counter.change(actor, number, version, values, kind="assigned", text=text, to=to.name)

    def give_back(self, actor: Principal, number: int, version: int, text: str = "") -> None:
        """Let anybody take it."""
        self._counter.change(actor, number, version, _free(), kind="given_back", text=text, to="")

    def pass_on(self, actor: Principal, number: int, version: int, queue: str, text: str) -> None:
        """Up to those who know more, or back from them; why, they read first. What was promised stays promised."""
        if queue not in self.queues:
            raise NotAllowed("no_such_queue")
        kind = "returned" if queue == FIRST else "escalated"
        self._counter.change(actor, number, version, _free() | {"queue": queue}, kind=kind, text=text, to=queue)

    def prioritise(
        self, actor: Principal, number: int, version: int, impact: Impact, urgency: Urgency, text: str
    ) -> None:
        """Somebody knows better how urgent it is; the times count from when it was opened."""
        with self._database.read() as db:
            before = self._tickets.get(db, number)
        if before.solve_by is None:
            raise NotAllowed("needs_decision")
        priority = self._desk.priority(impact, urgency)
        solve_by = self._due.solution(before.queue, before.opened, priority)
        due = solve_by if before.answered else self._due.answer(before.queue, before.opened, priority)
        values = {"impact": impact, "urgency": urgency, "priority": priority, "solve_by": solve_by, "due": due}
        self._counter.change(actor, number, version, values, kind="prioritised", text=text, to=priority)


def _free() -> dict[str, Any]:
    return {"status": "open", "taken_by": None, "taken_name": None}
