"""Three portals append to one PostgreSQL while a sealer signs: no gap, no double, and how long an append takes."""

import multiprocessing
import os
import statistics
import threading
import time
from multiprocessing.queues import Queue
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select

from audit.database_check import verify_database
from audit.event import Event
from audit.log import AuditLog
from audit.sealer import Sealer
from audit.tables import checkpoints, entries
from portal.parts import utc_now
from tests.audit.audit_samples import LOG_KEY, ORIGIN, VKEY

CAMPAIGN = os.environ.get("SPAREKEY_CAMPAIGN") == "1"
PORTALS, THREADS = 3, 4
EACH = 500 if CAMPAIGN else 10  # appends of one thread


def _portal(url: str, number: int, told: "Queue[list[float]]") -> None:
    """One process, as `portal run` is: a pool of connections and a few threads, each append durable by itself."""
    engine = create_engine(url, pool_size=THREADS)
    log = AuditLog(origin=ORIGIN, key=b"k" * 32, clock=utc_now, version="0.1.0")
    took: list[float] = []

    def write(thread: int) -> None:
        event = Event(kind="login", actor=f"staff:{number}-{thread}", source="192.0.2.1")
        for _ in range(EACH):
            began = time.perf_counter()
            with engine.begin() as tx:
                log.record(tx, event, "success")
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    told.put(took)


@pytest.mark.campaign
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite is for one machine
def test_three_portals_and_a_sealer_leave_no_gap_and_no_double(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    spawned = multiprocessing.get_context("spawn")
    told: Queue[list[float]] = spawned.Queue()
    portals = [spawned.Process(target=_portal, args=(url, number, told)) for number in range(PORTALS)]
    sealer, seals = Sealer(ORIGIN, [LOG_KEY], tmp_path / "sealed.json", utc_now), 0
    for portal in portals:
        portal.start()
    while any(portal.is_alive() for portal in portals) and told.qsize() < PORTALS:
        seals += sealer.seal(engine) is not None
        time.sleep(0.3)
    took = sorted(second for _ in portals for second in told.get(timeout=60))
    for portal in portals:
        portal.join(60)
    sealer.seal(engine)
    sealer.full_check(engine)
    with engine.begin() as tx:
        verify_database(tx, str(VKEY), now=utc_now())
        count, last = tx.execute(select(func.count(), func.max(entries.c.idx)).select_from(entries)).one()
        signed = tx.execute(select(func.max(checkpoints.c.size))).scalar_one()
    assert count == last + 1 == signed == len(took) == PORTALS * THREADS * EACH
    p50, p99 = statistics.median(took), took[int(len(took) * 0.99)]
    load = os.getloadavg()[0]
    print(f"{count} appends by {PORTALS} portals, {seals} seals, load {load:.1f}:", end=" ")
    print(f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms")
