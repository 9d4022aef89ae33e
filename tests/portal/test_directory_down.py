"""The directory does not answer: the page says so, nothing is lost, what was wished is kept as one ticket."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from connectors.errors import ConnectorError
from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import NEW, Person, Site
from tests.portal.test_contact import HERE, LATER, add, addresses, first, stop_link
from tests.servers.people import PASSWORD
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

RESET = {"new_password": NEW, "new_password_again": NEW}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: what is looked at is the directory."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, own_slapd: Slapd) -> Settings:
    return settings.model_copy(update={"directories": (settings_for(own_slapd),)})


@pytest.fixture
def down(own_slapd: Slapd, site: Site) -> Iterator[Site]:
    """The same portal; `site.directory` is the one that can be stopped, and is started again afterwards."""
    site.directory = own_slapd
    yield site
    if not own_slapd.running:
        own_slapd.start()


def test_the_last_step_says_that_nothing_was_changed_and_keeps_the_proof(down: Site) -> None:
    alice, browser = down.person(), down.browser()
    browser.recover(alice)
    down.directory.stop()
    browser.send(RESET)
    assert (browser.status, browser.result) == (503, "failed")
    assert "Nothing about your account has been changed" in browser.text
    down.directory.start()
    assert browser.open("/recover/choose").send(RESET).result == "done"  # no new code was needed
    assert down.binds(alice, NEW)


def test_a_wish_is_kept_as_one_ticket_without_the_password(down: Site) -> None:
    alice, browser = down.person(), down.browser()
    browser.recover(alice)
    down.directory.stop()
    browser.send(RESET)
    browser.send(form=0)
    assert browser.result == "pending"
    assert NEW not in browser.text
    down.directory.start()
    assert down.binds(alice, PASSWORD)


def test_somebody_who_is_not_known_yet_can_still_leave_a_ticket(down: Site) -> None:
    browser = down.browser().open("/recover").send({"login": "alice"})
    browser.send({"factor": "totp"}).send({"code": "123456"})  # nobody has looked up who it is
    assert (browser.status, browser.result) == (503, "failed")
    assert "proof stays valid" not in browser.text
    assert browser.send(form=0).result == "pending"


def test_the_service_desk_can_be_asked_all_the_same(down: Site) -> None:
    alice, browser = down.person(), down.browser()
    browser.sign_in(alice)
    down.directory.stop()
    browser.open("/ask/anything-else").send({"subject": "Nothing works", "text": "Not even the directory."})
    assert browser.result == "pending"


@pytest.mark.parametrize("path", ["/account", "/account/security", "/ask/change-password"])
def test_pages_that_need_it_say_so(down: Site, path: str) -> None:
    alice, browser = down.person(), down.browser()
    browser.sign_in(alice)
    down.directory.stop()
    assert browser.open(path).status == 503
    assert "does not answer" in browser.text
    assert browser.open("/").status == 200


def test_a_sign_in_says_that_nobody_could_be_asked(down: Site) -> None:
    down.directory.stop()
    assert down.browser().open("/sign-in").send({"login": "alice", "password": PASSWORD}).status == 503


def test_a_change_of_address_is_stopped_by_its_link(down: Site) -> None:
    alice = down.person()
    browser = down.browser().sign_in(alice)
    add(down, browser)
    down.work()
    stranger = down.browser().open(stop_link(down, first(alice)))
    down.directory.freeze()
    try:
        assert stranger.send().result == "done"
    finally:
        down.directory.thaw()


def test_a_change_of_address_is_only_delayed(down: Site, later: Callable[..., None]) -> None:
    alice = down.person()
    browser = down.browser().sign_in(alice)
    add(down, browser)
    down.work()
    later(hours=49)
    down.directory.freeze()
    try:
        down.work()
    finally:
        down.directory.thaw()
    wait_until(lambda: _answers(down, alice), seconds=10, what="the directory")
    assert addresses(down, alice) == {first(alice)}
    assert "Stop this change" in browser.sign_in(alice).open(HERE).text
    later(minutes=16)
    down.work()
    assert addresses(down, alice) == {first(alice), LATER}


def _answers(site: Site, person: Person) -> bool:
    with suppress(ConnectorError):
        return bool(addresses(site, person))
    return False
