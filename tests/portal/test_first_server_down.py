"""The first of two servers freezes while somebody chooses a new password: done all the same, and in time."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import NEW, Site
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd

RESET = {"new_password": NEW, "new_password_again": NEW}
AT_MOST, NORMAL = 10.0, 2.0


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: what is looked at is the directory."""
    return sqlite_url


@pytest.fixture
def doors(slapd_server: Slapd, proxy_to: Callable[[int], Proxy]) -> list[Proxy]:
    return [proxy_to(slapd_server.port) for _ in range(2)]


@pytest.fixture
def settings(settings: Settings, slapd_server: Slapd, doors: list[Proxy]) -> Settings:
    """With the time limits that hold when nothing is set."""
    urls = tuple(f"ldap://127.0.0.1:{door.port}" for door in doors)
    return settings.model_copy(update={"directories": (replace(settings_for(slapd_server), urls=urls),)})


def test_the_new_password_is_set_on_the_other_server_within_the_limit(site: Site, doors: list[Proxy]) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    doors[0].blackhole()
    start = time.monotonic()
    assert browser.send(RESET).result == "done"
    assert time.monotonic() - start < AT_MOST
    assert site.binds(alice, NEW)
    start = time.monotonic()
    site.browser().sign_in(alice, NEW).open("/account")
    assert time.monotonic() - start < 2 * NORMAL  # two pages; nobody waits for the first server any more


def test_with_both_frozen_the_page_says_so_within_the_limit(site: Site, doors: list[Proxy]) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    for door in doors:
        door.blackhole()
    start = time.monotonic()
    browser.send(RESET)
    assert (browser.status, browser.result) == (503, "failed")
    assert time.monotonic() - start < AT_MOST
    start = time.monotonic()
    assert browser.open("/recover/choose").status == 503
    assert time.monotonic() - start < NORMAL
