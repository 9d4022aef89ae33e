"""FreeIPA that is down, slow, cut off, replaced by a stranger or signed out, and what the connector sends it."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.capabilities import Severity
from connectors.errors import Outage, Unavailable, Unconfirmed
from connectors.freeipa import FreeIpa, FreeIpaSettings
from tests.connectors.contract_base import NEW
from tests.connectors.freeipa_settings import freeipa_settings
from tests.servers.freeipa import FreeIpaServer
from tests.servers.proxy import Proxy
from tests.servers.running import free_port, wait_until

LIMIT = 1.0
"""Seconds that FreeIPA behind a proxy has for a connection and for an answer: a sign-in is more work than a bind."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def settings(freeipa_server: FreeIpaServer) -> FreeIpaSettings:
    return freeipa_settings(freeipa_server)


@pytest.fixture
def directory(settings: FreeIpaSettings) -> Iterator[FreeIpa]:
    directory = FreeIpa(settings, now)
    yield directory
    directory.close()


@pytest.fixture
def proxy(freeipa_server: FreeIpaServer, proxy_to: Callable[[int], Proxy]) -> Proxy:
    return proxy_to(freeipa_server.port)


@pytest.fixture
def behind_proxy(settings: FreeIpaSettings, proxy: Proxy) -> Iterator[FreeIpa]:
    """The same FreeIPA through the proxy, with short time limits."""
    url = f"https://localhost:{proxy.port}"
    directory = FreeIpa(replace(settings, urls=(url,), connect_timeout=LIMIT, receive_timeout=LIMIT), now)
    yield directory
    directory.close()


def within(seconds: float, attempt: Callable[[], object]) -> None:
    """A busy machine is given another second."""
    start = time.monotonic()
    attempt()
    assert time.monotonic() - start < seconds + 1.0, "too long"


def faults(directory: FreeIpa) -> list[str]:
    return [finding.subject for finding in directory.examine() if finding.severity is Severity.FAULT]


def test_a_server_with_a_strange_certificate_is_not_spoken_to(
    settings: FreeIpaSettings, freeipa_server: FreeIpaServer
) -> None:
    before = freeipa_server.requests
    for stranger in (
        replace(settings, ca_file=freeipa_server.other_ca_file),
        replace(settings, ca_file=None),
        replace(settings, urls=(freeipa_server.url.replace("localhost", "127.0.0.2"),)),
    ):
        directory = FreeIpa(stranger, now)
        with pytest.raises(Unavailable, match=r"CERTIFICATE_VERIFY_FAILED|refused"):
            directory.find("alice")
    assert faults(FreeIpa(replace(settings, ca_file=freeipa_server.other_ca_file), now)) == ["TLS", "server"]
    assert freeipa_server.requests == before


