"""`python -m bench.record`: is any page of the log slower in a record of millions than in one of ten thousand?

Processor time counts, ours and that of the database's process: what else the machine does meanwhile then does not.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, text

from audit import search
from audit.log import AuditLog
from audit.reading import read
from audit.search import Query
from audit.store import StoredHashes
from audit.tree import inclusion_proof
from bench.grown import STEP, WRITTEN, multiply, record
from portal.auditors.views import IN_PICTURE
from portal.database import Database

ROUNDS = 9
PROOF = "one entry's proof, of the middle"


class Took(NamedTuple):
    """The middle of several looks, in seconds, and how many entries were found."""

    cpu: float
    wall: float
    found: int


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
        "not reviewed": (Query(about=[often], reviewed=False), None),
        "two units of auditors": (Query(units=["north", "south"], kinds=["login"]), None),
    }


def times(database: Database, log: AuditLog, size: int, like: Mapping[str, Took] | None = None) -> dict[str, Took]:
    """Each page: what was found, its picture, and the entries of one page; and the proof of an entry.

    `like`: showing as much as was found before, so that what is compared is the same page.
    """
    with database.write() as tx:
        asked = questions(log, tx, size)
    took = {}
    with database.read() as db:
        for what, (query, before) in asked.items():
            most = (like[what].found if like else 0) or IN_PICTURE
            took[what] = _middle(db, partial(_page, db, log, query, before, most))
        took[PROOF] = _middle(db, lambda: len(inclusion_proof(StoredHashes(db), size // 2, size)))
        return took


def _page(db: Connection, log: AuditLog, query: Query, before: int | None, most: int) -> int:
    found = search.find(db, log.keyring, query, most, before)
    search.over_time(db, found.numbers)
    read(db, log.keyring, found.numbers[:50])
    return len(found.numbers)


def _middle(db: Connection, work: Callable[[], int]) -> Took:
    found = work()  # statements are put together once
    clock = _processor_time(db)
    cpu, wall = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), clock()
        work()
        cpu.append(clock() - used)
        wall.append(time.perf_counter() - began)
    return Took(median(cpu), median(wall), found)


def _processor_time(db: Connection) -> Callable[[], float]:
    """The seconds used by this process, and by the server's process for this connection if there is one here."""
    if db.dialect.name == "sqlite":
        return time.process_time
    server = int(db.execute(text("SELECT pg_backend_pid()")).scalar_one())
    clock = (~server << 3) | 2  # Linux: what clock_getcpuclockid(3) makes of a process's id
    return lambda: time.process_time() + time.clock_gettime(clock)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.record", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="how many entries the large record holds")
    parser.add_argument(
        "--database", help="an empty PostgreSQL database here; without it, SQLite in a temporary folder"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sparekey-record-") as folder:
        database, log = record(given.database or f"sqlite:///{folder}/record.db")
        few, copies = times(database, log, WRITTEN), given.entries // WRITTEN
        multiply(database, log, copies)
        many = times(database, log, copies * WRITTEN, few)
        full = times(database, log, copies * WRITTEN)
        database.engine.dispose()
    Console(width=140).print(table_of(few, many, full, copies * WRITTEN))


def table_of(few: Mapping[str, Took], many: Mapping[str, Took], full: Mapping[str, Took], size: int) -> Table:
    """The same page in both, and the page that shows all it can."""
    table = Table(box=box.SIMPLE, title="processor time of each page (and how long it took, and what was found)")
    for heading in ("page", f"{WRITTEN} entries", f"{size} entries", "ratio", "showing all it can"):
        table.add_column(heading)
    for what, took in few.items():
        table.add_row(what, _words(took), _words(many[what]), f"{many[what].cpu / took.cpu:.2f}", _words(full[what]))
    return table


def _words(took: Took) -> str:
    return f"{1000 * took.cpu:.1f} ms ({1000 * took.wall:.1f} ms, {took.found})"


if __name__ == "__main__":
    main()
