"""Many writers at once, in threads and in programs, and writers killed at any point, leave neither gap nor double."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from audit_samples import VKEY
from sqlalchemy import Engine

from audit.database_check import verify_database
from audit.event import Event
from audit.log import AuditLog
from audit.sealer import Sealer

WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import UTC, datetime
from sqlalchemy import create_engine
from audit_engines import sqlite_engine
from audit.event import Event
from audit.log import AuditLog

url, name, count = sys.argv[2], sys.argv[3], int(sys.argv[4])
engine = sqlite_engine(url.partition("///")[2]) if url.startswith("sqlite") else create_engine(url)
log = AuditLog(origin="portal.example/audit", key=b"k" * 32, clock=lambda: datetime.now(UTC), version="0.1.0")
event = Event(kind="unlock", actor=name, target=name, source="192.0.2.1")
for number in range(count):
    with engine.begin() as tx:
        correlation = log.intent(tx, event)
    print(number, flush=True)
    with engine.begin() as tx:
        log.outcome(tx, correlation, event, "success")
"""


def start(engine: Engine, name: str, count: int) -> "subprocess.Popen[bytes]":
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(Path(__file__).parent), url, name, str(count)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


def verify(engine: Engine, sealer: Sealer, left_open: int = 0) -> int:
    sealer.seal(engine)
    with engine.begin() as tx:
        report = verify_database(tx, str(VKEY), now=datetime.now(UTC))
    assert len(report.open_intents) == left_open
    return report.checkpoint.size


def test_threads_append_without_gaps(engine: Engine, log: AuditLog, sealer: Sealer) -> None:
    indices: list[int] = []

    def write(name: str) -> None:
        for _ in range(25):
            with engine.begin() as tx:
                index = log.record(tx, Event(kind="login", actor=name, target="demo:shared"), "success")
            indices.append(index)

    threads = [threading.Thread(target=write, args=(f"demo:{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert sorted(indices) == list(range(150))
    assert verify(engine, sealer) == 150
    with engine.begin() as tx:
        assert len(log.history(tx, "demo:shared", 200)) == 150


def test_programs_append_without_gaps(engine: Engine, sealer: Sealer) -> None:
    writers = [start(engine, f"demo:{n}", 40) for n in range(3)]
    assert [writer.communicate(timeout=120)[0].count(b"\n") for writer in writers] == [40, 40, 40]

    assert verify(engine, sealer) == 240


def test_writers_killed_at_any_point_leave_a_sound_log(
    engine: Engine, make_log: Callable[..., AuditLog], sealer: Sealer
) -> None:
    log = make_log(clock=lambda: datetime.now(UTC))
    for attempt in range(5):
        writer = start(engine, f"demo:{attempt}", 100_000)
        assert writer.stdout and writer.stdout.readline()
        time.sleep(random.Random(attempt).uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=30)

    with engine.begin() as tx:
        left = log.open_intents(tx, datetime.now(UTC))
        size = log.size(tx)
    assert verify(engine, sealer, left_open=len(left)) == size
    with engine.begin() as tx:
        for intent in left:
            log.outcome(tx, intent.correlation, None, "unknown", "killed", recovered=True)
    assert verify(engine, sealer) == size + len(left)
