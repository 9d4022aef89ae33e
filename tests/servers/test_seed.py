"""People loaded past the server are found, listed and let in; with the manual's indexes nobody else is looked at."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.account import PasswordVerdict
from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import PASSWORD
from tests.servers.slapd import Slapd, slapd
from tests.servers.slapd_files import SERVICE_DN, SlapdOptions
from tests.servers.slapd_seed import login_of, seed

COUNT, ENDING = 5000, 20


@pytest.fixture(scope="module")
def server() -> Iterator[Slapd]:
    # It gives a search up that it would have to look at more entries for than this, because an index is missing.
    limits = f'limits dn.exact="{SERVICE_DN}" size.soft=unlimited size.unchecked={COUNT // 10}'
    with slapd(SlapdOptions(limits=limits)) as started:
        seed(started, COUNT, ending=ENDING)
        yield started


@pytest.fixture
def directory(server: Slapd) -> Iterator[LdapDirectory]:
    connected = LdapDirectory(settings_for(server), lambda: datetime.now(UTC))
    yield connected
    connected.close()


def test_one_of_many_is_found_and_let_in(directory: LdapDirectory) -> None:
    for number in (0, COUNT // 2, COUNT - 1):
        account = directory.find(f"{login_of(number)}@elsewhere.test")
        assert account.login == login_of(number)
        assert directory.check_password(account, PASSWORD).verdict is PasswordVerdict.RIGHT


def test_those_who_end_soon_are_listed_and_nobody_else_of_the_many(directory: LdapDirectory) -> None:
    today = datetime.now(UTC).date()
    found = {a.login for a in directory.ending(today + timedelta(days=7), today + timedelta(days=14))}
    assert found == {login_of(number) for number in range(ENDING)}


def test_a_search_without_an_index_would_be_given_up(server: Slapd) -> None:
    by_name = LdapDirectory(replace(settings_for(server), login_attribute="sn"), lambda: datetime.now(UTC))
    try:
        with pytest.raises(Unavailable):
            by_name.find(login_of(1))
    finally:
        by_name.close()
