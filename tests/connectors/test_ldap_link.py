"""One connection: what it does when the other end goes away, and that it never comes back in clear."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from ldap3 import NONE, SAFE_SYNC, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from connectors.ldap.link import Link, Lost
from connectors.ldap.opener import TlsFailed, connect
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import PASSWORD, dn_of
from tests.servers.proxy import Proxy
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

SECRET = "never-to-be-seen-1"


@pytest.fixture
def proxy(slapd_server: Slapd, proxy_to: Callable[[int], Proxy]) -> Proxy:
    return proxy_to(slapd_server.port)


@pytest.fixture
def link(slapd_server: Slapd, proxy: Proxy) -> Link:
    url = f"ldap://127.0.0.1:{proxy.port}"
    return connect(replace(settings_for(slapd_server), urls=(url,), receive_timeout=1.0), url)


def test_a_dead_link_loses_the_bind_and_does_not_reconnect(link: Link, proxy: Proxy) -> None:
    assert link.bind(dn_of("alice"), PASSWORD).code == 0
    proxy.cut()
    with pytest.raises(Lost):
        link.bind(dn_of("alice"), SECRET)
    with pytest.raises(Lost):
        link.bind(dn_of("alice"), SECRET)
    assert (proxy.connections, SECRET.encode() in proxy.sent) == (1, False)


def test_the_library_left_to_itself_sends_the_password_in_clear(slapd_server: Slapd, proxy: Proxy) -> None:
    """This is why ours is not the library's connection; the proxy of the test above would have seen it."""
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(slapd_server.ca_file))
    alone = Connection(Server("127.0.0.1", proxy.port, get_info=NONE, tls=tls), client_strategy=SAFE_SYNC)
    alone.open(read_server_info=False)
    alone.start_tls(read_server_info=False)
    proxy.cut()
    for _ in range(2):
        with suppress(LDAPException):
            alone.rebind(dn_of("alice"), SECRET, read_server_info=False)
    assert SECRET.encode() in proxy.sent


def test_a_link_notices_without_a_round_trip_that_the_other_end_has_gone(link: Link, proxy: Proxy) -> None:
    link.bind(dn_of("alice"), PASSWORD)
    assert link.alive()
    proxy.cut()
    wait_until(lambda: not link.alive(), seconds=5, what="the end of the connection")


def test_an_empty_password_is_never_sent(link: Link, proxy: Proxy) -> None:
    sent = len(proxy.sent)
    with pytest.raises(ValueError, match="empty"):
        link.bind(dn_of("alice"), "")
    assert len(proxy.sent) == sent


def test_no_copy_of_a_password_stays_in_a_link(link: Link) -> None:
    link.bind(dn_of("alice"), PASSWORD)
    link.set_password(PASSWORD + "-new", dn=dn_of("nobody"))
    kept = [repr(vars(part)) for part in (link, link._wire)]
    assert not any(PASSWORD in text for text in kept)


@pytest.mark.parametrize("scheme", ["tls_url", "socket_url", "url"])
def test_each_kind_of_address_works(slapd_server: Slapd, scheme: str) -> None:
    url = getattr(slapd_server, scheme)
    link = connect(replace(settings_for(slapd_server), urls=(url,)), url)
    assert link.bind(dn_of("alice"), PASSWORD).code == 0
    link.close()


def test_a_certificate_for_another_name_is_refused(slapd_server: Slapd) -> None:
    with Proxy(slapd_server.port, host="127.0.0.2") as elsewhere, pytest.raises(TlsFailed, match="not valid for"):
        connect(settings_for(slapd_server), f"ldap://127.0.0.2:{elsewhere.port}")
