"""Accounts as their owners last showed them, for directories that show nobody else anything.

Without a service account the portal sees an entry only while its owner signs in. It keeps what it saw, sealed, so that
mails and tickets find their way; how the account stands by now it does not know, and never says it did.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, delete, select

from connectors.account import Account
from portal.database import Database
from portal.keys import Keys
from portal.tables import kept_account as table

_AS_JSON = TypeAdapter(Account)


class Kept:
    def __init__(self, database: Database, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def keep(self, account: Account) -> Account:
        """Keep it in place of whatever was kept of this login before; return it as it will be read."""
        seen = replace(account, seen_at=self._clock())
        login = self._digest(account.directory, account.login)
        sealed = self._keys.seal("kept-account", _AS_JSON.dump_python(seen, mode="json"))
        row = {"account_id": account.id, "login_digest": login, "content": sealed, "seen": seen.seen_at}
        with self._database.write() as tx:
            tx.execute(delete(table).where(table.c.login_digest == login, table.c.account_id != account.id))
            fresh = self._database.insert(table).values(row)
            tx.execute(fresh.on_conflict_do_update(index_elements=["account_id"], set_=row))
        return seen

    def read(self, account_id: str) -> Account | None:
        """The account of this id, if its owner has signed in lately."""
        return self._one(table.c.account_id == account_id)

    def find(self, directory: str, login: str) -> Account | None:
        """The account of this login, if its owner has signed in lately."""
        return self._one(table.c.login_digest == self._digest(directory, login))

    def of(self, directory: str) -> Iterator[Account]:
        """Everybody of this directory who has signed in lately, as they were then."""
        with self._database.read() as db:
            rows = db.execute(select(table.c.content).where(table.c.account_id.startswith(f"{directory}:"))).all()
        return (_AS_JSON.validate_python(self._keys.open("kept-account", row.content)) for row in rows)

    def _one(self, wanted: ColumnElement[bool]) -> Account | None:
        with self._database.read() as db:
            row = db.execute(select(table.c.content).where(wanted)).first()
        return _AS_JSON.validate_python(self._keys.open("kept-account", row.content)) if row else None

    def _digest(self, directory: str, login: str) -> str:
        return self._keys.digest("kept-account", f"{directory}:{login.casefold()}")
