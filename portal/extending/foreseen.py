"""Who is to be told of an end on a day, as it was found last: a page does not wait for directories of a million."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Column, Date, Integer, LargeBinary, Table, delete, select

from portal.database import Database
from portal.keys import Keys
from portal.tables import Moment, metadata

MOST = 1000  # lines kept of a day, the most urgent ones
T = TypeVar("T")

foreseen = Table(
    "notice_foreseen",
    metadata,
    Column("day", Date, primary_key=True),
    Column("made", Moment, nullable=False),
    Column("total", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed: {lines, silent}
)


@dataclass(frozen=True, kw_only=True)
class Foreseen(Generic[T]):
    lines: list[T]  # the first of them
    count: int  # of all
    silent: tuple[str, ...]
    made: datetime


class Foresight(Generic[T]):
    """The table of what was found; of each day the last look."""

    def __init__(self, kind: type[T], database: Database, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._as_json = TypeAdapter(list[kind])  # type: ignore[valid-type]
        self._database = database
        self._keys = keys
        self._clock = clock

    def keep(self, day: date, lines: Sequence[T], silent: Sequence[str]) -> None:
        """In place of what was found before; days that are past are forgotten."""
        shown = self._as_json.dump_python(list(lines[:MOST]), mode="json")
        content = self._keys.seal("foreseen", {"lines": shown, "silent": list(silent)})
        row = {"day": day, "made": self._clock(), "total": len(lines), "content": content}
        statement = self._database.insert(foreseen).values(row)
        with self._database.write() as tx:
            tx.execute(delete(foreseen).where(foreseen.c.made < self._today()))
            tx.execute(statement.on_conflict_do_update(index_elements=["day"], set_=row))

    def of(self, day: date) -> Foreseen[T] | None:
        """What was found today about that day; None: nobody has looked."""
        fresh = (foreseen.c.day == day, foreseen.c.made >= self._today())
        with self._database.read() as db:
            row = db.execute(select(foreseen).where(*fresh)).first()
        if row is None:
            return None
        content = self._keys.open("foreseen", row.content)
        lines = self._as_json.validate_python(content["lines"])
        return Foreseen(lines=lines, count=row.total, silent=tuple(content["silent"]), made=row.made)

    def _today(self) -> datetime:
        return self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
