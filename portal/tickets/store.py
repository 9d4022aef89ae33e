"""Tickets in the database. A state changes only by compare-and-swap on the version that was shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from portal.duty.due import Due
from portal.keys import Keys
from portal.settings.desk import Desk
from portal.tables import Moment, decider, ticket, ticket_note
from portal.tickets.finding import add_words
from portal.tickets.priority import judge
from portal.tickets.ticket import (
    APPROVED,
    CLOSED,
    LAST_NUMBER,
    OPEN,
    SPONSOR,
    AlreadyDecided,
    Note,
    Ticket,
    TicketNotFound,
    Wish,
)

Changed = Callable[[Connection, int, str], None]


class Tickets:
    """`changed` is told, in the same transaction, of everything that happens to a ticket: number and kind of note."""

    def __init__(self, keys: Keys, clock: Callable[[], datetime], due: Due, desk: Desk, changed: Changed) -> None:
        self._keys = keys
        self._clock = clock
        self._due = due
        self._desk = desk
        self._changed = changed

    def open(self, tx: Connection, wish: Wish, *, queue: str = "coordinators") -> tuple[int, bool]:
        """Open a ticket, or find the open one for the very same wish. Returns its number and whether it is new."""
        who = wish.requester_id or f"claim:{wish.claim}"
        key = self._keys.digest("ticket", wish.key or f"{who}/{wish.action}/{wish.reason}")
        now = self._clock()
        same = select(ticket.c.number).where(ticket.c.open_key == key)
        if number := tx.execute(same).scalar_one_or_none():
            return int(number), False
        content = {
            "subject": wish.subject,
            "claim": wish.claim,
            "text": wish.text,
            "steps": list(wish.steps),
            "facts": dict(wish.facts),
            "details": dict(wish.details),
            "stages": [dict(stage) for stage in wish.stages],
        }
        judged = judge(self._desk, wish)
        row = insert(ticket).values(
            open_key=key,
            requester_id=wish.requester_id,
            queue=queue,
            action=wish.action,
            reason=wish.reason,
            content=self._keys.seal("ticket", content),
            language=wish.language,
            status="open",
            opened=now,
            due=self._due.answer(queue, now, judged.priority),
            solve_by=None if wish.stages else self._due.solution(queue, now, judged.priority),
            impact=judged.impact,
            urgency=judged.urgency,
            priority=judged.priority,
            account_id=wish.account_id or None,
            stage=0 if wish.stages else None,
            lapses=wish.lapses,
        )
        try:
            with tx.begin_nested():
                number = tx.execute(row).inserted_primary_key
        except IntegrityError:  # PostgreSQL: another transaction has just opened the same one
            return int(tx.execute(same).scalar_one()), False
        assert number is not None  # noqa: S101 - an insert of one row has a key
        told = [str(value) for value in wish.details.values()]
        add_words(tx, self._keys, number[0], wish.subject, wish.text, *told, person=_names(wish.claim, wish.facts))
        return int(number[0]), True

    def get(self, db: Connection, number: int) -> Ticket:
        row = db.execute(select(ticket).where(ticket.c.number == number)).first() if number <= LAST_NUMBER else None
        if row is None:
            raise TicketNotFound(str(number))
        return self._ticket(row)

    def exists(self, db: Connection, number: int) -> bool:
        found = select(ticket.c.number).where(ticket.c.number == number)
        return number <= LAST_NUMBER and db.execute(found).first() is not None

    def of(self, db: Connection, requester_id: str, *, limit: int = 100) -> list[Ticket]:
        """The person's own tickets, newest first."""
        query = select(ticket).where(ticket.c.requester_id == requester_id).order_by(ticket.c.number.desc())
        return [self._ticket(row) for row in db.execute(query.limit(limit))]

    def given_to(self, db: Connection, account_id: str, since: datetime, *, limit: int = 50) -> list[Ticket]:
        """Open tickets that others have given to a colleague since then, and that are theirs still."""
        n = ticket_note.c
        given = select(n.ticket).where(n.kind == "assigned", n.at >= since, n.author_id != account_id)
        theirs = (ticket.c.taken_by == account_id, ticket.c.closed.is_(None), ticket.c.number.in_(given))
        return self.several(db, select(ticket).where(*theirs).order_by(ticket.c.due).limit(limit))

    def several(self, db: Connection, query: Select[Any]) -> list[Ticket]:
        """Those a query over the whole table finds."""
        return [self._ticket(row) for row in db.execute(query)]

    def waiting_for(self, db: Connection, *account_ids: str, limit: int = 100) -> list[Ticket]:
        """Approvals that these people are asked for by name, the most urgent first."""
        named = select(decider.c.ticket).where(decider.c.account_id.in_(account_ids))
        query = select(ticket).where(ticket.c.number.in_(named), ticket.c.status.in_(OPEN)).order_by(ticket.c.due)
        return [self._ticket(row) for row in db.execute(query.limit(limit))]

    def deciders(self, db: Connection, number: int) -> frozenset[str]:
        """Account ids of those who may decide it by name at its present stage."""
        rows = db.execute(select(decider.c.account_id).where(decider.c.ticket == number))
        return frozenset(row.account_id for row in rows)

    def pass_on(self, tx: Connection, number: int, stage: int, stages: Sequence[Mapping[str, Any]]) -> None:
        """Let the people of this stage decide, and nobody else by name."""
        tx.execute(delete(decider).where(decider.c.ticket == number))
        now_deciding: Mapping[str, Any] = stages[stage] if stage < len(stages) else {"queue": "coordinators", "ids": []}
        queue, now = now_deciding["queue"], self._clock()
        due = self._due.decision(queue, now)
        is_last = queue == "coordinators" and stage + 1 >= len(stages)
        values = {"stage": stage, "queue": queue, "due": due, "taken_by": None, "taken_name": None}
        values |= {"reminds": self._due.reminder(queue, now), "climbs": None if is_last else due}
        tx.execute(update(ticket).where(ticket.c.number == number).values(values))
        if now_deciding["ids"]:
            tx.execute(insert(decider), [{"ticket": number, "account_id": one} for one in now_deciding["ids"]])

    def climb(self, tx: Connection, before: Ticket, now: datetime) -> bool:
        """Nobody decided in time: let the next ones, and at last the service desk; False if it has moved meanwhile."""
        values = {"status": "open", "version": before.version + 1}
        moved = tx.execute(update(ticket).where(*_as_seen(before), ticket.c.climbs <= now).values(values))
        if moved.rowcount == 1:
            self.pass_on(tx, before.number, (before.stage or 0) + 1, before.stages)
        return moved.rowcount == 1

    def climb_soon(self, tx: Connection, number: int, now: datetime) -> None:
        """Let the worker's next pass give it to the next ones, though there is time left."""
        tx.execute(update(ticket).where(ticket.c.number == number, ticket.c.climbs > now).values(climbs=now))

    def remind(self, tx: Connection, late: Ticket, now: datetime) -> bool:
        """Note that whoever decides is being reminded; False if that is so already."""
        due = (*_as_seen(late), ticket.c.reminds <= now)
        return tx.execute(update(ticket).where(*due).values(reminds=None)).rowcount == 1

    def lock(self, tx: Connection, seen: Ticket) -> bool:
        """Hold the ticket as it was seen: decisions wait for this transaction; False if it is not so any more."""
        same = (*_as_seen(seen), ticket.c.lapses == seen.lapses)
        return tx.execute(update(ticket).where(*same).values(lapses=seen.lapses)).rowcount == 1

    def set_lapses(self, tx: Connection, number: int, lapses: date | None) -> None:
        """When the account ends as things stand; None: no bridge keeps it any more."""
        tx.execute(update(ticket).where(ticket.c.number == number).values(lapses=lapses))

    def last_was_refused(self, db: Connection, asked: Ticket) -> bool:
        """Whether the last decision about the same for the same account was a no."""
        same = (ticket.c.account_id == asked.account_id, ticket.c.action == asked.action)
        decided = (ticket.c.number < asked.number, ticket.c.status.in_(("fulfilled", "refused")))
        query = select(ticket.c.status).where(*same, *decided).order_by(ticket.c.number.desc()).limit(1)
        return db.execute(query).scalar_one_or_none() == "refused"

    def change_details(self, tx: Connection, number: int, details: Mapping[str, Any]) -> None:
        """What was decided differs from what was asked for."""
        row = tx.execute(select(ticket.c.content).where(ticket.c.number == number)).one()
        content = self._keys.open("ticket", row.content)
        content["details"] |= dict(details)
        tx.execute(update(ticket).where(ticket.c.number == number).values(content=self._keys.seal("ticket", content)))

    def give_back(self, tx: Connection, number: int, *, reason: str) -> bool:
        """An approved ticket that could not be carried out goes to people; False if it is not approved any more."""
        values: dict[str, Any] = {"status": "open", "queue": "coordinators", "reason": reason, "stage": None}
        due = self._due.answer("coordinators", self._clock())
        values |= {"due": due, "reminds": None, "climbs": None, "version": ticket.c.version + 1}
        given = tx.execute(update(ticket).where(ticket.c.number == number, ticket.c.status == APPROVED).values(values))
        return bool(given.rowcount)

    def applied(self, tx: Connection, number: int) -> bool:
        """An approved ticket has been carried out; False if it was not approved any more."""
        values = {"status": "fulfilled", "open_key": None, "closed": self._clock(), "version": ticket.c.version + 1}
        done = tx.execute(update(ticket).where(ticket.c.number == number, ticket.c.status == APPROVED).values(values))
        return bool(done.rowcount)

    def counts(self, db: Connection) -> dict[str, int]:
        query = select(ticket.c.status, func.count()).where(ticket.c.queue != SPONSOR).group_by(ticket.c.status)
        rows = db.execute(query)
        return {str(status): int(count) for status, count in rows}

    def move(self, tx: Connection, number: int, *, version: int, to: str, by: str, name: str) -> None:
        """Change the state if nobody else has since `version` was shown; raise AlreadyDecided otherwise."""
        values: dict[str, Any] = {"status": to}
        if to == "taken":
            values |= {"taken_by": by, "taken_name": name}
        if to in CLOSED:
            now = self._clock()
            values |= {
                "open_key": None,
                "closed": now,
                "answered": func.coalesce(ticket.c.answered, literal(now, Moment())),
            }
        self.change(tx, number, version=version, values=values)
        if to in CLOSED:  # who asks again gets a new ticket, not one that was merged into this
            tx.execute(update(ticket).where(ticket.c.merged_into == number).values(open_key=None))

    def change(self, tx: Connection, number: int, *, version: int, values: Mapping[str, Any]) -> None:
        """Change an open ticket if nobody else has since `version` was shown; raise AlreadyDecided otherwise."""
        as_shown = (ticket.c.number == number, ticket.c.version == version, ticket.c.status.in_(OPEN))
        moved = tx.execute(update(ticket).where(*as_shown).values({"version": version + 1, **values}))
        if moved.rowcount != 1:
            raise AlreadyDecided(str(number))

    def answered(self, tx: Connection, seen: Ticket) -> None:
        """The person has heard something for the first time: from now on it is due when it is to be solved."""
        if seen.answered is None and seen.solve_by is not None:
            first = (ticket.c.number == seen.number, ticket.c.answered.is_(None))
            tx.execute(update(ticket).where(*first).values(answered=self._clock(), due=ticket.c.solve_by))

    def add_facts(self, tx: Connection, number: int, facts: Mapping[str, str]) -> None:
        """Add what the directory said, once it has answered."""
        row = tx.execute(select(ticket.c.content).where(ticket.c.number == number)).first()
        if row is None:
            raise TicketNotFound(str(number))
        content = self._keys.open("ticket", row.content)
        content["facts"] |= dict(facts)
        add_words(tx, self._keys, number, person=_names("", facts))
        tx.execute(update(ticket).where(ticket.c.number == number).values(content=self._keys.seal("ticket", content)))

    def note(
        self,
        tx: Connection,
        number: int,
        *,
        author_id: str,
        author: str,
        kind: str,
        text: str,
        shown: bool,
        to: str = "",
    ) -> None:
        content = self._keys.seal("ticket", {"author": author, "text": text} | ({"to": to} if to else {}))
        add_words(tx, self._keys, number, text)
        tx.execute(
            insert(ticket_note).values(
                ticket=number, at=self._clock(), author_id=author_id, kind=kind, content=content, shown=shown
            )
        )
        self._changed(tx, number, kind)

    def notes(self, db: Connection, number: int, *, all_of_them: bool) -> list[Note]:
        """Oldest first; for the requester only those meant for him."""
        query = select(ticket_note).where(ticket_note.c.ticket == number).order_by(ticket_note.c.id)
        if not all_of_them:
            query = query.where(ticket_note.c.shown)
        return [self._note(row) for row in db.execute(query)]

    def _note(self, row: Row[Any]) -> Note:
        values = dict(row._mapping)
        content = self._keys.open("ticket", values.pop("content"))
        del values["ticket"]
        return Note(**values, **content)

    def _ticket(self, row: Row[Any]) -> Ticket:
        values = dict(row._mapping)
        content = self._keys.open("ticket", values.pop("content"))
        del values["open_key"]
        return Ticket(**values, **content)


def _names(claim: str, facts: Mapping[str, str]) -> tuple[str, ...]:
    return (claim, facts.get("name", ""), facts.get("login", ""))


def _as_seen(seen: Ticket) -> tuple[Any, ...]:
    return (ticket.c.number == seen.number, ticket.c.version == seen.version, ticket.c.status.in_(OPEN))
