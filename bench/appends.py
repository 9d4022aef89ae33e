"""Rows 8 to 10: entries of the record beside privacyIDEA's and beside bare commits of SQLite on the same disk."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from audit.event import Event
from audit.log import AuditLog
from bench.measure import Row, Slice, middle, ratio
from bench.peer import Peer, missing
from portal.database import Database
from portal.schema import upgrade_schema

WRITERS = 16
_THEIRS = {"append": ("its default", 11, 22), "append_one": ("one object kept", 5, 10)}
_BODY = b"x" * 900  # about what an entry holds
_EVENT = Event(kind="proof", actor="main:a", target="main:a", session="s", source="192.0.2.7", factors=("totp",))


def rows(folder: Path, seconds: float, rounds: int, peer: Peer | None) -> Iterator[Row]:
    """All rows from the same interleaved rounds."""
    url = f"sqlite:///{folder}/appends.db"
    upgrade_schema(url)
    database = Database(url)
    log = AuditLog(origin="bench.example/audit", key=b"k" * 32, clock=lambda: datetime.now(UTC), version="0")
    bare = _bare(folder / "bare.db")

    def append() -> None:
        with database.write() as tx:
            log.record(tx, _EVENT, "success")

    def commit() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO entry (body) VALUES (?)", (_BODY,))
        bare.execute("COMMIT")

    raw: list[Slice] = []
    one: list[Slice] = []
    many: list[Slice] = []
    theirs: dict[str, list[float]] = {command: [] for command in _THEIRS}
    append()  # the pseudonym is made once
    for _ in range(rounds):
        raw.append(_measured(commit, 1, seconds))
        one.append(_measured(append, 1, seconds))
        many.append(_measured(append, WRITERS, seconds))
        if peer:
            for command, rates in theirs.items():
                rates.append(peer.ask(command, seconds))
    for command, rates in theirs.items():
        yield _beside(command, rates, middle(one))
    figures = f"{middle(one):.0f}/s beside {middle(raw):.0f}/s"
    yield ratio(
        "9", "audit append, 1 writer, beside a bare commit", middle(one) / middle(raw), must=0.35, stretch=0.6,
        note=figures,
    )  # fmt: skip
    figures = f"{middle(many):.0f}/s beside {middle(one):.0f}/s"
    yield ratio(
        "10", f"{WRITERS} appends at once beside one writer", middle(many) / middle(one), must=1.5, stretch=2.5,
        note=figures,
    )  # fmt: skip


def _beside(command: str, theirs: list[float], ours: float) -> Row:
    title, must, stretch = _THEIRS[command]
    what = f"audit append, 1 writer, beside privacyIDEA, {title}"
    if not theirs:
        return missing("8", what, f">= {must}", f">= {stretch}", f"{ours:.0f}/s")
    note = f"{ours:.0f}/s beside {median(theirs):.0f}/s"
    return ratio("8", what, ours / median(theirs), must=must, stretch=stretch, note=note)


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE entry (idx INTEGER PRIMARY KEY, body BLOB)")
    return connection


def _measured(work: Callable[[], None], writers: int, seconds: float) -> Slice:
    began, used = time.monotonic(), time.process_time()
    ends = began + seconds

    def go(_: int) -> int:
        done = 0
        while time.monotonic() < ends:
            work()
            done += 1
        return done

    if writers == 1:
        done = go(0)
    else:
        with ThreadPoolExecutor(writers) as pool:
            done = sum(pool.map(go, range(writers)))
    cpu = {"bench": time.process_time() - used}
    return Slice(done=done, failed=0, seconds=time.monotonic() - began, cpu=cpu)
