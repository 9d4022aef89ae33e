"""Sees to it that what was deleted is gone from the database's files too, not only from its tables."""

import re
import time
from contextlib import closing
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Table
from sqlalchemy.exc import OperationalError

from audit.tables import names, people, private, pseudonyms, remarks, words
from portal.database import Database
from portal.record.tables import export_part

# Where personal values of the record lie. Measured on SQLite: of 6,900 values deleted with `secure_delete`, one copy
# stayed in the unused part of a page that had been split before. Only writing the file anew leaves none.
TABLES = (private, pseudonyms, words, people, names, remarks, export_part)


MOST_WAIT = 2  # seconds for one table: whoever wants to use it queues up behind us
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0


class StillHeld(Exception):
    """Somebody reads the database as it was before the deletion, so its files cannot let go of it yet."""


def sweep_away(database: Database, *, seconds: float = 60) -> None:
    """Write the tables anew without what was deleted. Takes a second for each 100 MB or so; nobody writes meanwhile.

    What a transaction that began before may still see stays in the files (SQLite: a checkpoint stops at its readers;
    PostgreSQL: "dead row versions cannot be removed yet"), and a backup is such a transaction. So long its end is
    waited for. Raises StillHeld where it takes longer.
    """
    swept = (
        _on_sqlite(database, seconds) if database.engine.dialect.name == "sqlite" else _on_postgres(database, seconds)
    )
    if not swept:
        raise StillHeld("another program still reads the database as it was before")


def _on_sqlite(database: Database, seconds: float) -> bool:
    # The driver's own connection, which begins no transaction; see portal.database.
    with closing(database.engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute("VACUUM")
        try:
            driver.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            busy, *_pages = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout = {usual}")
        return not busy


def _on_postgres(database: Database, seconds: float) -> bool:
    end, pause, left = time.monotonic() + seconds, FIRST_PAUSE, list(TABLES)
    with database.read() as db:
        db.exec_driver_sql(f"SET statement_timeout = 0; SET lock_timeout = '{MOST_WAIT}s'")
        try:
            while (left := [table for table in left if not _written_anew(db, table)]) and time.monotonic() < end:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            db.exec_driver_sql("RESET statement_timeout; RESET lock_timeout")
    return not left


def _written_anew(db: Connection, table: Table) -> bool:
    """Whether all that was deleted from it is gone."""
    kept: list[int] = []

    def told(notice: Any) -> None:
        if number := re.match(r"\d+", notice.message_detail or ""):  # "12 dead row versions cannot be removed yet."
            kept.append(int(number[0]))

    driver: Any = db.connection.driver_connection
    driver.add_notice_handler(told)
    try:
        db.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table.name}")
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False  # somebody has it open
    finally:
        driver.remove_notice_handler(told)
    return not sum(kept)
