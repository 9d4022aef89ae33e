"""Two servers with the same entries: one that is down costs one wait in the whole process, and is used again later."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.capabilities import ReadsEveryServer
from connectors.errors import Unavailable, Unconfirmed
from connectors.ldap import LdapDirectory
from connectors.ldap.link import Link, Lost
from connectors.ldap.servers import FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS, Servers
from tests.connectors.contract_base import NEW
from tests.connectors.ldap_settings import settings_for
from tests.servers.proxy import Proxy
from tests.servers.running import free_port, wait_until
from tests.servers.slapd import Slapd
from tests.servers.slapd_files import SlapdOptions

LIMIT = 0.5
QUICK = 0.3  # no wait at all, on a busy machine


@dataclass
class Two:
    """A directory reached through two doors, each of which can be shut."""

    first: Proxy
    second: Proxy
    directory: LdapDirectory
    slapd: Slapd

    def took(self, what: Callable[[], object]) -> float:
        start = time.monotonic()
        what()
        return time.monotonic() - start

    def known(self, proxy: Proxy) -> bool:
        """Whether connections go there again."""
        before = proxy.connections
        self.directory.close()
        self.directory.find("alice")
        return proxy.connections > before


@pytest.fixture
def two(slapd_server: Slapd, proxy_to: Callable[[int], Proxy]) -> Iterator[Two]:
    first, second = proxy_to(slapd_server.port), proxy_to(slapd_server.port)
    urls = tuple(f"ldap://127.0.0.1:{proxy.port}" for proxy in (first, second))
    settings = replace(settings_for(slapd_server), urls=urls, connect_timeout=LIMIT, receive_timeout=LIMIT)
    directory = LdapDirectory(settings, lambda: datetime.now(UTC))
    yield Two(first, second, directory, slapd_server)
    directory.close()
    for secret in (slapd_server.service_password, slapd_server.password, NEW):
        assert secret.encode() not in first.sent + second.sent


def test_only_the_first_is_asked_while_it_answers(two: Two) -> None:
    for _ in range(3):
        assert two.known(two.first)
    assert two.second.connections == 0


@pytest.mark.parametrize("warm", [False, True], ids=["before the first request", "between two requests"])
def test_a_frozen_server_costs_one_wait_and_then_none(two: Two, warm: bool) -> None:
    account = two.directory.find("alice")
    if not warm:
        two.directory.close()
    two.first.blackhole()
    assert two.took(lambda: two.directory.read(account.id)) < LIMIT + 2 * QUICK  # one wait, and it is done all the same
    for what in (
        lambda: two.directory.read(account.id),
        lambda: two.directory.check_password(account, two.slapd.password),
        lambda: two.directory.find("bob"),
    ):
        assert two.took(what) < QUICK


def test_many_at_once_wait_together_and_all_are_served(two: Two) -> None:
    account = two.directory.find("alice")
    two.first.blackhole()
    served: list[float] = []
    threads = [
        threading.Thread(target=lambda: served.append(two.took(lambda: two.directory.read(account.id))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(served) == 6
    assert max(served) < 2 * LIMIT + 2 * QUICK


def test_it_is_used_again_once_it_is_back_and_nobody_waits_for_finding_out(two: Two) -> None:
    account = two.directory.find("alice")
    two.first.blackhole()
    two.directory.read(account.id)
    two.first.blackhole(on=False)
    slow: list[float] = []

    def again() -> bool:
        before = two.first.connections
        slow.append(two.took(lambda: two.directory.read(account.id)))
        return slow[-1] < QUICK and two.first.connections > before and two.directory._servers.order()[0] == _url(two)

    wait_until(again, seconds=10, what="the first server")
    assert max(slow) < QUICK
    assert two.known(two.first)


def test_a_server_that_sends_people_away_is_asked_last(two: Two) -> None:
    dead = f"ldap://127.0.0.1:{free_port()}"
    settings = replace(two.directory.settings, urls=(dead, *two.directory.settings.urls))
    directory = LdapDirectory(settings, lambda: datetime.now(UTC))
    directory.find("alice")
    assert directory._servers.order() == [*settings.urls[1:], dead]
    directory.close()


def test_a_change_that_was_sent_is_never_sent_to_another_server(two: Two) -> None:
    account = two.directory.find(two.slapd.person())
    two.first.swallow_answers = True
    with pytest.raises(Unconfirmed):
        two.directory.set_password(account, NEW)
    assert two.second.connections == 0
    assert two.directory.check_password(account, NEW).verdict is Verdict.RIGHT  # by the second, and it had happened


def test_a_change_not_yet_sent_is_made_on_the_other_server(two: Two) -> None:
    account = two.directory.find(two.slapd.person())
    two.first.blackhole()
    two.directory.close()
    assert two.took(lambda: two.directory.set_password(account, NEW)) < LIMIT + 2 * QUICK
    assert two.slapd.binds(account.dn, NEW)


def test_all_silent_is_said_after_two_waits_and_then_at_once(two: Two) -> None:
    account = two.directory.find("alice")
    two.first.blackhole()
    two.second.blackhole()
    for limit in (2 * LIMIT + QUICK, QUICK, QUICK):

        def read() -> None:
            with pytest.raises(Unavailable):
                two.directory.read(account.id)

        assert two.took(read) < limit


def test_a_service_account_that_one_server_does_not_let_in_is_served_by_the_other(
    two: Two, slapd_with: Callable[..., Slapd]
) -> None:
    stranger = slapd_with(SlapdOptions())  # it has another password for the service account
    settings = replace(two.directory.settings, ca_file=None, urls=(stranger.socket_url, two.slapd.socket_url))
    directory = LdapDirectory(settings, lambda: datetime.now(UTC))
    assert directory.find("alice").login == "alice"
    assert directory._servers.order() == [two.slapd.socket_url, stranger.socket_url]
    directory.close()


def test_what_was_written_is_read_where_it_was_written(two: Two) -> None:
    account = two.directory.find(two.slapd.person())
    two.first.blackhole()
    two.directory.close()
    two.directory.set_password(account, NEW)
    two.first.blackhole(on=False)
    wait_until(lambda: two.directory._servers.order()[0] == _url(two), seconds=10, what="the first server")
    before = two.first.connections
    two.directory.read(account.id)
    assert two.first.connections == before  # the first server may not have heard of it yet
    two.directory.find("bob")
    assert two.first.connections > before


def test_every_server_can_be_asked_for_its_copy(two: Two) -> None:
    account = two.directory.find("alice")
    assert two.directory.offers(ReadsEveryServer)
    copies = list(two.directory.read_everywhere(account.id))
    assert [(c.server, c.fault, c.account and c.account.id) for c in copies] == [
        (url, "", account.id) for url in two.directory.settings.urls
    ]
    two.second.blackhole()
    second = list(two.directory.read_everywhere(account.id))[1]
    assert second.account is None
    assert "timed out" in second.fault or "time" in second.fault


def test_one_server_alone_has_no_copies_to_compare(slapd_server: Slapd) -> None:
    assert not LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC)).offers(ReadsEveryServer)


def test_pauses_grow_while_a_server_keeps_failing_and_start_small_after_a_steady_time() -> None:
    now = [0.0]
    servers = Servers(("one", "two"), lambda url: None, clock=lambda: now[0])

    def comes_back(first_pause: float) -> None:
        servers.failed("one", Lost("no answer", silent=True))
        servers.try_again("one", first_pause)

    pauses = []
    for quiet in (0.0, 1.0, 1.0, STEADY_SECONDS + 1):
        now[0] += quiet
        pauses.append(servers._pause("one"))
        comes_back(pauses[-1])
    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, FIRST_PAUSE]
    comes_back(LONGEST_PAUSE)
    assert servers._pause("one") == LONGEST_PAUSE


def test_a_server_that_is_alone_and_first_sends_people_away_and_then_lets_them_wait_is_looked_for() -> None:
    looks: list[str] = []
    servers = Servers(("only",), looks.append)
    servers.failed("only", Lost("refused"))
    assert servers.order() == ["only"]  # asking costs nothing
    servers.failed("only", Lost("no answer", silent=True))
    assert servers.order() == []
    wait_until(lambda: servers.order() == ["only"], seconds=5, what="the look at it")
    assert looks == ["only"]


def test_a_server_asked_last_that_answers_after_all_takes_its_place_again(two: Two) -> None:
    servers = two.directory._servers
    servers.failed(_url(two), Lost("refused"))
    assert servers.order()[-1] == _url(two)
    servers.open(two.directory._as_service, at=_url(two)).close()
    assert servers.order()[0] == _url(two)


def test_nobody_waits_for_more_than_two_servers_in_one_request() -> None:
    asked: list[str] = []

    def silent(url: str) -> Link:
        asked.append(url)
        raise Lost("no answer", silent=True)

    servers = Servers(("a", "b", "c", "d"), lambda url: None)
    with pytest.raises(Unavailable):
        servers.open(silent)
    assert asked == ["a", "b"]


def _url(two: Two) -> str:
    return f"ldap://127.0.0.1:{two.first.port}"
