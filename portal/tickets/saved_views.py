"""Filters of the queue that somebody has given a name; each person has their own."""

import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from portal.database import Database
from portal.tickets.queue import Wanted
from portal.tickets.tables import saved_view

MOST = 20


class TooMany(Exception):
    """Somebody has as many as fit on a page."""


@dataclass(frozen=True, kw_only=True)
class SavedView:
    id: str
    name: str
    wanted: Wanted
    first: bool  # what its owner sees first


class SavedViews:
    """The table of saved views. Nobody reads or changes another person's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, db: Connection, account_id: str) -> list[SavedView]:
        rows = db.execute(select(saved_view).where(saved_view.c.account_id == account_id))
        found = [SavedView(id=r.id, name=r.name, wanted=Wanted.read(r.filters), first=r.first) for r in rows]
        return sorted(found, key=lambda view: view.name.casefold())

    def save(self, account_id: str, name: str, wanted: Wanted) -> None:
        """Keep a filter; one of the same name is replaced."""
        mine = saved_view.c.account_id == account_id
        with self._database.write() as tx:
            same = tx.execute(select(saved_view.c.id).where(mine, saved_view.c.name == name)).scalar()
            if same:
                tx.execute(update(saved_view).where(saved_view.c.id == same).values(filters=wanted.filters))
                return
            if tx.execute(select(func.count()).select_from(saved_view).where(mine)).scalar_one() >= MOST:
                raise TooMany(name)
            row = {"id": secrets.token_hex(16), "account_id": account_id, "name": name}
            tx.execute(insert(saved_view).values(row | {"filters": wanted.filters, "first": False}))

    def rename(self, account_id: str, id_: str, name: str) -> None:
        with self._database.write() as tx:
            tx.execute(update(saved_view).where(*_own(account_id, id_)).values(name=name))

    def remove(self, account_id: str, id_: str) -> None:
        with self._database.write() as tx:
            tx.execute(delete(saved_view).where(*_own(account_id, id_)))

    def put_first(self, account_id: str, id_: str) -> None:
        """See this one first; an id that is none of his: the usual one again."""
        with self._database.write() as tx:
            mine = update(saved_view).where(saved_view.c.account_id == account_id)
            tx.execute(mine.values(first=saved_view.c.id == id_))


def _own(account_id: str, id_: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (saved_view.c.account_id == account_id, saved_view.c.id == id_)
