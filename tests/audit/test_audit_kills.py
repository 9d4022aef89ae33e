"""Killed while it appends, seals, exports or prunes: the log verifies each time, and the witness agrees."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audit_engines import sqlite_engine
from audit_samples import LOG_KEY, ORIGIN, VKEY
from sqlalchemy import Engine, create_engine

from audit.checkpoints import open_checkpoint
from audit.database_check import verify_database
from audit.event import Event
from audit.export import export_tiles
from audit.feeding import Feeding
from audit.log import AuditLog
from audit.prune import Ages, Prune
from audit.sealer import Sealer
from audit.serving import checkpoint
from audit.verify.sources import Folder
from audit.verify.whole import Demands, verify_log
from audit.witness.client import WitnessClient
from audit.witness.witness import Witness, make

CAMPAIGN = os.environ.get("SPAREKEY_CAMPAIGN") == "1"
KILLS = 240 if CAMPAIGN else 8
OLD = datetime(2026, 3, 1, tzinfo=UTC)
NOW = OLD + timedelta(days=400)
EVENT = Event(kind="unlock", actor="demo:1", target="demo:1", source="192.0.2.1", reason="because")
Url = str


class Inside(WitnessClient):
    """The witness without a network between."""

    def __init__(self, witness: Witness) -> None:
        super().__init__("http://127.0.0.1:9", witness.key)
        self._witness = witness

    def _ask(self, note, old, proof):  # type: ignore[no-untyped-def]
        from audit.notes import encode64

        lines = [f"old {old}", *map(encode64, proof), "", str(note)]
        answer = self._witness.add_checkpoint("\n".join(lines).encode())
        return answer.status, answer.body.encode()


class Work:
    """What a process does until it is killed; each has connections of its own."""

    def __init__(self, url: Url, folder: Path) -> None:
        self.engine = sqlite_engine(Path(url.partition("///")[2])) if url.startswith("sqlite") else create_engine(url)
        self.folder = folder
        self.log = AuditLog(origin=ORIGIN, key=b"k" * 32, clock=lambda: OLD, version="0.1.0")
        feeding = Feeding([Inside(Witness(folder / "witness", lambda: NOW))], lambda: NOW)
        self.sealer = Sealer(ORIGIN, [LOG_KEY], folder / "sealed.json", lambda: NOW, feeding)

    def append(self) -> None:
        with self.engine.begin() as tx:
            attempt = self.log.intent(tx, EVENT)
        with self.engine.begin() as tx:
            self.log.outcome(tx, attempt, EVENT, "success")

    def seal(self) -> None:
        self.append()
        self.sealer.seal(self.engine)

    def export(self) -> None:
        with self.engine.begin() as tx:
            export_tiles(tx, self.folder / f"export-{time.monotonic_ns()}")

    def prune(self) -> None:
        for _ in range(20):
            self.append()
        work = Prune(self.log, self.engine.begin, self.engine.begin, Ages(30), NOW)
        work.tell()
        self.sealer.seal(self.engine)
        for _ in work.run():
            pass

    def size(self) -> int:
        with self.engine.begin() as tx:
            return self.log.size(tx)

    def close_what_was_left_open(self) -> int:
        with self.engine.begin() as tx:
            left = self.log.open_intents(tx, NOW)
            for intent in left:
                self.log.outcome(tx, intent.correlation, None, "unknown", "killed", recovered=True)
        return len(left)


def _go_on(url: Url, folder: Path, what: str) -> None:
    work = Work(url, folder)
    while True:
        getattr(work, what)()


@pytest.mark.campaign
def test_killed_at_any_moment_the_log_still_verifies(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    make(tmp_path / "witness", "witness.example/w1")
    witness = Witness(tmp_path / "witness", lambda: NOW)
    witness.know(VKEY)
    here = Work(url, tmp_path)
    for _ in range(150):
        here.append()
    here.sealer.seal(here.engine)
    chance, forked, seen = random.Random(7), multiprocessing.get_context("fork"), Counter[str]()
    for number in range(KILLS):
        what = ("append", "seal", "export", "prune")[number % 4]
        victim = forked.Process(target=_go_on, args=(url, tmp_path, what))
        victim.start()
        time.sleep(0.03 + chance.random() * 0.12)
        victim.kill()
        victim.join(10)
        assert victim.exitcode == -signal.SIGKILL, f"{what} had come to an end by itself"
        seen[what] += 1
        seen["left open"] += here.close_what_was_left_open()
        _verify(here, witness, engine, tmp_path, seen)
    assert here.size() > 150, "nothing came of what was killed"
    print(dict(seen))


def _verify(here: Work, witness: Witness, engine: Engine, folder: Path, seen: Counter[str]) -> None:
    here.sealer.seal(here.engine)
    here.sealer.full_check(here.engine)
    with engine.begin() as tx:
        report = verify_database(tx, str(VKEY), now=NOW)
        published, _ = open_checkpoint(checkpoint(tx) or b"", VKEY)
    assert (report.unsigned, report.open_intents) == (0, [])
    assert [last for _, last in witness.logs()] == [published]
    for exported in folder.glob("export-*"):
        if (exported / "checkpoint").exists():
            seen["whole exports"] += 1
            if not any(not content.stat().st_size for content in exported.rglob("*") if content.is_file()):
                verify_log(Folder(exported), VKEY, Demands(now=NOW, patience=timedelta(days=1000)))
        for path in sorted(exported.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        exported.rmdir()
