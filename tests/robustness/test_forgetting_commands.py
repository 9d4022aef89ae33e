"""Forgetting people with the commands an administrator has."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from audit.event import Event
from audit.tables import private
from tests.servers.deployment import Deployment
from tests.servers.slapd import Slapd


@pytest.fixture
def made(slapd_server: Slapd, own_deployment: Callable[..., Deployment]) -> Deployment:
    made = own_deployment(slapd_server)
    parts = made.parts()
    with parts.database.write() as tx:
        for number in range(6):
            event = Event(kind="login", actor="staff:1", source=f"192.0.2.{number}")
            parts.log.record(tx, event, "success")
    return made


def known(made: Deployment) -> int:
    with made.parts().database.read() as db:
        return int(db.execute(select(func.count()).select_from(private)).scalar_one())


def test_somebody_is_forgotten_and_nobody_is_said_so(made: Deployment) -> None:
    assert known(made) > 0
    done = made.portal("audit", "erase", "staff:1")
    assert (done.returncode, known(made)) == (0, 0), done.stderr
    assert "staff:1: erased; entry 6 says so." in done.stdout
    assert "The database holds nothing of it any more." in done.stdout
    again = made.portal("audit", "erase", "staff:1")
    assert (again.returncode, "knows nobody by the name staff:1" in again.stderr) == (1, True)


def test_while_a_backup_is_under_way_it_is_not_said_to_be_gone(made: Deployment) -> None:
    with made.parts().database.engine.connect() as backup:
        backup.execute(select(func.count()).select_from(private))
        held = made.portal("audit", "erase", "staff:1", "--wait", "0")
        assert (held.returncode, known(made)) == (1, 0)
        assert "portal audit sweep" in held.stderr and "holds nothing" not in held.stdout
    assert made.portal("audit", "sweep").returncode == 0
