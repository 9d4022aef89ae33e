"""Rows 11 to 13 in processor time: recomputing the record, proving one entry, the newest entries about somebody.

SQLite works in this process, so that its time counts, and what else the machine does meanwhile does not.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median

from audit import search
from audit.database_check import check_rows
from audit.event import Event
from audit.log import AuditLog
from audit.reading import read
from audit.search import Query
from audit.store import StoredHashes, bodies
from audit.tree import inclusion_proof
from bench.grown import WRITTEN, multiply, record
from bench.measure import Row, ratio
from portal.database import Database
from portal.schema import upgrade_schema

ENTRIES = 100_000  # recomputed; the rate does not depend on how many
FOUND_AMONG = 1_000_000
PRIVACYIDEA_VERIFIES = 9_800  # rows a second, measured on two cores such as these
PRIVACYIDEA_FINDS = 0.005  # seconds for the newest 50 of 100,000, likewise


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """All of them, the first two and the proof from one record."""
    database = _filled(f"sqlite:///{folder}/verified.db")
    with database.read() as db:
        entries = bodies(db, 0, ENTRIES)
    ours, bare = [], []
    for _ in range(rounds):
        began = time.process_time()
        check_rows(database.read, ENTRIES, ())
        ours.append(time.process_time() - began)
        began = time.process_time()
        for entry in entries:
            sha256(entry).digest()
        bare.append(time.process_time() - began)
    rate, plain = ENTRIES / median(ours), ENTRIES / median(bare)
    note = f"{rate:.0f} entries/s beside {plain:.0f}/s, {len(b''.join(entries)) / ENTRIES:.0f} bytes each; 1 process"
    yield ratio(
        "11", "verify, beside the bare SHA-256 of the same bytes", rate / plain, must=0.2, stretch=0.33, note=note
    )
    yield ratio(
        "12",
        "verify, beside privacyIDEA",
        rate / PRIVACYIDEA_VERIFIES,
        must=40,
        stretch=75,
        note=f"{rate:.0f} entries/s",
    )
    proofs = [_proof(database, number) for number in range(0, ENTRIES, ENTRIES // 50)]
    database.engine.dispose()
    yield _search(folder, f"an inclusion proof among {ENTRIES} takes {1000 * median(proofs):.2f} ms")


def _filled(url: str) -> Database:
    upgrade_schema(url)
    database = Database(url)
    log = AuditLog(origin="bench.example/audit", key=b"k" * 32, clock=lambda: datetime.now(UTC), version="0")
    event = Event(kind="proof", actor="main:a", target="main:a", session="s", source="192.0.2.7", factors=("totp",))
    for _ in range(ENTRIES // 1000):
        with database.write() as tx:
            for _ in range(1000):
                log.record(tx, event, "success")
    return database


def _proof(database: Database, number: int) -> float:
    with database.read() as db:
        began = time.process_time()
        inclusion_proof(StoredHashes(db), number, ENTRIES)
        return time.process_time() - began


def _search(folder: Path, note: str) -> Row:
    database, log = record(f"sqlite:///{folder}/found.db")
    multiply(database, log, FOUND_AMONG // WRITTEN)
    with database.write() as tx:
        person = log.pseudonym(tx, "main:137")
    took = []
    for _ in range(50):
        began = time.process_time()
        with database.read() as db:
            read(db, log.keyring, search.find(db, log.keyring, Query(about=[person]), 50).numbers)
        took.append(time.process_time() - began)
    database.engine.dispose()
    value = median(took) / PRIVACYIDEA_FINDS
    return Row(
        number="13",
        what=f"the newest 50 about somebody among {FOUND_AMONG}, beside privacyIDEA among 100,000",
        value=f"{value:.2f}",
        must="<= 1",
        stretch="<= 0.4",
        reached=value <= 1,
        note=f"{1000 * median(took):.2f} ms; {note}",
    )
