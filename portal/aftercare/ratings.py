"""What people said of the help they got: figures by month and queue, and their words. Nobody's name is part of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from portal.aftercare.tables import ticket_rating
from portal.keys import Keys
from portal.tables import ticket, ticket_note

MONTHS = 12
_RATED = ticket_rating.join(ticket)
KINDS = {True: "rated_good", False: "rated_bad"}  # of the notes that hold the words


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one month, or one queue."""

    of: date | str
    good: int
    bad: int

    @property
    def count(self) -> int:
        return self.good + self.bad

    @property
    def share(self) -> int:
        """Good ones in percent."""
        return round(100 * self.good / self.count)


@dataclass(frozen=True, kw_only=True)
class Comment:
    ticket: int
    at: datetime
    good: bool
    queue: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """Of the last months; those without any are left out."""

    months: list[Figures]  # the newest first
    queues: list[Figures]
    comments: list[Comment]  # the newest first


class Ratings:
    def __init__(self, keys: Keys, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._zone = zone
        self._clock = clock

    def found(self, db: Connection, queue: str = "", *, most: int = 50) -> Found:
        """Of every queue, or of one; which queues there are is told either way."""
        rated = select(ticket_rating.c.good, ticket_rating.c.at, ticket.c.queue).select_from(_RATED)
        rows = db.execute(rated.where(ticket_rating.c.at >= self._begin())).all()
        shown = [row for row in rows if queue in ("", row.queue)]
        months = Counter((row.at.astimezone(self._zone).date().replace(day=1), row.good) for row in shown)
        queues = Counter((row.queue, row.good) for row in rows)
        return Found(
            months=[
                Figures(of=month, good=months[month, True], bad=months[month, False])
                for month in sorted({month for month, _good in months}, reverse=True)
            ],
            queues=[
                Figures(of=name, good=queues[name, True], bad=queues[name, False])
                for name in sorted({name for name, _good in queues})
            ],
            comments=self._comments(db, queue, most),
        )

    def _comments(self, db: Connection, queue: str, most: int) -> list[Comment]:
        """What was written with the last judgement of each ticket."""
        n = ticket_note.c
        notes = _RATED.join(ticket_note, n.ticket == ticket.c.number)
        written = select(ticket_rating, ticket.c.queue, n.content, n.kind).select_from(notes)
        wanted = [ticket_rating.c.at >= self._begin(), n.kind.in_(KINDS.values())]
        wanted += [ticket.c.queue == queue] if queue else []
        found: dict[int, Comment] = {}
        for row in db.execute(written.where(*wanted).order_by(ticket_rating.c.at.desc(), n.id.desc())):
            text = self._keys.open("ticket", row.content)["text"]
            if text and row.kind == KINDS[row.good] and row.ticket not in found:
                found[row.ticket] = Comment(ticket=row.ticket, at=row.at, good=row.good, queue=row.queue, text=text)
            if len(found) == most:
                break
        return list(found.values())

    def _begin(self) -> datetime:
        """The first day of the first month."""
        today = self._clock().astimezone(self._zone).date()
        months = today.year * 12 + today.month - MONTHS
        return datetime.combine(date(months // 12, months % 12 + 1, 1), time(), self._zone).astimezone(UTC)
