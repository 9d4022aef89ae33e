"""Real servers for tests, started once for the whole run; a test that stops or freezes one takes one of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.demo.mail import Mailbag, MailSink
from tests.servers import ds389_files
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.dovecot import why_not as why_no_dovecot
from tests.servers.ds389 import Ds389, new_ds389
from tests.servers.freeipa import FreeIpaServer
from tests.servers.oidc import OidcProvider, new_oidc_provider
from tests.servers.oidc import why_not as why_no_oidc
from tests.servers.postgres import Postgres, new_postgres
from tests.servers.proxy import Proxy
from tests.servers.request_tracker import Rt, new_rt
from tests.servers.request_tracker import why_not as why_no_rt
from tests.servers.samba import Samba, new_samba, why_not
from tests.servers.shared import run_folder, started_once, stop_all
from tests.servers.slapd import Slapd, new_slapd, slapd
from tests.servers.slapd_files import SlapdOptions

_STOPS: dict[str, Callable[[dict[str, Any]], None]] = {
    "slapd": lambda facts: Slapd(**facts).remove(),
    "samba": lambda facts: Samba(**facts).remove(),
    "ds389": lambda facts: Ds389(**facts).remove(),
    "rt": lambda facts: Rt(**facts).remove(),
    "postgres": lambda facts: Postgres(**facts).remove(),
    "oidc": lambda facts: OidcProvider(**facts).remove(),
}


@pytest.fixture(scope="session")
def slapd_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Slapd:
    """The run's OpenLDAP. Leave alice and her colleagues alone: take a person of your own, `slapd_server.person()`."""

    def start() -> dict[str, Any]:
        return new_slapd().facts() | {"shared": True}

    return Slapd(**started_once(_folder(tmp_path_factory, request), "slapd", start))


@pytest.fixture(scope="session")
def ds389_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Ds389:
    """The run's 389 Directory Server, with the same people."""
    if reason := ds389_files.why_not():
        pytest.skip(reason)
    return Ds389(**started_once(_folder(tmp_path_factory, request), "ds389", lambda: new_ds389().facts()))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Postgres:
    """The run's PostgreSQL."""
    return Postgres(**started_once(_folder(tmp_path_factory, request), "postgres", lambda: new_postgres().facts()))


@pytest.fixture(scope="session")
def samba_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Samba:
    """The run's Active Directory. Leave alice and her colleagues alone here, too."""
    if reason := why_not():
        pytest.skip(reason)
    return Samba(**started_once(_folder(tmp_path_factory, request), "samba", lambda: new_samba().facts()))


@pytest.fixture(scope="session")
def rt_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Rt:
    """The run's Request Tracker. Every test has keys of its own."""
    if reason := why_no_rt():
        pytest.skip(reason)
    return Rt(**started_once(_folder(tmp_path_factory, request), "rt", lambda: new_rt().facts()))


@pytest.fixture(scope="session")
def oidc_provider(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> OidcProvider:
    """The run's OpenID provider. Every portal registers itself; take a login of your own."""
    if reason := why_no_oidc():
        pytest.skip(reason)
    return OidcProvider(**started_once(_folder(tmp_path_factory, request), "oidc", lambda: new_oidc_provider().facts()))


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The address of an empty database of the test's own."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="module")
def own_slapd() -> Iterator[Slapd]:
    """An OpenLDAP of the module's own, to be stopped, frozen and started."""
    with slapd() as server:
        yield server


@pytest.fixture
def slapd_with() -> Iterator[Callable[[SlapdOptions], Slapd]]:
    """Starts an OpenLDAP that differs from the manual."""
    with ExitStack() as stack:
        yield lambda options: stack.enter_context(slapd(options))


@pytest.fixture(scope="module")
def freeipa_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeIpaServer]:
    """A small FreeIPA of the module's own."""
    with FreeIpaServer(tmp_path_factory.mktemp("freeipa")) as server:
        yield server


@pytest.fixture(scope="module")
def sent_by_dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbag]:
    """What the module's Dovecot has sent: auto replies and redirected mail."""
    bag = Mailbag(tmp_path_factory.mktemp("sent") / "mail.db", lambda: datetime.now(UTC))
    yield bag
    bag.close()


@pytest.fixture(scope="module")
def dovecot_server(sent_by_dovecot: Mailbag) -> Iterator[Dovecot]:
    """A Dovecot of the module's own. Take a mailbox of your own, `dovecot_server.mailbox()`."""
    if reason := why_no_dovecot():
        pytest.skip(reason)
    with MailSink(sent_by_dovecot) as sink, dovecot(sink.port) as server:
        yield server


@pytest.fixture
def proxy_to() -> Iterator[Callable[[int], Proxy]]:
    """Puts a proxy before a port of the loopback address."""
    with ExitStack() as stack:
        yield lambda port: stack.enter_context(Proxy(port))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only the process that started the run stops its servers; the others may be done earlier."""
    factory: pytest.TempPathFactory | None = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and not hasattr(session.config, "workerinput"):
        stop_all(factory.getbasetemp(), _STOPS)


def _folder(factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "master")
    return run_folder(factory.getbasetemp(), worker)
