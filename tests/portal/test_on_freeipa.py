"""The portal where accounts live in a FreeIPA: the walks are the same, and what FreeIPA has different is told."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.settings.installation import Settings
from tests.connectors.freeipa_settings import freeipa_settings
from tests.portal.site import NEW, OpenSite, Site
from tests.portal.test_check import faults
from tests.servers.freeipa import FreeIpaServer
from tests.servers.freeipa_realm import GROUPS
from tests.servers.people import PASSWORD, State
from tests.servers.proxy import Proxy
from tests.servers.running import free_port

RESET = {"new_password": NEW, "new_password_again": NEW}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: what is looked at is the directory."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, freeipa_server: FreeIpaServer) -> Settings:
    home = {"directories": (), "freeipa": (freeipa_settings(freeipa_server),)}
    return settings.model_copy(update={**home, "roles": {"coordinator": (f"cn=HelpDesk,{GROUPS}",)}})


@pytest.fixture
def directory_server(freeipa_server: FreeIpaServer) -> FreeIpaServer:
    return freeipa_server


@pytest.mark.parametrize("state", [State.ORDINARY, State.LOCKED, State.EXPIRED, State.MUST_CHANGE])
def test_a_forgotten_password_is_reset(site: Site, freeipa_server: FreeIpaServer, state: State) -> None:
    alice, browser = site.person(state=state), site.browser()
    browser.recover(alice).send(RESET)
    assert browser.result == "done"
    assert "one more new password" not in browser.text
    assert freeipa_server.rejection(alice.login, NEW) == ""
    assert site.entries(alice)[-2:] == [
        ("password_reset", "intent", None, ""),
        ("password_reset", "outcome", "success", ""),
    ]


def test_a_locked_person_who_knows_the_password_only_unlocks(site: Site, freeipa_server: FreeIpaServer) -> None:
    alice, browser = site.person(state=State.LOCKED), site.browser()
    browser.recover(alice).send(form=2)
    assert browser.result == "done"
    assert freeipa_server.rejection(alice.login, PASSWORD) == ""


def test_a_sign_in_gives_the_roles_of_freeipa_s_groups(site: Site) -> None:
    alice, carol = site.person(), site.person()
    site.directory.people[carol.login]["groups"].append("helpdesk")
    for person, proved in ((alice, True), (carol, False)):  # a role wants a second factor
        browser = site.browser().sign_in(person)
        assert (browser.path == "/account") is proved


def test_a_password_that_must_be_changed_again_is_told_where_the_right_is_missing(
    site: Site, freeipa_server: FreeIpaServer
) -> None:
    del freeipa_server.rights["krbpasswordexpiration"]
    try:
        alice, browser = site.person(), site.browser()
        browser.recover(alice).send(RESET)
        assert browser.result == "done"
        assert "one more new password" in browser.text
        assert freeipa_server.rejection(alice.login, NEW) == "password-expired"
    finally:
        freeipa_server.rights["krbpasswordexpiration"] = "rscwo"


def test_what_freeipa_does_not_allow_becomes_a_ticket_that_names_the_right(
    site: Site, freeipa_server: FreeIpaServer
) -> None:
    del freeipa_server.rights["userpassword"]
    try:
        alice, browser = site.person(), site.browser()
        browser.recover(alice).send(RESET)
        assert browser.result == "pending"
        with site.parts.database.read() as db:
            ticket = site.parts.tickets.get(db, browser.ticket)
        assert "userpassword" in str(ticket) and NEW not in str(ticket)
    finally:
        freeipa_server.rights["userpassword"] = "rscwo"


def test_a_freeipa_that_is_down_has_changed_nothing(
    settings: Settings,
    open_site: OpenSite,
    freeipa_server: FreeIpaServer,
    proxy_to: Callable[[int], Proxy],
) -> None:
    proxy = proxy_to(freeipa_server.port)
    behind = replace(settings.freeipa[0], urls=(f"https://localhost:{proxy.port}",), receive_timeout=1.5)
    site = open_site(settings.model_copy(update={"freeipa": (behind,)}))
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    proxy.blackhole()
    browser.send(RESET)
    assert (browser.status, browser.result) == (503, "failed")
    assert freeipa_server.rejection(alice.login, PASSWORD) == ""
    proxy.blackhole(False)
    proxy.cut()
    time.sleep(1.1)  # nobody waits for a silent server for so long
    assert browser.open("/recover/choose").send(RESET).result == "done"


def test_check_finds_nothing_wrong(settings: Settings) -> None:
    assert faults(settings) == {}
    elsewhere = replace(settings.freeipa[0], urls=(f"https://localhost:{free_port()}",))
    assert "connection" in faults(settings.model_copy(update={"freeipa": (elsewhere,)}))
