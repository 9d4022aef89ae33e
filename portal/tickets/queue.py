"""The desk's lists: which tickets, in the order in which they are due, a page at a time, and how many there are.

Each page begins behind the last row of the one before, so that the thousandth costs what the first does. Counts stop
at a hundred: nobody acts otherwise because it is a thousand.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, tuple_

from portal.keys import Keys
from portal.settings.desk import Desk
from portal.tables import EPOCH, ticket
from portal.tickets.finding import has_words
from portal.tickets.store import Tickets
from portal.tickets.ticket import APPROVED, LAST_NUMBER, SECOND, SPONSOR, Ticket

MOST = 99  # counted; one more is told as "99+"
SOON = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A filter of the queue. Empty: everything."""

    state: str = "open"  # or "closed"
    queue: str = ""
    assignee: str = ""  # "me", "nobody", "someone"
    action: str = ""
    due: str = ""  # "late", "soon"
    priority: str = ""
    requester: str = ""  # words of a name
    q: str = ""  # a number, or words

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """From the address of a page, or as a saved view kept it; what it does not know, it leaves out."""
        given = {name: str(values.get(name, "")).replace("\0", "")[:200] for name in cls.__dataclass_fields__}
        return cls(**{name: value for name, value in given.items() if value})

    @property
    def filters(self) -> dict[str, str]:
        """What differs from everything open, as in an address."""
        usual = asdict(Wanted())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    @property
    def is_open(self) -> bool:
        return self.state != "closed"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Between which two rows a page begins: behind this time and number, or before them."""

    at: datetime
    number: int
    before: bool = False

    @classmethod
    def read(cls, text: str, *, before: bool) -> Self | None:
        at, _dash, number = text.partition("-")
        if not (at.isdecimal() and number.isdecimal() and len(at) < 18 and len(number) < 11):
            return None
        return cls(at=EPOCH + timedelta(microseconds=int(at)), number=int(number), before=before)

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Page:
    tickets: list[Ticket]
    newer: Place | None
    older: Place | None


class Queue:
    """What waits at the desk. Decisions that somebody is asked for by name are not in it."""

    def __init__(self, desk: Desk, keys: Keys, tickets: Tickets, clock: Callable[[], datetime]) -> None:
        self._second = (SECOND, *(f"{SECOND}/{domain.name}" for domain in desk.domains))
        self._keys = keys
        self._tickets = tickets
        self._clock = clock

    def page(self, db: Connection, wanted: Wanted, me: str, *, place: Place | None = None, size: int = 50) -> Page:
        """The tickets that are due first, or were closed last."""
        by = ticket.c.due if wanted.is_open else ticket.c.closed
        backwards = wanted.is_open == bool(place and place.before)  # closed ones are listed newest first
        query = select(ticket).where(*self._conditions(wanted, me))
        if place:
            here, there = tuple_(by, ticket.c.number), tuple_(*_bound(place))
            query = query.where(here < there if backwards else here > there)
        order = (by.desc(), ticket.c.number.desc()) if backwards else (by, ticket.c.number)
        found = self._tickets.several(db, query.order_by(*order).limit(size + 1))
        more, found = len(found) > size, found[:size]
        if place and place.before:
            found.reverse()
        ends = [Place(at=(t.due if wanted.is_open else t.closed) or t.due, number=t.number) for t in found]
        has_newer, has_older = (more, True) if place and place.before else (place is not None, more)
        return Page(
            tickets=found,
            newer=replace(ends[0], before=True) if ends and has_newer else None,
            older=ends[-1] if ends and has_older else None,
        )

    def count(self, db: Connection, wanted: Wanted, me: str) -> int:
        """How many there are; MOST + 1 where there are more."""
        by = ticket.c.due if wanted.is_open else ticket.c.closed  # in order: else SQLite looks through the whole table
        some = select(ticket.c.number).where(*self._conditions(wanted, me)).order_by(by).limit(MOST + 1).subquery()
        return int(db.execute(select(func.count()).select_from(some)).scalar_one())

    def _conditions(self, wanted: Wanted, me: str) -> list[ColumnElement[bool]]:
        # Unequal, not one of: an index on the state would be chosen for those, and all rows sorted by it.
        open_ones = [ticket.c.closed.is_(None), ticket.c.status != APPROVED]
        found = [ticket.c.queue != SPONSOR, *(open_ones if wanted.is_open else [ticket.c.closed.is_not(None)])]
        for column, value in ((ticket.c.action, wanted.action), (ticket.c.priority, wanted.priority)):
            found += [column == value] if value else []
        if wanted.queue:
            queues = self._second if wanted.queue == SECOND else (wanted.queue,)
            found.append(ticket.c.queue.in_(queues))
        match wanted.assignee:
            case "me":
                found.append(ticket.c.taken_by == me)
            case "nobody":
                found.append(ticket.c.status == "open")
            case "someone":
                found.append(ticket.c.status == "taken")
        now = self._clock()
        match wanted.due:
            case "late":
                found.append(ticket.c.due < now)
            case "soon":
                found += [ticket.c.due >= now, ticket.c.due < now + SOON]
        number = int(wanted.q) if wanted.q.isdecimal() and len(wanted.q) < 11 else 0
        if number:
            found.append(ticket.c.number == min(number, LAST_NUMBER))
        for text, of_person in ((wanted.requester, True), ("" if number else wanted.q, False)):
            words = has_words(self._keys, text, of_person=of_person)
            found += [words] if words is not None else []
        return found


def _bound(place: Place) -> tuple[Any, Any]:
    return bindparam("at", place.at, ticket.c.due.type), bindparam("after", min(place.number, LAST_NUMBER))
