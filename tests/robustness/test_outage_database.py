"""The database takes no more writes: pages say so, and nothing is written to the directory without its record."""

import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.robustness.browser import Browser
from tests.robustness.killing import LONG_AGO, NEW
from tests.robustness.record import story, verify_inside
from tests.servers.deployment import Deployment, deployment
from tests.servers.people import PASSWORD
from tests.servers.slapd import Slapd


@pytest.fixture(scope="module")
def made(slapd_server: Slapd) -> Iterator[Deployment]:
    with deployment(slapd_server) as installed:
        installed.start()
        yield installed


@contextmanager
def _full(made: Deployment) -> Iterator[None]:
    """The web server's processes can write nothing more to any file, as on a full disk."""
    pids = made.web_pids()
    before = resource.prlimit(pids[0], resource.RLIMIT_FSIZE)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def _taken(made: Deployment) -> Iterator[None]:
    """Somebody else holds the write lock and does not give it back."""
    connection = sqlite3.connect(made.folder / "state" / "portal.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.mark.parametrize("trouble", [_full, _taken])
def test_what_cannot_be_recorded_is_not_done(made: Deployment, trouble: object) -> None:
    person, at = made.person(pwdChangedTime=LONG_AGO), Browser(made.url)
    at.recover(person)
    form = at.page
    with trouble(made):  # type: ignore[operator]
        began = time.monotonic()
        page = at.choose(NEW)
        assert time.monotonic() - began < 10
        assert page.status in (500, 503), page.text
        assert page.tree.h1 is not None
    assert made.directory.binds(person.account.dn, PASSWORD)
    assert story(made, person).intents == 0
    at.page = form
    assert at.choose(NEW).about("result") == "done"
    told = story(made, person)
    assert (told.intents, told.outcomes) == (1, ("success",))
    verify_inside(made)


@pytest.mark.parametrize("trouble", [_full, _taken])
def test_public_pages_and_health_answer_all_the_while(made: Deployment, trouble: object) -> None:
    with trouble(made):  # type: ignore[operator]
        assert requests.get(f"{made.url}/healthz", timeout=5).status_code == 200
        page = Browser(made.url).open("/")
        assert page.status == 200
        assert page.seconds < 2


@pytest.mark.parametrize("trouble", [_full, _taken])
def test_a_form_is_shown_and_what_it_begins_is_refused_with_a_page(made: Deployment, trouble: object) -> None:
    at = Browser(made.url)
    with trouble(made):  # type: ignore[operator]
        assert at.open("/recover").status == 200
        page = at.send({"login": "alice"})
    assert page.status in (500, 503)
    assert page.seconds < 8
    assert page.tree.h1 is not None


def test_what_is_logged_of_it_is_one_line_each_without_a_message(made: Deployment) -> None:
    at = Browser(made.url)
    at.open("/recover")
    with _taken(made):
        at.send({"login": "alice"})
    lines = made.logs().splitlines()
    assert any('"record_unwritable"' in line for line in lines)
    assert not [line for line in lines if "Traceback" in line or "SQL:" in line or "parameters" in line]
