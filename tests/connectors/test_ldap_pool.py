"""The pool: bounded, last in first out, safe across threads and forks, and quick to say no."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest

from connectors.errors import Unavailable, Unconfirmed
from connectors.ldap.link import Link, Lost
from connectors.ldap.opener import as_service
from connectors.ldap.pool import IDLE_SECONDS, Pool
from connectors.ldap.servers import Servers
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import PASSWORD, dn_of
from tests.servers.slapd import Slapd


class Opened:
    """Opens real links, and remembers them; `clock` stands still until it is moved."""

    def __init__(self, server: Slapd) -> None:
        self.links: list[Link] = []
        self.now = 0.0
        self.servers = Servers((server.url,), lambda url: None)
        self._enter = as_service(settings_for(server))

    def __call__(self, url: str) -> Link:
        self.links.append(self._enter(url))
        return self.links[-1]

    def clock(self) -> float:
        return self.now


@pytest.fixture
def opened(slapd_server: Slapd) -> Opened:
    return Opened(slapd_server)


@pytest.fixture
def pool(opened: Opened) -> Iterator[Pool]:
    pool = Pool(opened.servers, opened, size=2, wait=0.05, clock=opened.clock)
    yield pool
    pool.close()


def whole(link: Link) -> int:
    return link.read("", ()).reply.code


def test_one_after_the_other_uses_one_connection(pool: Pool, opened: Opened) -> None:
    assert [pool.run(whole) for _ in range(5)] == [0] * 5
    assert len(opened.links) == 1


def test_more_at_once_than_there_are_connections_wait_and_are_told(pool: Pool, opened: Opened) -> None:
    def nested(depth: int) -> int:
        return pool.run(lambda link: nested(depth - 1) if depth else whole(link))

    assert nested(1) == 0
    with pytest.raises(Unavailable, match="busy"):
        nested(2)
    assert len(opened.links) == 2


def test_an_error_of_the_work_keeps_the_connection(pool: Pool, opened: Opened) -> None:
    def fails(_: Link) -> None:
        raise Unavailable("for another reason")

    with pytest.raises(Unavailable, match="another reason"):
        pool.run(fails)
    pool.run(whole)
    assert len(opened.links) == 1


def test_a_connection_unused_for_long_is_not_trusted(pool: Pool, opened: Opened) -> None:
    pool.run(whole)
    opened.now += IDLE_SECONDS + 1
    pool.run(whole)
    assert len(opened.links) == 2
    assert opened.links[0].closed


def test_work_on_a_lost_connection_is_done_again_once(pool: Pool, opened: Opened) -> None:
    pool.run(whole)

    def loses(link: Link) -> None:
        link.close()
        raise Lost("broken")

    with pytest.raises(Unavailable):
        pool.run(loses)
    assert len(opened.links) == 2


def test_work_that_has_changed_something_is_never_done_again(pool: Pool, slapd_server: Slapd) -> None:
    pool.run(whole)
    dn = dn_of(slapd_server.person())
    runs = []

    def changes_and_loses(link: Link) -> None:
        runs.append(link)
        link.set_password(PASSWORD + "-other", dn=dn)
        link.close()
        link.read("", ())

    with pytest.raises(Unconfirmed):
        pool.run(changes_and_loses)
    assert len(runs) == 1


def test_a_forked_child_opens_its_own_and_leaves_the_parent_s_alone(pool: Pool, opened: Opened) -> None:
    pool.run(whole)
    child = os.fork()
    if child == 0:
        os._exit(7 if pool.run(whole) == 0 and len(opened.links) == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert pool.run(whole) == 0
    assert len(opened.links) == 1


def test_threads_do_not_mix_up_their_answers(opened: Opened, slapd_server: Slapd) -> None:
    pool = Pool(opened.servers, opened, size=4, wait=10, clock=opened.clock)
    logins = ("alice", "bob", "carol", "comma", "bjorn")
    wrong: list[str] = []

    def ask(login: str) -> None:
        read: Callable[[Link], str] = lambda link: link.read(dn_of(login), ("uid",)).entries[0].text("uid")  # noqa: E731
        wrong.extend(got for got in (pool.run(read) for _ in range(30)) if got != login)

    threads = [threading.Thread(target=ask, args=(login,)) for login in logins * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert len(opened.links) <= 4
