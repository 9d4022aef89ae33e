"""A change of private addresses while the directory says nothing: it can be stopped, and otherwise only waits."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from connectors.errors import ConnectorError
from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import Browser, Person, Site
from tests.portal.test_contact import HERE, LATER, add, addresses, first, stop_link
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: what is looked at is the directory."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, own_slapd: Slapd) -> Settings:
    return settings.model_copy(update={"directories": (settings_for(own_slapd),)})


@pytest.fixture
def alice(site: Site, own_slapd: Slapd) -> Person:
    site.directory = own_slapd
    return site.person()


@pytest.fixture
def browser(site: Site, alice: Person) -> Browser:
    return site.browser().sign_in(alice)


def test_the_link_works_while_the_directory_is_down(
    site: Site, alice: Person, browser: Browser, own_slapd: Slapd
) -> None:
    add(site, browser)
    site.work()
    stranger = site.browser().open(stop_link(site, first(alice)))
    own_slapd.freeze()
    try:
        assert stranger.send().result == "done"
    finally:
        own_slapd.thaw()


def test_a_directory_that_is_down_only_delays_it(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None], own_slapd: Slapd
) -> None:
    add(site, browser)
    site.work()
    later(hours=49)
    own_slapd.freeze()
    try:
        site.work()
    finally:
        own_slapd.thaw()
    wait_until(lambda: _answers(site, alice), seconds=10, what="the directory")
    assert addresses(site, alice) == {first(alice)}
    assert "Stop this change" in browser.sign_in(alice).open(HERE).text
    later(minutes=16)
    site.work()
    assert addresses(site, alice) == {first(alice), LATER}


def _answers(site: Site, person: Person) -> bool:
    with suppress(ConnectorError):
        return bool(addresses(site, person))
    return False
