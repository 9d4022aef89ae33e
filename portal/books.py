"""The books: what a part needs to write down a change in one transaction, whoever asked for it and whatever it is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from audit.log import AuditLog
from portal.database import Database
from portal.keys import Keys
from portal.outbox import Outbox


@dataclass(frozen=True, kw_only=True)
class Books:
    """Rows go into the database, with them an entry into the record, and into the outbox what is to follow.

    `keys` seal what nobody may read in a row, `clock` dates all of it.
    """

    database: Database
    log: AuditLog
    keys: Keys
    outbox: Outbox
    clock: Callable[[], datetime]

    def read(self) -> AbstractContextManager[Connection]:
        """`Database.read`."""
        return self.database.read()

    def write(self) -> AbstractContextManager[Connection]:
        """`Database.write`: the transaction that holds all of it."""
        return self.database.write()
