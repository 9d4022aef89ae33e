"""A log in a real database: SQLite always, PostgreSQL where appending, sealing and taking turns are at stake.

A campaign runs all tests on both.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_engines import postgres_engine, sqlite_engine
from audit_samples import LOG_KEY, ORIGIN
from sqlalchemy import Engine

from audit.event import Event
from audit.log import AuditLog
from audit.sealer import Sealer
from audit.tables import metadata

CAMPAIGN = os.environ.get("SPAREKEY_CAMPAIGN") == "1"
ON_BOTH = ("test_audit_log", "test_audit_writers", "test_audit_sealer", "test_audit_other_reader")


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        both = CAMPAIGN or metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        metafunc.parametrize("engine", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engines = iter([sqlite_engine(tmp_path / "log.db")])
    else:
        engines = postgres_engine(request.getfixturevalue("postgres_server").url())
    engine = next(engines)
    metadata.create_all(engine)
    yield engine
    engine.dispose()
    next(engines, None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_log(clock: Clock) -> Callable[..., AuditLog]:
    def make(**changes: Any) -> AuditLog:
        return AuditLog(**{"origin": ORIGIN, "key": b"k" * 32, "clock": clock, "version": "0.1.0", **changes})

    return make


@pytest.fixture
def log(make_log: Callable[..., AuditLog]) -> AuditLog:
    return make_log()


@pytest.fixture
def sealer(clock: Clock, tmp_path: Path) -> Sealer:
    return Sealer(ORIGIN, [LOG_KEY], tmp_path / "sealed.json", clock)


@pytest.fixture
def fill(engine: Engine, log: AuditLog) -> Callable[[int], None]:
    """Append so many entries, every third one an intent with its outcome behind it."""

    def fill(count: int) -> None:
        event = Event(kind="password_reset", actor="demo:1", target="demo:1", source="192.0.2.7")
        with engine.begin() as tx:
            for number in range(count // 3):
                log.outcome(tx, log.intent(tx, event), event, "success")
                log.record(tx, Event(kind="login", actor=f"demo:{number % 5}"), "failure", "wrong_password")
            for _ in range(count % 3):
                log.record(tx, event, "success")

    return fill
