"""Whoever is killed while he prunes or exports leaves a record that verifies, and the next one ends the work."""

import json
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.database_check import verify_database
from audit.log import AuditLog
from audit.prune import Ages, Prune
from audit.sealer import Sealer
from audit.search import Query
from audit.tables import pruned
from portal.database import Database
from portal.evidence.exports import Exports, Format
from portal.record.tables import export as export_table
from portal.settings.installation import Settings
from tests.portal import killed_work
from tests.portal.killed_work import finished, killed
from tests.portal.site import MovableClock, Site
from tests.portal.test_forgetting import KEY, ORIGIN, VKEY, YEAR, fill
from tests.portal.watching_year import Writer

KILLS = 100 if os.environ.get("SPAREKEY_CAMPAIGN") else 3
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.campaign
@ON_SQLITE
def test_killed_while_it_prunes(database: Database, database_url: str, clock: MovableClock, tmp_path: Path) -> None:
    log = AuditLog(origin=ORIGIN, key=b"k" * 32, clock=clock, version="1")
    sealer = Sealer(ORIGIN, [KEY], tmp_path / "sealed.json", clock)
    at_it, chance = 0, random.Random(5)
    for number in range(KILLS):
        if number % 20 == 0:  # enough for twenty to have something to do
            fill(database, log, 1600 if KILLS == 3 else 6000)
            clock.move(YEAR + timedelta(days=1))
            Prune(log, database.read, database.write, Ages(365), clock()).tell()
            sealer.seal(database.engine)
        at_it += killed(killed_work.prune, 0.08, chance, database_url, b"k" * 32, clock())
        sealer.full_check(database.engine)
        with database.engine.connect() as db:
            verify_database(db, VKEY, now=clock())
    list(Prune(log, database.read, database.write, Ages(365), clock()).run())
    sealer.full_check(database.engine)
    with database.read() as db:
        row = db.execute(select(pruned)).one()
    print(f"\n{at_it} of {KILLS} were killed at work; {row.done} entries gone")
    assert row.done == row.told > 0 and at_it


@pytest.mark.campaign
@ON_SQLITE
def test_killed_while_it_exports(site: Site, settings: Settings, later: Callable[..., None]) -> None:
    does = Writer(site.parts.log, site.parts.database)
    for number in range(120 if KILLS == 3 else 600):
        does.did("unlock", "demo:staff", f"demo:{number % 50}")
    auditor = site.person(groups=("auditors",)).principal(at=site.clock(), roles=frozenset({"auditor"}))
    site.parts.auditing.index.catch_up()
    exports, chance, at_it = Exports(site.parts), random.Random(6), 0
    ids: list[str] = []
    for number in range(5 * KILLS):
        if number >= KILLS and at_it:  # where only a few are killed, chance may miss the work each time
            break
        if number % 10 == 0:
            ids.append(exports.begin(auditor, Format.JSON, Query(kinds=("unlock",)), "kind=unlock", "en"))
        at_it += killed(killed_work.export, 0.15, chance, settings, 70.0 * (number + 1))
    finished(killed_work.export, settings, 70.0 * (5 * KILLS + 2))
    with site.parts.database.read() as db:
        states = db.execute(select(export_table.c.state)).scalars().all()
    print(f"\n{at_it} of {KILLS} were killed at work; {len(ids)} files")
    assert set(states) == {"done"} and at_it
    for id_ in ids:
        lines = b"".join(exports.read(id_)).splitlines()
        told = [json.loads(line)["unmapped"]["tlog"]["index"] for line in lines]
        assert told == list(range(2 * (120 if KILLS == 3 else 600) - 1, 0, -2))
