"""The portal where accounts and mailboxes are at Google: the walks are the same, and what Google cannot do is told."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from connectors.google.scopes import Scope
from portal.settings.installation import Settings
from tests.connectors.google_lab import gmail_settings, google_settings
from tests.portal.site import NEW, MovableClock, Person, Site
from tests.portal.test_check import faults
from tests.servers.people import State
from tests.standins.google import DOMAIN, GoogleStandin

RESET = {"new_password": NEW, "new_password_again": NEW}


class _People:
    """Makes people in Google as `Site` asks for them."""

    def __init__(self, google: GoogleStandin) -> None:
        self._google = google
        self._made = 0

    def person(self, *, state: State = State.ORDINARY, **attributes: str) -> str:
        self._made += 1
        login = f"alice{self._made}"
        self._google.person(login, recoveryEmail=f"{login}@elsewhere.test", suspended=state is State.DISABLED)
        return login


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """One kind of database is enough for most: what is looked at is Google."""
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def google(clock: MovableClock) -> Iterator[GoogleStandin]:
    with GoogleStandin() as standin:
        standin.clock = lambda: clock().astimezone(UTC).timestamp()
        yield standin


@pytest.fixture
def settings(settings: Settings, google: GoogleStandin) -> Settings:
    mailboxes = (gmail_settings(google, domains=(DOMAIN,)),)
    return settings.model_copy(update={"directories": (google_settings(google),), "mailboxes": mailboxes})


@pytest.fixture
def directory_server(google: GoogleStandin) -> _People:
    return _People(google)


def password_of(google: GoogleStandin, person: Person) -> str:
    return google.directory.passwords[person.account.id.partition(":")[2]]


@on_both
def test_a_forgotten_password_is_reset(site: Site, google: GoogleStandin) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    assert "at most 100 characters" in browser.text
    assert "only a to z, A to Z, digits" in browser.text
    browser.send(dict.fromkeys(RESET, "Blå havnelykt 9"))
    assert browser.status == 422, "Google is not asked"
    browser.send(RESET)
    assert browser.result == "done"
    assert password_of(google, alice) == NEW
    assert site.entries(alice)[-1] == ("password_reset", "outcome", "success", "")


@on_both
def test_a_scope_that_is_missing_becomes_a_ticket_that_names_it(site: Site, google: GoogleStandin) -> None:
    google.granted.discard(Scope.WRITE_USERS)
    alice, browser = site.person(), site.browser()
    browser.recover(alice).send(RESET)
    assert browser.result == "pending"
    with site.parts.database.read() as db:
        ticket = site.parts.tickets.get(db, browser.ticket)
    assert Scope.WRITE_USERS in str(ticket) and NEW not in str(ticket)


@on_both
def test_a_busy_google_has_changed_nothing_and_says_so(site: Site, google: GoogleStandin) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    google.throttled = 100
    browser.send(RESET)
    assert (browser.status, browser.result) == (503, "failed")
    google.throttled = 0
    assert browser.open("/recover/choose").send(RESET).result == "done"


def test_a_suspended_account_is_not_reset(site: Site, google: GoogleStandin) -> None:
    alice, browser = site.person(state=State.DISABLED), site.browser()
    browser.recover(alice)
    assert browser.page.find("input", {"name": "new_password"}) is None
    assert password_of(google, alice) != NEW


def test_what_is_secret_stays_out_of_the_state_folder_and_the_database(
    site: Site, google: GoogleStandin, settings: Settings, tmp_path: Path
) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice).send(RESET)
    token = next(iter(google.callers))
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.suffix == ".token" for file in files)
    for file in files:
        raw = file.read_bytes()
        assert not any(secret.encode() in raw for secret in (NEW, token)), file


def test_check_finds_nothing_wrong_and_names_what_is(settings: Settings, google: GoogleStandin) -> None:
    assert faults(settings) == {}
    google.granted -= {Scope.SHARING, Scope.SECURITY}
    named = faults(settings)
    assert set(named) == {"scope gmail.settings.sharing", "scope admin.directory.user.security"}
    assert all(Scope.SHARING in remedy or Scope.SECURITY in remedy for remedy in named.values())
