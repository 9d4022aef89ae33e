"""A real slapd and a real read-only copy of it: changes go where they are taken, and lag is seen."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.capabilities import Severity
from connectors.errors import Forbidden, Obstacle, Unavailable
from connectors.ldap import LdapDirectory
from connectors.ldap.link import Lost
from connectors.ldap.servers import Servers
from tests.connectors.contract_base import NEW, NEWER
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import dn_of
from tests.servers.proxy import Proxy
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd, new_copy, slapd
from tests.servers.slapd_files import SlapdOptions


@dataclass
class Pair:
    """The server that takes changes, its copy, and the line between them."""

    main: Slapd
    copy: Slapd
    between: Proxy
    referred_to: Proxy  # where the copy's referrals lead
    ca_file: Path

    def directory(self, *servers: Slapd) -> LdapDirectory:
        settings = replace(settings_for(self.main), urls=tuple(s.url for s in servers), ca_file=self.ca_file)
        return LdapDirectory(replace(settings, connect_timeout=0.5), lambda: datetime.now(UTC))

    def person(self) -> str:
        """Somebody whom the copy knows as well."""
        login = self.main.person()
        wait_until(lambda: self.copy.holds(dn_of(login)), seconds=10, what="the copy")
        return login


@pytest.fixture(scope="module", params=[True, False], ids=["referral", "no referral"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as stack:
        main = stack.enter_context(slapd(SlapdOptions(copied=True)))
        between = stack.enter_context(Proxy(main.port))
        referred_to = stack.enter_context(Proxy(main.port))
        url = f"ldap://127.0.0.1:{referred_to.port}"
        copy = new_copy(main, port=between.port, refers_to=url if request.param else "")
        stack.callback(copy.remove)
        both = tmp_path_factory.mktemp("ca") / "both.pem"
        both.write_text(main.ca_file.read_text() + copy.ca_file.read_text())
        yield Pair(main, copy, between, referred_to, both)


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
    pair.between.blackhole()
    directory.set_password(account, NEW)
    directory.set_password(account, NEWER)

    def changed() -> list[datetime | None]:
        return [c.account.state.password_changed_at for c in directory.read_everywhere(account.id) if c.account]

    assert len(set(changed())) == 2
    pair.between.blackhole(on=False)
    pair.between.cut()
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
