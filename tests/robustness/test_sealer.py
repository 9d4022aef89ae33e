"""`portal sealer` as a process: it signs at once, and where the record was changed it ends with an alarm."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from audit import word
from audit.event import Event
from audit.keys import load_key, verifier_key
from tests.audit.audit_samples import unguarded
from tests.robustness.record import verify_inside
from tests.servers.deployment import ROOT, Deployment
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd


@pytest.fixture
def made(slapd_server: Slapd, own_deployment: Callable[..., Deployment]) -> Deployment:
    return own_deployment(slapd_server)


@pytest.fixture
def own_file(made: Deployment) -> Path:
    """A sealer with a file and a state of its own; the portal's settings name only the key to verify with."""
    hidden = made.folder / "sealer"
    hidden.mkdir(mode=0o700)
    (made.folder / "secrets" / "signing.pem").rename(hidden / "signing.pem")
    key = verifier_key(load_key(hidden / "signing.pem"), "test.invalid/audit")
    portal = made.settings_path.read_text()
    line = next(line for line in portal.splitlines() if line.startswith("signing_key"))
    made.settings_path.write_text(portal.replace(line, f'verifier_key = "{key}"'))
    file = hidden / "sealer.toml"
    file.write_text(
        f'origin = "test.invalid/audit"\ndatabase = "{made.database_url}"\nstate = "{hidden}"\n'
        f'signing_key = "{hidden / "signing.pem"}"\n'
        f'[mail]\nhost = "127.0.0.1"\nport = {made.sink.port}\nsecurity = "none"\nsender = "no-reply@example.org"\n'
        '[sealer]\nalarms = ["auditor@example.org"]\n'
    )
    return file


@pytest.fixture
def running(own_file: Path, made: Deployment) -> Iterator["subprocess.Popen[bytes]"]:
    with (made.folder / "sealer.log").open("wb") as log:
        command = [sys.executable, "-m", "portal", "sealer", "--settings", str(own_file)]
        process = subprocess.Popen(command, cwd=ROOT, stderr=log)
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(15)


def append(made: Deployment) -> None:
    parts = made.parts()
    with parts.database.write() as tx:
        parts.log.record(tx, Event(kind="login", actor="staff:1"), "success")


def signed(made: Deployment) -> int:
    with made.parts().database.read() as db:
        return int(db.execute(text("SELECT coalesce(max(size), 0) FROM audit_checkpoint")).scalar_one())


def test_with_a_key_of_its_own_it_signs_and_where_the_record_was_changed_it_ends_with_an_alarm(
    made: Deployment, running: "subprocess.Popen[bytes]"
) -> None:
    append(made)
    wait_until(lambda: signed(made) == 1, seconds=30, what="the first checkpoint")
    began = time.monotonic()
    append(made)
    wait_until(lambda: signed(made) == 2, seconds=10, what="the next checkpoint")
    assert time.monotonic() - began < 3  # on an idle machine within a second
    assert "OK" in verify_inside(made)
    os.kill(running.pid, signal.SIGSTOP)
    with made.parts().database.write() as tx:
        unguarded(tx, "UPDATE audit_entry SET leaf = zeroblob(32) WHERE idx = 1")
    append(made)
    os.kill(running.pid, signal.SIGCONT)

    assert running.wait(15) == 3
    assert signed(made) == 2
    (told,) = made.mails("auditor@example.org")
    assert told.subject == "The record is no longer what was signed: test.invalid/audit"
    assert "entry 1 does not hash" in told.text
    assert '"seal_refused"' in (made.folder / "sealer.log").read_text()
    said = made.parts().sealed.word()
    assert said and said.refused
    with made.parts().database.read() as db:
        assert word.read(db) == said


def test_beside_the_worker_it_ends_with_it_and_is_not_started_again_after_a_refusal(made: Deployment) -> None:
    append(made)
    made.start_worker()
    wait_until(lambda: signed(made) == 1, seconds=40, what="the first checkpoint")
    with made.parts().database.write() as tx:
        unguarded(tx, "UPDATE audit_entry SET body = :body WHERE idx = 0", body=b"{}")
    append(made)
    wait_until(lambda: '"sealer_ended"' in made.logs(), seconds=30, what="the end of the sealer")
    assert '"starts_again": false' in made.logs()
    assert made.mails("desk@example.org")
