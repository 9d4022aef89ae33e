"""A real slapd and a real read-only copy of it: changes go where they are taken, and lag is seen."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.capabilities import Severity
from connectors.errors import Forbidden, Obstacle, Unavailable
from connectors.ldap import LdapDirectory
from connectors.ldap.link import Lost
from connectors.ldap.servers import Servers
from tests.connectors.contract_base import NEW, NEWER
from tests.connectors.copies import Pair, a_pair
from tests.servers.running import wait_until


@pytest.fixture(scope="module", params=[True, False], ids=["referral", "no referral"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with a_pair(refers=request.param) as both:
        yield both


@pytest.fixture
def directory(pair: Pair) -> Iterator[LdapDirectory]:
    """The copy is named first, so that everything starts there."""
    directory = pair.directory(pair.copy, pair.main)
    yield directory
    directory.close()


def test_a_reset_goes_to_the_server_that_takes_it_and_is_read_back_there(pair: Pair, directory: LdapDirectory) -> None:
    account = directory.find(pair.person())
    directory.set_password(account, NEW)
    assert directory.read(account.id).state.revision != account.state.revision
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT
    assert pair.main.binds(account.dn, NEW)


def test_an_own_change_too(pair: Pair, directory: LdapDirectory) -> None:
    account = directory.find(pair.person())
    directory.change_password(account, pair.main.password, NEW)
    assert pair.main.binds(account.dn, NEW)


def test_who_takes_changes_is_found_out_once(pair: Pair, directory: LdapDirectory) -> None:
    account = directory.find(pair.person())
    assert directory._servers.order() == [pair.copy.url, pair.main.url]
    for attempt in (directory.unlock_account, directory.require_password_change, directory.disable_account):
        attempt(account)
        assert attempt == directory.unlock_account or directory._servers.order() == [pair.main.url, pair.copy.url]
    directory.find("alice")  # reading has moved there as well
    assert [link.url for link, _ in directory._service._idle] == [pair.main.url]


def test_a_copy_alone_takes_no_change_and_only_people_can_mend_that(pair: Pair) -> None:
    directory = pair.directory(pair.copy)
    account = directory.find(pair.person())
    for attempt in (
        lambda: directory.set_password(account, NEW),
        lambda: directory.change_password(account, pair.main.password, NEW),
        lambda: directory.disable_account(account),
    ):
        with pytest.raises(Forbidden) as caught:
            attempt()
        assert caught.value.obstacle is Obstacle.READ_ONLY
    assert pair.referred_to.connections == 0  # no referral is followed, wherever it leads
    assert directory.check_password(account, pair.main.password).verdict is Verdict.RIGHT
    directory.close()


def test_while_the_server_that_takes_changes_is_down_people_are_read_and_told_to_come_back(pair: Pair) -> None:
    directory = pair.directory(pair.main, pair.copy)
    account = directory.find(pair.person())
    pair.main.kill()
    try:
        assert directory.read(account.id).id == account.id
        assert directory.check_password(account, pair.main.password).verdict is Verdict.RIGHT
        with pytest.raises(Unavailable):
            directory.set_password(account, NEW)
    finally:
        pair.main.start()
    wait_until(lambda: directory._servers.order()[0] == pair.main.url, seconds=10, what="the server that is back")
    directory.set_password(account, NEW)
    assert pair.main.binds(account.dn, NEW)
    directory.close()


def test_a_copy_that_lags_behind_is_seen_to_until_it_has_caught_up(pair: Pair, directory: LdapDirectory) -> None:
    account = directory.find(pair.person())
    pair.part()
    directory.set_password(account, NEW)
    directory.set_password(account, NEWER)

    def changed() -> list[datetime | None]:
        return [c.account.state.password_changed_at for c in directory.read_everywhere(account.id) if c.account]

    assert len(set(changed())) == 2
    pair.join()
    wait_until(lambda: len(set(changed())) == 1, seconds=15, what="the copy")
    assert pair.copy.binds(account.dn, NEWER)


def test_the_doctor_names_the_copy_and_tries_rights_out_where_changes_are_taken(
    pair: Pair, directory: LdapDirectory
) -> None:
    findings = list(directory.examine())
    assert [f.message for f in findings if f.severity is Severity.FAULT] == []
    assert [f.message for f in findings if "read-only" in f.message and pair.copy.url in f.message]


def test_a_copy_that_was_promoted_takes_its_place_again() -> None:
    def fails(url: str) -> None:
        raise Lost(url)

    servers = Servers(("copy", "main"), fails)
    servers.takes_no_changes("copy")
    assert servers.order() == ["main", "copy"]
    servers.failed("main", Lost("gone", silent=True))
    assert servers.order() == ["copy"]  # it is asked all the same, and does it now
    servers.takes_changes("copy")
    assert servers.try_again("main", 1.0) is False
    assert servers.order() == ["copy"]
