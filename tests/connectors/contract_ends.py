"""How any directory keeps the last day of an account, lists those that end soon, and asks for a new password."""

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import NEW, OnADirectory, People
from tests.servers.people import State

FAR = date(2031, 12, 31)


class EndContract(OnADirectory):
    @pytest.mark.parametrize("last_day", [FAR, date(2032, 2, 29), date(2031, 3, 30)])
    def test_the_last_day_reads_back_as_it_was_set(
        self, directory: LdapDirectory, people: People, last_day: date
    ) -> None:
        account = directory.find(people.person())
        directory.set_end_date(account, last_day)
        state = directory.read(account.id).state
        assert (state.ends_on, state.ended) == (last_day, False)

    def test_an_end_can_be_moved_and_taken_away(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        directory.set_end_date(account, FAR)
        directory.set_end_date(directory.read(account.id), FAR + timedelta(days=1))
        assert directory.read(account.id).state.ends_on == FAR + timedelta(days=1)
        directory.set_end_date(directory.read(account.id), None)
        assert directory.read(account.id).state.ends_on is None

    def test_an_account_is_good_on_its_last_day_and_not_after_it(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        today = datetime.now(UTC).date()
        for last_day, verdict in (
            (today + timedelta(days=1), Verdict.RIGHT),
            (today - timedelta(days=2), Verdict.ENDED),
        ):
            directory.set_end_date(directory.read(account.id), last_day)
            assert directory.check_password(directory.read(account.id), people.password).verdict is verdict

    def test_those_that_end_within_a_span_are_listed(self, directory: LdapDirectory, people: People) -> None:
        span = FAR, FAR + timedelta(days=14)
        ends = {people.person(): FAR + timedelta(days=days) for days in (-1, 0, 14, 15)}
        for login, last_day in ends.items():
            directory.set_end_date(directory.find(login), last_day)
        listed = {account.login: account.state.ends_on for account in directory.ending(*span)}
        inside = {login: day for login, day in ends.items() if span[0] <= day <= span[1]}
        assert {login: day for login, day in listed.items() if login in ends} == inside
        assert all(day is not None and span[0] <= day <= span[1] for day in listed.values())

    def test_those_whose_password_expires_within_a_span_are_listed(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person(state=State.EXPIRING))
        expires = account.state.password_expires_at
        assert expires
        minute = timedelta(minutes=1)
        for first, last, listed in (
            (expires - minute, expires + minute, True),
            (expires - 2 * minute, expires - minute, False),
            (expires + minute, expires + 2 * minute, False),
        ):
            assert (account.id in {one.id for one in directory.passwords_expiring(first, last)}) == listed

    def test_a_required_change_is_over_when_the_person_has_made_it(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        directory.require_password_change(account)
        account = directory.read(account.id)
        assert account.state.must_change
        assert directory.check_password(account, people.password).verdict is Verdict.MUST_CHANGE
        directory.change_password(account, people.password, NEW)
        account = directory.read(account.id)
        assert not account.state.must_change
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT

    def test_wrong_passwords_are_counted(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        for _ in range(2):
            directory.check_password(account, "wrong")
        state = directory.read(account.id).state
        assert state.failed_sign_ins == 2
        assert state.failed_at is None or abs(datetime.now(UTC) - state.failed_at) < timedelta(minutes=1)
