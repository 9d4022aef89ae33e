"""Searches that an auditor wants to find again: a name, and the filters as they stand in the page's address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from portal.auditors.tables import saved_search as table
from portal.database import Database
from portal.keys import Keys

MOST = 30  # of one auditor


@dataclass(frozen=True)
class Search:
    """A search by the name its owner gave it."""

    id: str
    name: str
    filters: str  # as after the question mark of an address


class Searches:
    def __init__(self, database: Database, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def of(self, account_id: str) -> list[Search]:
        """Somebody's own, in the order they were saved."""
        with self._database.read() as db:
            rows = db.execute(select(table).where(table.c.account_id == account_id).order_by(table.c.saved)).all()
        return [Search(row.id, **self._keys.open("saved-search", row.content)) for row in rows]

    def save(self, account_id: str, name: str, filters: str) -> bool:
        """Keep a search; False if there are too many already."""
        sealed = self._keys.seal("saved-search", {"name": name, "filters": filters})
        row = {"id": uuid4().hex, "account_id": account_id, "content": sealed, "saved": self._clock()}
        with self._database.write() as tx:
            mine = select(func.count()).select_from(table).where(table.c.account_id == account_id)
            if tx.execute(mine).scalar_one() >= MOST:
                return False
            tx.execute(insert(table), row)
        return True

    def remove(self, account_id: str, search_id: str) -> None:
        """Forget one; nothing happens if it is somebody else's."""
        with self._database.write() as tx:
            tx.execute(delete(table).where(table.c.id == search_id, table.c.account_id == account_id))
