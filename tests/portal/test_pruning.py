"""The worker takes out what is too old, once a day at its hour, and only what was told and signed."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from audit.log import AuditLog
from audit.sealer import Sealer
from audit.search import Query, each
from audit.tables import entries
from portal.database import Database
from portal.record.pruning import Pruning
from portal.settings.record import Retention
from tests.portal.site import MovableClock
from tests.portal.test_forgetting import KEY, ORIGIN, fill, sound

OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def log(clock: MovableClock) -> AuditLog:
    return AuditLog(origin=ORIGIN, key=b"k" * 32, clock=clock, version="1")


@pytest.fixture
def sealer(clock: MovableClock, tmp_path: Path) -> Sealer:
    return Sealer(ORIGIN, [KEY], tmp_path / "sealed.json", clock)


@pytest.fixture
def old(database: Database, log: AuditLog, sealer: Sealer, clock: MovableClock) -> Database:
    """A record whose first two bundles are a year old, at noon in Oslo."""
    clock.now = datetime(2026, 3, 1, 11, tzinfo=UTC)
    fill(database, log, 600)
    clock.move(timedelta(days=400))
    fill(database, log, 40)
    sealer.seal(database.engine)
    return database


@pytest.fixture
def prune(old: Database, log: AuditLog, clock: MovableClock) -> Callable[[time | None], None]:
    return lambda at: Pruning(Retention(days=365, at=at), OSLO, old, log, clock).run()


def left(database: Database, log: AuditLog) -> int:
    """The number of the oldest entry that can be read."""
    with database.read() as db:
        return min(entry.index for entry in each(db, log.keyring, Query()))


def told(database: Database) -> int:
    with database.read() as db:
        return int(db.execute(select(func.count()).select_from(entries)).scalar_one()) - 640


def test_it_goes_once_a_day_at_its_hour_after_it_was_signed(
    old: Database, log: AuditLog, sealer: Sealer, clock: MovableClock, prune: Callable[[time | None], None]
) -> None:
    prune(None)
    prune(time(23, 30))  # noon: not yet
    assert (told(old), left(old, log)) == (0, 1)
    prune(time(3, 30))
    prune(time(3, 30))
    assert (told(old), left(old, log)) == (1, 1)  # told, and not signed
    sealer.seal(old.engine)
    prune(time(3, 30))
    assert (told(old), left(old, log)) == (1, 513)  # after the intent that is not found by itself
    sound(old, sealer, clock)
    clock.move(timedelta(days=365))
    fill(old, log, 300)
    clock.move(timedelta(days=366))
    prune(time(3, 30))
    assert told(old) == 302
    sealer.seal(old.engine)
    prune(time(3, 30))
    assert left(old, log) == 768
    sound(old, sealer, clock)


def test_the_files_are_written_anew_an_hour_later_if_a_backup_is_under_way(
    old: Database,
    log: AuditLog,
    sealer: Sealer,
    clock: MovableClock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pruning = Pruning(Retention(days=365, at=time(3, 30)), OSLO, old, log, clock)
    pruning.run()
    sealer.seal(old.engine)
    steady = {} if old.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with old.engine.connect().execution_options(**steady) as backup:
        backup.execute(select(func.count()).select_from(entries))
        pruning.run()
        assert (left(old, log), "not_swept" in capsys.readouterr().out) == (513, True)
        clock.move(timedelta(minutes=59))
        pruning.run()
        assert "not_swept" not in capsys.readouterr().out  # not each minute while the backup goes on
        clock.move(timedelta(minutes=1))
        pruning.run()
        assert "not_swept" in capsys.readouterr().out
    clock.move(timedelta(hours=1))
    swept: list[Database] = []
    monkeypatch.setattr("portal.record.pruning.sweep_away", lambda database, **_: swept.append(database))
    pruning.run()
    pruning.run()
    assert swept == [old]
