"""The portal's clock is an hour off: the directory's rules hold all the same, and the doctor says what is wrong."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.capabilities import Severity
from connectors.errors import Refusal, Refused
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import NEW, NEWER
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import State
from tests.servers.slapd import Slapd
from tests.servers.slapd_files import POLICIES, SlapdOptions

HOUR = timedelta(hours=1)


def _off(slapd: Slapd, ahead: timedelta) -> LdapDirectory:
    return LdapDirectory(settings_for(slapd), lambda: datetime.now(UTC) + ahead)


@pytest.fixture(params=[HOUR, -HOUR], ids=["ahead", "behind"])
def directory(request: pytest.FixtureRequest, slapd_server: Slapd) -> Iterator[LdapDirectory]:
    directory = _off(slapd_server, request.param)
    yield directory
    directory.close()


def test_a_lock_that_still_holds_is_told_and_can_be_taken_away(directory: LdapDirectory, slapd_server: Slapd) -> None:
    login = slapd_server.person(
        pwdPolicySubentry=f"cn=lapsing,{POLICIES}", pwdAccountLockedTime=datetime.now(UTC).strftime("%Y%m%d%H%M%SZ")
    )
    account = directory.find(login)
    assert directory.check_password(account, slapd_server.password).verdict is Verdict.LOCKED
    directory.unlock_account(account)
    assert directory.check_password(account, slapd_server.password).verdict is Verdict.RIGHT


def test_a_lock_that_has_lapsed_keeps_nobody_out(directory: LdapDirectory, slapd_server: Slapd) -> None:
    account = directory.find(slapd_server.person(state=State.LAPSED))
    assert directory.check_password(account, slapd_server.password).verdict is Verdict.RIGHT


def test_a_minimum_age_is_the_server_s_to_judge_and_no_time_in_the_past_is_named(
    directory: LdapDirectory, slapd_server: Slapd
) -> None:
    account = directory.find(slapd_server.person(state=State.YOUNG))
    with pytest.raises(Refused) as caught:
        directory.set_password(account, NEW)
    assert caught.value.refusal is Refusal.TOO_YOUNG
    possible_at = caught.value.possible_at
    assert possible_at is None or possible_at > directory._dialect.clock()


def test_changes_are_made_and_seen_to_be_made(directory: LdapDirectory, slapd_server: Slapd) -> None:
    account = directory.find(slapd_server.person(pwdChangedTime="20240101000000Z"))
    directory.set_password(account, NEW)
    assert directory.read(account.id).state.password_outcome(account.state.facts()) == "success"
    directory.change_password(account, NEW, NEWER)
    assert directory.check_password(account, NEWER).verdict is Verdict.RIGHT


def test_an_expired_password_is_told_by_the_server(directory: LdapDirectory, slapd_server: Slapd) -> None:
    account = directory.find(slapd_server.person(state=State.EXPIRED))
    assert directory.check_password(account, slapd_server.password).verdict is Verdict.EXPIRED


@pytest.mark.parametrize(
    ("off", "words"), [(HOUR, "60 min behind the portal's"), (-HOUR, "60 min ahead of the portal's"), (0 * HOUR, "")]
)
def test_the_doctor_compares_the_clocks(slapd_with: Callable[..., Slapd], off: timedelta, words: str) -> None:
    slapd = slapd_with(SlapdOptions(clock=True))
    found = [f for f in _off(slapd, off).examine() if f.subject == "clock"]
    assert words in found[0].message
    assert found[0].severity is (Severity.WARNING if words else Severity.OK)
    assert not words or "time service" in found[0].remedy


def test_a_server_that_does_not_tell_the_time_is_still_seen_to_be_ahead(slapd_server: Slapd) -> None:
    slapd_server.person()
    found = [f for f in _off(slapd_server, -HOUR).examine() if f.subject == "clock"]
    assert [f.severity for f in found] == [Severity.OK, Severity.WARNING]
    assert "in the portal's future" in found[1].message
    told = [f for f in _off(slapd_server, HOUR).examine() if f.subject == "clock"]
    assert [f.severity for f in told] == [Severity.OK] and "only one that is ahead would be seen" in told[0].message
