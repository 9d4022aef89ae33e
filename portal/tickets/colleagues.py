"""Who works at the desk, as seen there: those a ticket can be given to. No directory is asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from portal.books import Books
from portal.identity import Principal
from portal.tickets.tables import colleague

GONE = timedelta(days=45)  # longer than a holiday
AGAIN = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Colleague:
    account_id: str
    name: str
    fields: tuple[str, ...]  # of the second tier, that they know


class Colleagues:
    """The table of those who have been at the desk lately."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def seen(self, person: Principal) -> None:
        """Somebody is at the desk; written down once an hour."""
        now = self._books.clock()
        own = select(colleague.c.seen).where(colleague.c.account_id == person.account_id)
        with self._books.read() as db:
            last = db.execute(own).scalar_one_or_none()
        if last and last > now - AGAIN:
            return
        values = {
            "content": self._books.keys.seal("colleague", {"name": person.name, "fields": person.fields}),
            "seen": now,
        }
        row = self._books.database.insert(colleague).values(account_id=person.account_id, **values)
        with self._books.write() as tx:
            tx.execute(delete(colleague).where(colleague.c.seen < now - GONE))
            tx.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=values))

    def all(self, db: Connection) -> list[Colleague]:
        """Everybody, by name."""
        rows = db.execute(select(colleague).where(colleague.c.seen >= self._books.clock() - GONE))
        found = [self._colleague(row.account_id, self._books.keys.open("colleague", row.content)) for row in rows]
        return sorted(found, key=lambda one: one.name.casefold())

    def _colleague(self, account_id: str, content: Mapping[str, Any]) -> Colleague:
        return Colleague(account_id=account_id, name=content["name"], fields=tuple(content.get("fields", ())))
