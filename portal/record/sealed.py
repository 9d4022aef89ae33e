"""Whether the record is being sealed: where nobody has signed it for too long, nothing is changed meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from audit import word
from audit.statements import Statement
from audit.tables import index
from audit.word import Word
from portal.database import Database

_FIRST = Statement(select(index.c.time).where(index.c.idx == 0))


class Sealed:
    """Reads the sealer's word. It costs every change one look into the database."""

    def __init__(self, database: Database, limit_minutes: int, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._limit = timedelta(minutes=limit_minutes)
        self._clock = clock

    def word(self) -> Word | None:
        """What the sealer has said last; None if none has ever run here."""
        return word.told(self._database.look(word.READ, {}))

    def late(self) -> timedelta:
        """How long ago it last found the record sound; counted from the first entry if it never ran."""
        said = self.word()
        if said:
            return self._clock() - said.sound
        first = self._database.look(_FIRST, {})
        return self._clock() - datetime.fromtimestamp(first.time / 1000, self._clock().tzinfo) if first else timedelta()

    def allows_changes(self) -> bool:
        return not self._limit or self.late() <= self._limit
