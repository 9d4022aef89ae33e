"""The file system the record lies on is really full: nothing is changed, looking goes on, and nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.robustness.browser import Browser
from tests.robustness.killing import LONG_AGO, NEW
from tests.robustness.record import story, verify_inside, wait_until_sealed
from tests.servers.deployment import Deployment, deployment
from tests.servers.people import PASSWORD
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd


def _why_not() -> str:
    if os.geteuid() != 0:
        return "only root can mount a small file system to fill"
    tried = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return "" if tried.returncode == 0 else "this machine lets nobody mount a file system"


@pytest.fixture
def made(slapd_server: Slapd) -> Iterator[Deployment]:
    if why := _why_not():
        pytest.skip(why)
    with deployment(slapd_server, megabytes=12) as installed:
        installed.start()
        yield installed


def fill(folder: Path) -> Path:
    """Write until not one octet more fits."""
    stuffing = folder / "stuffing"
    with stuffing.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    assert shutil.disk_usage(folder).free == 0
    return stuffing


def test_on_a_full_disk_nothing_is_changed_and_looking_goes_on(made: Deployment) -> None:
    person, reader = made.person(pwdChangedTime=LONG_AGO), made.person()
    at, looking = Browser(made.url), Browser(made.url)
    at.recover(person)
    looking.sign_in(reader)
    before = at.page
    with closing(sqlite3.connect(made.folder / "state" / "portal.db", timeout=10)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # room in that file would do for one more change
    stuffing = fill(made.folder / "state")

    page = at.choose(NEW)
    assert page.status == 503
    assert "Nothing can be changed right now" in page.text
    assert made.directory.binds(person.account.dn, PASSWORD)
    assert story(made, person).intents == 0
    for path in ("/account", "/account/history", "/"):
        assert looking.open(path).status == 200, path
    wait_until(
        lambda: '"sealer_waits"' in made.logs() or '"record_unwritable"' in made.logs(), seconds=20, what="alarm"
    )

    stuffing.unlink()
    at.page = before
    assert at.choose(NEW).about("result") == "done"
    told = story(made, person)
    assert (told.intents, told.outcomes) == (1, ("success",))
    wait_until_sealed(made)
    assert "OK" in verify_inside(made)
