"""Somebody on the line refuses, fakes or strips the encryption: nobody's password is ever said to them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.account import Account
from connectors.errors import Outage, Unavailable
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.contract_base import NEW
from tests.connectors.ldap_settings import settings_for
from tests.servers.middleman import Middleman, Way
from tests.servers.people import PASSWORD
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

LIMIT = 0.5


@pytest.fixture
def account(slapd_server: Slapd) -> Account:
    return LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC)).find(slapd_server.person())


Between = Callable[..., Middleman]


@pytest.fixture
def between() -> Iterator[Between]:
    with ExitStack() as stack:
        yield lambda way, **more: stack.enter_context(Middleman(way, **more))


def _settings(slapd: Slapd, *urls: str) -> LdapSettings:
    return replace(settings_for(slapd), urls=urls, connect_timeout=LIMIT, receive_timeout=LIMIT)


def _attempts(directory: LdapDirectory, account: Account) -> list[Callable[[], object]]:
    """Everything that says a password: the service account's, and a person's."""
    return [
        lambda: directory.find("alice"),
        lambda: directory.check_password(account, PASSWORD),
        lambda: directory.set_password(account, NEW),
        lambda: directory.change_password(account, PASSWORD, NEW),
        lambda: list(directory.examine()),
    ]


def _told(someone: Middleman, slapd: Slapd) -> list[str]:
    return [s for s in (slapd.service_password, PASSWORD, NEW) if s.encode() in someone.heard]


@pytest.mark.parametrize("way", Way)
def test_no_password_is_said_to_somebody_on_the_line(
    way: Way, slapd_server: Slapd, account: Account, between: Between, own_slapd: Slapd
) -> None:
    someone = between(way, certificate=own_slapd.ca_file.parent)  # another authority's certificate
    directory = LdapDirectory(_settings(slapd_server, someone.url), lambda: datetime.now(UTC))
    *attempts, examine = _attempts(directory, account)
    for attempt in attempts:
        start = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert time.monotonic() - start < LIMIT + 1
        if way is not Way.IS_SILENT:
            assert caught.value.outage is Outage.PORTAL_REFUSED
    examine()
    assert someone.connections >= 2
    assert _told(someone, slapd_server) == []


@pytest.mark.parametrize("way", Way)
def test_with_another_server_everybody_is_served_and_still_nothing_said(
    way: Way, slapd_server: Slapd, account: Account, between: Between, own_slapd: Slapd
) -> None:
    someone = between(way, certificate=own_slapd.ca_file.parent)
    directory = LdapDirectory(_settings(slapd_server, someone.url, slapd_server.url), lambda: datetime.now(UTC))
    for attempt in _attempts(directory, account)[:3]:
        attempt()
    assert slapd_server.binds(account.dn, NEW)
    assert _told(someone, slapd_server) == []


def test_a_certificate_for_another_name_is_no_better(slapd_server: Slapd, account: Account, between: Between) -> None:
    someone = between(Way.IMPERSONATES, certificate=slapd_server.ca_file.parent, host="127.0.0.2")
    directory = LdapDirectory(_settings(slapd_server, someone.url), lambda: datetime.now(UTC))
    for attempt in _attempts(directory, account)[:4]:
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.outage is Outage.PORTAL_REFUSED
    assert _told(someone, slapd_server) == []


def test_with_the_server_s_own_key_somebody_would_hear_it(
    slapd_server: Slapd, account: Account, between: Between
) -> None:
    """So the tests above would see a password that is said."""
    someone = between(Way.IMPERSONATES, certificate=slapd_server.ca_file.parent)
    directory = LdapDirectory(_settings(slapd_server, someone.url), lambda: datetime.now(UTC))
    directory.check_password(account, PASSWORD)
    wait_until(lambda: PASSWORD in _told(someone, slapd_server), seconds=5, what="the password")


@pytest.mark.parametrize("code", [1, 2, 8, 51, 52, 53, 80])
def test_whatever_the_reason_for_refusing_encryption_nothing_is_said_in_clear(
    code: int, slapd_server: Slapd, account: Account, between: Between
) -> None:
    someone = between(Way.REFUSES, code=code)
    directory = LdapDirectory(_settings(slapd_server, someone.url), lambda: datetime.now(UTC))
    with pytest.raises(Unavailable, match=f"StartTLS refused, result {code}"):
        directory.check_password(account, PASSWORD)
    assert _told(someone, slapd_server) == []
