"""A record of any size: a few thousand entries written as the portal writes them, and then again and again.

What a search or a proof reads is all there, at later numbers and times: entries, hashes above them, terms, and the
personal values, each encrypted for its own place. So ten million entries take minutes, and the log verifies.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from audit import indexing
from audit.event import Event
from audit.log import AuditLog
from audit.private import place_of
from audit.store import StoredHashes
from audit.tables import head, indexed, nodes, private
from audit.tree import TILE, fold
from portal.database import Database
from portal.schema import upgrade_schema

WRITTEN = 40 * TILE  # whole bundles, so that the hashes above the copies are the same
PEOPLE = 500
ACCOUNTS = [f"main:{number}" for number in range(PEOPLE)]
STEP = 3_000  # milliseconds between two entries
KINDS = ("login", "proof", "password_reset", "unlock", "ticket_opened")
_A_TIME = 2 * TILE
_MORE = {
    "audit_entry": ("idx, leaf, body", "idx + :more, leaf, body"),
    "audit_index": (
        "idx, time, type_uid, kind, phase, outcome, actor, subject, correlation",
        "idx + :more, time + :later, type_uid, kind, phase, outcome, actor, subject, correlation",
    ),
    "audit_term": ("term, idx", "term, idx + :more"),
    "audit_word": ("term, idx", "term, idx + :more"),
}


class Clock:
    """A moment that moves on with each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=STEP)
        return self.now


def record(
    url: str,
    written: int = WRITTEN,
    *,
    attempts: bool = False,
    key: bytes = b"k" * 32,
    people: Sequence[str] = ACCOUNTS,
) -> tuple[Database, AuditLog]:
    """A database with as many entries, a multiple of 512, that can be found; with `attempts`, half of them in pairs."""
    upgrade_schema(url)
    database, dice = Database(url), random.Random(1)
    log = AuditLog(origin="bench.example/audit", key=key, clock=Clock(), version="0")
    for _ in range(written // _A_TIME):
        with database.write() as tx:
            for number in range(_A_TIME):
                if not attempts or number % 4 < 2:
                    _append(log, tx, dice, people)
                elif number % 4 == 2:
                    event = Event(kind="unlock", actor=people[4], target=people[number % PEOPLE], source="192.0.2.7")
                    log.outcome(tx, log.intent(tx, event), event, "success")
    while True:
        with database.write() as tx:
            if not indexing.catch_up(tx, log.keyring):
                return database, log


def _append(log: AuditLog, tx: Connection, dice: random.Random, people: Sequence[str]) -> None:
    who, rare = int(dice.paretovariate(0.6)) % PEOPLE, dice.random() < 0.002
    event = Event(
        kind=dice.choice(KINDS),
        actor=people[dice.randrange(5) if dice.random() < 0.1 else who],
        target=people[who],
        source=f"192.0.2.{dice.randrange(50)}",
        ticket=str(dice.randrange(40)) if dice.random() < 0.2 else None,
        reason="the phone fell into the sea" if rare else "on leave" if dice.random() < 0.05 else "",
    )
    log.record(tx, event, "failure" if dice.random() < 0.1 else "success")


def multiply(
    database: Database,
    log: AuditLog,
    times: int,
    written: int = WRITTEN,
    told: Callable[[int], object] = lambda _: None,
) -> None:
    """As if the same had happened again, so often; `told` hears how many entries there are."""
    with database.engine.execution_options(write=True).connect() as db:
        if db.dialect.name == "sqlite":
            db.execute(text("PRAGMA cache_size=-500000"))
            db.rollback()
        with db.begin():
            for table in _MORE:
                db.execute(text(f"CREATE TEMPORARY TABLE few_{table} AS SELECT * FROM {table} WHERE idx < {written}"))
            values = _in_clear(db, log, written)
        for copy in range(1, times):
            with db.begin():
                _copy(db, copy * written, written)
                _put_private(db, _encrypted(log, values, copy * written))
            told((copy + 1) * written)
        with db.begin():
            _hashes_above(db, written * times)
            db.execute(update(indexed).values(size=written * times))
            later = head.c.time + STEP * written * (times - 1)
            db.execute(update(head).where(head.c.size > 0).values(size=written * times, time=later))
        db.invalidate()  # its temporary tables and its large cache go with it
    if database.engine.dialect.name != "sqlite":
        _vacuum(database)


def _copy(db: Connection, more: int, written: int) -> None:
    for table, (columns, chosen) in _MORE.items():
        here = {name: value for name, value in {"more": more, "later": more * STEP}.items() if f":{name}" in chosen}
        db.execute(text(f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM few_{table} ORDER BY idx"), here)
    full = f"SELECT 1, n + {more // TILE}, hash FROM audit_node WHERE level = 1 AND n < {written // TILE}"
    db.execute(text(f"INSERT INTO audit_node (level, n, hash) {full}"))


def _in_clear(db: Connection, log: AuditLog, written: int) -> list[tuple[int, int, str]]:
    rows = db.execute(select(private).where(private.c.idx < written).order_by(private.c.idx, private.c.k))
    return [(number, k, log.keyring.decrypt(bytes(kept), place_of(number, k))) for number, k, kept in rows]


def _encrypted(log: AuditLog, values: Sequence[tuple[int, int, str]], more: int) -> Iterator[tuple[int, int, bytes]]:
    for number, k, value in values:
        yield number + more, k, log.keyring.encrypt(value, place_of(number + more, k))


def _put_private(db: Connection, rows: Iterator[tuple[int, int, bytes]]) -> None:
    """Straight to the driver, which is several times as fast."""
    driver: Any = db.connection.driver_connection
    if db.dialect.name == "sqlite":
        driver.executemany("INSERT INTO audit_private (idx, k, disclosure) VALUES (?, ?, ?)", rows)
        return
    with driver.cursor() as cursor, cursor.copy("COPY audit_private (idx, k, disclosure) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _hashes_above(db: Connection, size: int) -> None:
    """The nodes from the second level on, of which the copied part held none."""
    level, count = 1, size // TILE
    while count >= TILE:
        rows = StoredHashes(db).hashes(level, 0, count)
        above = [fold(rows[at : at + TILE]) for at in range(0, count - TILE + 1, TILE)]
        level, count = level + 1, len(above)
        if above:
            db.execute(insert(nodes), [{"level": level, "n": n, "hash": one} for n, one in enumerate(above)])


def _vacuum(database: Database) -> None:
    """What PostgreSQL does by itself within minutes, so that no measurement runs into it."""
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        db.execute(text("SET statement_timeout = 0"))
        db.execute(text("VACUUM ANALYZE"))
        db.invalidate()
