"""Whether an error means that the database takes no writes now: it is full, read-only, locked or away."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_SQLITE = (  # https://www.sqlite.org/rescode.html: the low octet is the primary code
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
)
_POSTGRESQL = (  # classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html
    "08",  # connection exception
    "25006",  # read-only transaction
    "53",  # insufficient resources, a full disk among them
    "55P03",  # lock not available
    "57P",  # the server is shutting down or starting
    "58030",  # an input or output error
)


class RolledBack(RuntimeError):
    """SQLite has rolled back a transaction by itself, as it does when the disk is full."""


def cannot_write(error: BaseException | None) -> bool:
    """Whether this error, or the one behind it, is the database's refusal to write."""
    if isinstance(error, TimeoutError | PoolTimeout | RolledBack):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _refuses(error.orig)
    return isinstance(error, sqlite3.Error) and _refuses(error)  # short commands go to the driver directly


def _refuses(behind: BaseException | None) -> bool:
    code = getattr(behind, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE
    state = getattr(behind, "sqlstate", None)
    return state is None or state.startswith(_POSTGRESQL)  # none: there was no answer at all