def test_neither_passwords_nor_sessions_cross_the_wire_in_clear(
    settings: FreeIpaSettings, behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    behind_proxy.check_password(account, freeipa_server.password)
    behind_proxy.set_password(account, NEW)
    for secret in (settings.password, freeipa_server.password, NEW, "MagBearerToken"):
        assert secret.encode() not in proxy.sent + proxy.received
    assert len(proxy.sent) > 1000


def test_proxies_of_whoever_started_the_portal_are_not_used(
    directory: FreeIpa, freeipa_server: FreeIpaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert directory.find(freeipa_server.person())


def test_a_server_that_is_down_is_said_to_be_at_once(settings: FreeIpaSettings) -> None:
    down = FreeIpa(replace(settings, urls=(f"https://localhost:{free_port()}",)), now)

    def attempt() -> None:
        with pytest.raises(Unavailable) as caught:
            down.find("alice")
        assert caught.value.outage is Outage.DOWN

    within(0.5, attempt)


def test_the_next_server_is_asked_when_the_first_is_down(
    settings: FreeIpaSettings, freeipa_server: FreeIpaServer
) -> None:
    urls = (f"https://localhost:{free_port()}", *settings.urls)
    directory = FreeIpa(replace(settings, urls=urls), now)
    account = directory.find(freeipa_server.person())
    directory.set_password(account, NEW)
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT


def test_a_silent_server_is_given_up_in_time_and_not_waited_for_by_all(
    behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())

    def attempt(read: Callable[[], object]) -> Callable[[], None]:
        def one() -> None:
            with pytest.raises(Unavailable):
                read()

        return one

    proxy.blackhole()
    within(2 * LIMIT, attempt(lambda: behind_proxy.read(account.id)))
    within(2 * LIMIT, attempt(lambda: behind_proxy.check_password(account, "x")))
    within(LIMIT / 5, attempt(lambda: behind_proxy.read(account.id)))


def test_a_handshake_that_never_ends_has_changed_nothing(
    behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    behind_proxy.close()
    proxy.blackhole()
    with pytest.raises(Unavailable):
        behind_proxy.set_password(account, NEW)


def test_a_server_that_answers_drop_by_drop_is_given_up_in_time(
    behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    proxy.drip = LIMIT / 5

    def attempt() -> None:
        with pytest.raises(Unavailable):
            behind_proxy.read(account.id)

    within(3 * LIMIT, attempt)


@pytest.mark.parametrize("end", ["silence", "a cut"])
@pytest.mark.parametrize("by", ["reset", "own change", "end date"])
def test_a_change_without_an_answer_is_unconfirmed_and_not_repeated(
    directory: FreeIpa, behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy, end: str, by: str
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    behind_proxy.password_rules(account)
    proxy.swallow_answers, proxy.cut_answers = end == "silence", end == "a cut"
    before, asked = proxy.connections, freeipa_server.requests
    change: dict[str, Callable[[], None]] = {
        "reset": lambda: behind_proxy.set_password(account, NEW),
        "own change": lambda: behind_proxy.change_password(account, freeipa_server.password, NEW),
        "end date": lambda: behind_proxy.set_end_date(account, now().date()),
    }

    def attempt() -> None:
        with pytest.raises(Unconfirmed):
            change[by]()

    within(2 * LIMIT, attempt)
    assert (proxy.connections, freeipa_server.requests) == (before, asked + 1)
    # It was made nevertheless, which is why the caller is told to look.
    wait_until(
        lambda: directory.read(account.id).state.revision != account.state.revision, seconds=5, what="the change"
    )


def test_a_reset_whose_second_half_is_lost_is_unconfirmed_and_reads_back_as_made(
    directory: FreeIpa, behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    behind_proxy.password_rules(account)
    proxy.swallow_answers_after = 1  # the password itself is answered
    with pytest.raises(Unconfirmed):
        behind_proxy.set_password(account, NEW)
    state = directory.read(account.id).state
    assert state.password_outcome(account.state.facts()) == "success"


def test_connections_cut_while_idle_are_replaced_unnoticed(
    behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    for attempt in (
        lambda: behind_proxy.set_password(account, NEW),
        lambda: behind_proxy.read(account.id),
        lambda: behind_proxy.check_password(account, NEW),
    ):
        proxy.cut()
        time.sleep(0.05)  # until this end has heard of it
        attempt()
    assert behind_proxy.check_password(account, NEW).verdict is Verdict.RIGHT


def test_reading_is_tried_once_more_when_the_connection_breaks_under_it(
    behind_proxy: FreeIpa, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    account = behind_proxy.find(freeipa_server.person())
    proxy.cut_next_answer()
    assert behind_proxy.read(account.id).id == account.id


def test_a_session_that_is_over_is_begun_anew_once_also_for_a_change(
    directory: FreeIpa, freeipa_server: FreeIpaServer
) -> None:
    account = directory.find(freeipa_server.person())
    freeipa_server.sessions.clear()
    before = freeipa_server.sign_ins
    directory.set_password(account, NEW)
    assert freeipa_server.sign_ins == before + 1
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT


def test_a_service_account_that_is_refused_is_not_tried_until_it_is_locked(
    settings: FreeIpaSettings, freeipa_server: FreeIpaServer
) -> None:
    directory = FreeIpa(replace(settings, user=freeipa_server.person(), password="wrong"), now)
    before = freeipa_server.sign_ins
    for _ in range(10):
        with pytest.raises(Unavailable, match="may not sign in: invalid-password") as caught:
            directory.find("alice")
        assert caught.value.outage is Outage.PORTAL_REFUSED
    assert freeipa_server.sign_ins == before + 1
    assert faults(directory) == ["service account", "server"]


def test_many_at_once_share_few_connections_and_one_session(
    settings: FreeIpaSettings, freeipa_server: FreeIpaServer, proxy: Proxy
) -> None:
    directory = FreeIpa(replace(settings, urls=(f"https://localhost:{proxy.port}",), pool_size=4), now)
    login, before, read = freeipa_server.person(), freeipa_server.sign_ins, []

    def look() -> None:
        for _ in range(5):
            read.append(directory.find(login).login)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert read == [login] * 20
    assert freeipa_server.sign_ins == before + 1
    assert proxy.connections <= 5


def test_a_child_process_has_connections_of_its_own(directory: FreeIpa, freeipa_server: FreeIpaServer) -> None:
    login = freeipa_server.person()
    account = directory.find(login)
    child = os.fork()
    if not child:
        os._exit(0 if directory.read(account.id).login == login else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert directory.read(account.id).login == login
