"""`python -m bench.record`: is any page of the log slower in a record of millions than in one of ten thousand?

A few thousand entries are written as the portal writes them, and multiplied by the database itself.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, text

from audit import indexing, search
from audit.event import Event
from audit.log import AuditLog
from audit.reading import read
from audit.search import Query
from audit.tables import indexed
from portal.auditors.views import IN_PICTURE
from portal.database import Database
from portal.schema import upgrade_schema

WRITTEN = 10_000
PEOPLE, ROUNDS = 500, 9
STEP = 3_000  # milliseconds between two entries
KINDS = ("login", "proof", "password_reset", "unlock", "ticket_opened")


class Clock:
    """A moment that moves on with each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=STEP)
        return self.now


def record(url: str, written: int = WRITTEN) -> tuple[Database, AuditLog]:
    """A database with as many entries, a multiple of 500, that can be found."""
    upgrade_schema(url)
    database, dice = Database(url), random.Random(1)
    log = AuditLog(origin="bench.example/audit", key=b"k" * 32, clock=Clock(), version="0")
    for _ in range(written // 500):
        with database.write() as tx:
            for _ in range(500):
                _append(log, tx, dice)
    while True:
        with database.write() as tx:
            if not indexing.catch_up(tx, log.keyring):
                return database, log


def _append(log: AuditLog, tx: Connection, dice: random.Random) -> None:
    who, rare = int(dice.paretovariate(0.6)) % PEOPLE, dice.random() < 0.002
    event = Event(
        kind=dice.choice(KINDS),
        actor=f"main:{dice.randrange(5) if dice.random() < 0.1 else who}",
        target=f"main:{who}",
        source=f"192.0.2.{dice.randrange(50)}",
        ticket=str(dice.randrange(40)) if dice.random() < 0.2 else None,
        reason="the phone fell into the sea" if rare else "on leave" if dice.random() < 0.05 else "",
    )
    log.record(tx, event, "failure" if dice.random() < 0.1 else "success")


def multiply(database: Database, times: int, written: int = WRITTEN) -> None:
    """As if the same had happened again and again: everything a search reads, at later numbers and times."""
    more, later = f"idx + k * {written}", f"time + k * {STEP * written}"
    rest = "type_uid, kind, phase, outcome, actor, subject, correlation"
    copies = (
        ("audit_entry", "idx, leaf, body", f"{more}, leaf, leaf", "k, idx"),  # a body no search looks into
        ("audit_index", f"idx, time, {rest}", f"{more}, {later}, {rest}", "k, idx"),
        ("audit_term", "term, idx", f"term, {more}", "term, k, idx"),
        ("audit_word", "term, idx", f"term, {more}", "term, k, idx"),
    )
    numbers = f"WITH RECURSIVE n(k) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT k + 1 FROM n WHERE k < {times - 1})"
    with database.engine.execution_options(write=True).connect() as db, db.begin():
        if database.engine.dialect.name != "sqlite":
            db.execute(text("SET LOCAL statement_timeout = 0"))
        for table, columns, values, order in copies:
            chosen = f"SELECT {values} FROM {table}, n WHERE idx < {written} ORDER BY {order}"
            db.execute(text(f"INSERT INTO {table} ({columns}) {numbers} {chosen}"))
        db.execute(indexed.update().values(size=written * times))
        db.execute(text("ANALYZE"))


def questions(log: AuditLog, tx: Connection, size: int) -> dict[str, tuple[Query, int | None]]:
    """What an auditor asks, and from which number on."""
    often, seldom = (log.pseudonym(tx, f"main:{n}") for n in (1, 137))
    first = datetime(2026, 1, 1, tzinfo=UTC)
    half = timedelta(milliseconds=STEP * size // 2)
    return {
        "everything": (Query(), None),
        "everything, from the middle on": (Query(), size // 2),
        "somebody with many entries": (Query(about=[often]), None),
        "somebody with few": (Query(about=[seldom]), None),
        "somebody with few, from the middle on": (Query(about=[seldom]), size // 2),
        "done by one coordinator": (Query(by=[log.pseudonym(tx, "main:4")]), None),
        "refused resets": (Query(kinds=["password_reset"], outcomes=["failure"]), None),
        "a ticket": (Query(ticket="31"), None),
        "an address": (Query(source="192.0.2.17"), None),
        "rare words": (Query(text="sea phone"), None),
        "a day in the middle": (Query(since=first + half, until=first + half + timedelta(days=1)), None),
        "three at once": (Query(about=[often], source="192.0.2.17", outcomes=["failure"]), None),
        "two that never meet": (Query(about=[often], by=[seldom]), None),
    }


def times(database: Database, log: AuditLog, size: int) -> dict[str, float]:
    """The middle of several looks at each page: what was found, its picture, and the entries of one page."""
    with database.write() as tx:
        asked = questions(log, tx, size)
    return {what: _middle(lambda one=one: _page(database, log, *one)) for what, one in asked.items()}  # type: ignore[misc]


def _page(database: Database, log: AuditLog, query: Query, before: int | None) -> None:
    with database.read() as db:
        found = search.find(db, log.keyring, query, IN_PICTURE, before)
        search.over_time(db, found.numbers)
        read(db, log.keyring, found.numbers[:50])


def _middle(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.record", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="how many entries the large record holds")
    parser.add_argument("--database", help="an empty PostgreSQL database; without it, SQLite in a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sparekey-record-") as folder:
        database, log = record(given.database or f"sqlite:///{folder}/record.db")
        few = times(database, log, WRITTEN)
        multiply(database, given.entries // WRITTEN)
        many = times(database, log, given.entries)
        database.engine.dispose()
    table = Table(box=box.SIMPLE)
    for heading in ("page", f"{WRITTEN} entries", f"{given.entries} entries", "ratio"):
        table.add_column(heading)
    for what, took in few.items():
        table.add_row(what, f"{1000 * took:.1f} ms", f"{1000 * many[what]:.1f} ms", f"{many[what] / took:.2f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
