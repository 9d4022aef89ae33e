"""Rows 11 to 13: verifying the record, proving one entry, the newest entries about somebody, on SQLite.

The auditor's command is measured from its start to its end, by the clock and in processor time: what else the machine
does meanwhile slows the clock of two processes more than that of one.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import search
from audit.database_check import check_rows
from audit.export import export_tiles
from audit.log import AuditLog
from audit.notes import VerifierKey
from audit.reading import read
from audit.sealer import Sealer
from audit.search import Query
from audit.store import StoredHashes, bodies
from audit.tree import inclusion_proof
from bench.grown import WRITTEN, multiply, record
from bench.measure import Row, ratio
from bench.peer import Peer, missing
from portal.database import Database

ENTRIES = 98 * WRITTEN  # 1,003,520
HASHED = 200_000  # of which the bare rate is taken; it does not depend on how many
PEER_VERIFIES, PEER_HOLDS = 10_000, 100_000
ORIGIN = "bench.example/audit"


class Took(NamedTuple):
    """Seconds by the clock, and of processor time with that of the processes started."""

    wall: float
    cpu: float


def rows(folder: Path, rounds: int, peer: Peer | None) -> Iterator[Row]:
    """All of them from one record of a million entries."""
    database, log = record(f"sqlite:///{folder}/verified.db", attempts=True)
    multiply(database, log, ENTRIES // WRITTEN)
    key = Ed25519PrivateKey.generate()
    Sealer(ORIGIN, [key], folder / "sealed.json").seal(database.engine)
    with database.read() as db:
        export_tiles(db, folder / "export")
        entries = bodies(db, 0, HASHED)
    yield from _verifying(database, folder / "export", str(VerifierKey.of(key, ORIGIN)), entries, rounds, peer)
    proofs = [_proof(database, number) for number in range(0, ENTRIES, ENTRIES // 50)]
    yield _search(database, log, peer, f"an inclusion proof takes {1000 * median(proofs):.2f} ms")
    database.engine.dispose()


def _verifying(
    database: Database, export: Path, key: str, entries: Sequence[bytes], rounds: int, peer: Peer | None
) -> Iterator[Row]:
    what: dict[str, Callable[[], object]] = {
        "bare": lambda: [sha256(entry).digest() for entry in entries] and None,
        "one": partial(_command, export, key, 1),
        "two": partial(_command, export, key, 2),
        "tables": lambda: check_rows(database.read, ENTRIES, ()),
    }
    took: dict[str, list[Took]] = {name: [] for name in what}
    theirs, signatures = [], []
    if peer:
        peer.ask("fill", PEER_VERIFIES)
    for _ in range(rounds):
        for name, work in what.items():
            took[name].append(_took(work))
        if peer:
            theirs.append(peer.ask("verify"))
            signatures.append(peer.ask("signatures"))
    bare, cpu = (HASHED / median(getattr(one, of) for one in took["bare"]) for of in ("wall", "cpu"))
    rate = {name: ENTRIES / median(one.wall for one in many) for name, many in took.items()}
    used = {name: ENTRIES / median(one.cpu for one in many) for name, many in took.items()}
    size = f"{len(b''.join(entries)) / HASHED:.0f} bytes an entry"
    told = f"{{:.0f}}/s beside {bare:.0f}/s; by processor time {{:.0f}}/s beside {cpu:.0f}/s; {size}"
    for name, title, must, stretch in (("one", "1 process", 0.2, 0.33), ("two", "2 processes", 0.35, 0.6)):
        what_ = f"verify 1 million entries, beside the bare SHA-256 of them, {title}"
        note = told.format(rate[name], used[name])
        yield ratio("11", what_, rate[name] / bare, must=must, stretch=stretch, note=note)
    note = told.format(rate["tables"], used["tables"])
    yield Row(
        number="11", what="the same from the tables, as the sealer", value=f"{rate['tables'] / bare:.2f}", note=note
    )
    what_ = "verify, 2 processes, beside privacyIDEA"
    if not peer:
        yield missing("12", what_, ">= 40", ">= 75", f"{rate['two']:.0f} entries/s")
        return
    note = f"{rate['two']:.0f} entries/s beside {median(theirs):.0f} rows/s of its export, which checks each row"
    note += f"; its signatures alone {median(signatures):.0f}/s"
    yield ratio("12", what_, rate["two"] / median(theirs), must=40, stretch=75, note=note)


def _command(export: Path, key: str, processes: int) -> None:
    """What an auditor runs."""
    asked = ["-m", "audit", "verify", str(export), "--key", key, "--processes", str(processes)]
    subprocess.run([sys.executable, *asked], check=True, stdout=subprocess.DEVNULL)


def _took(work: Callable[[], object]) -> Took:
    began, used = time.perf_counter(), _cpu()
    work()
    return Took(time.perf_counter() - began, _cpu() - used)


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _proof(database: Database, number: int) -> float:
    with database.read() as db:
        began = time.process_time()
        inclusion_proof(StoredHashes(db), number, ENTRIES)
        return time.process_time() - began


def _search(database: Database, log: AuditLog, peer: Peer | None, note: str) -> Row:
    with database.write() as tx:
        person = log.pseudonym(tx, "main:137")
    took, theirs = [], []
    if peer:
        peer.ask("fill", PEER_HOLDS - PEER_VERIFIES)
    for number in range(50):
        began = time.process_time()
        with database.read() as db:
            read(db, log.keyring, search.find(db, log.keyring, Query(about=[person]), 50).numbers)
        took.append(time.process_time() - began)
        if peer:
            theirs.append(peer.ask("search", number))
    what = "the newest 50 about somebody among 1 million, beside privacyIDEA among 100,000"
    note = f"{1000 * median(took):.2f} ms; {note}"
    if not peer:
        return missing("13", what, "<= 1", "<= 0.4", note)
    value = median(took) / median(theirs)
    note = f"{1000 * median(theirs):.2f} ms beside {note}"
    return Row(
        number="13", what=what, value=f"{value:.2f}", must="<= 1", stretch="<= 0.4", reached=value <= 1, note=note
    )
