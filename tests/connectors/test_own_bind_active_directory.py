"""Active Directory without a service account: people bind as login@realm, on a real Samba."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import Forbidden
from connectors.ldap import LdapDirectory
from tests.connectors.ad_settings import ad_settings
from tests.connectors.contract_base import NEW
from tests.servers.people import PASSWORD, State
from tests.servers.samba import Samba
from tests.servers.samba_files import REALM


@pytest.fixture
def directory(samba_server: Samba) -> Iterator[LdapDirectory]:
    person = f"{{login}}@{REALM.lower()}"
    own = replace(ad_settings(samba_server), bind_dn="", bind_password="", person_dn=person)
    made = LdapDirectory(own, lambda: datetime.now(UTC))
    yield made
    made.close()


def test_somebody_signs_in_reads_their_entry_and_changes_the_password(
    directory: LdapDirectory, samba_server: Samba
) -> None:
    login = samba_server.person()
    check, account = directory.sign_in(login, PASSWORD)
    assert check.verdict is Verdict.RIGHT
    assert account and (account.login, account.protected) == (login, False)
    directory.change_password(account, PASSWORD, NEW)
    assert directory.sign_in(login, NEW)[0].verdict is Verdict.RIGHT


def test_a_wrong_password_an_unknown_login_and_another_realm_are_the_same(
    directory: LdapDirectory, samba_server: Samba
) -> None:
    login = samba_server.person()
    for claim, password in ((login, "wrong"), (f"{login}x", PASSWORD), (f"{login}@{REALM.lower()}", PASSWORD)):
        check, account = directory.sign_in(claim, password)
        assert (check.verdict, account) == (Verdict.WRONG, None)


@pytest.mark.parametrize("state", [State.MUST_CHANGE, State.EXPIRED])
def test_a_password_that_no_longer_lets_in_is_a_matter_for_people(
    directory: LdapDirectory, samba_server: Samba, state: State
) -> None:
    check, account = directory.sign_in(samba_server.person(state=state), PASSWORD)
    assert check.verdict in (Verdict.MUST_CHANGE, Verdict.EXPIRED)
    assert account
    with pytest.raises(Forbidden):
        directory.change_password(account, PASSWORD, NEW)
