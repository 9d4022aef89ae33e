"""Keeps entries findable: the worker does it every second, and a search for what was written since."""

from collections.abc import Callable

from audit import indexing
from audit.log import AuditLog
from portal.auditors.names import Names
from portal.database import Database

BEFORE_A_SEARCH = 4  # times `indexing.A_TIME` entries; somebody waits for the page


class Index:
    def __init__(self, database: Database, log: AuditLog, names: Names) -> None:
        self._database = database
        self._log = log
        self._names = names

    def run(self, told: Callable[[int], object] = lambda left: None) -> None:
        """Make everything findable, and learn what people are called; `told` hears how many entries are left."""
        while left := self.behind():
            self._names.learn(self._step())
            told(left)

    def catch_up(self) -> int:
        """Make what was just written findable, and return how many entries are not: many only before the first run."""
        for _ in range(BEFORE_A_SEARCH):
            if not self.behind():
                return 0
            self._step()
        return self.behind()

    def clear(self) -> None:
        """Forget everything, so that it is made anew."""
        with self._database.write() as tx:
            indexing.clear(tx)

    def behind(self) -> int:
        with self._database.read() as db:
            return indexing.behind(db)

    def _step(self) -> list[str]:
        with self._database.write() as tx:
            return indexing.catch_up(tx, self._log.keyring)
