"""How any directory treats accounts that are locked, expired, ended and the like."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import Refusal
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import NEW, NEWER, OnADirectory, People, refusal_of
from tests.servers.people import State
from tests.servers.running import wait_until


class StateContract(OnADirectory):
    @pytest.mark.parametrize(
        ("state", "verdict"),
        [
            (State.LOCKED, Verdict.LOCKED),
            (State.DISABLED, Verdict.DISABLED),
            (State.MUST_CHANGE, Verdict.MUST_CHANGE),
            (State.EXPIRED, Verdict.EXPIRED),
            (State.ENDED, Verdict.ENDED),
        ],
    )
    def test_the_right_password_of_somebody_in_trouble_tells_the_trouble(
        self, directory: LdapDirectory, people: People, state: State, verdict: Verdict
    ) -> None:
        account = directory.find(people.person(state=state))
        assert directory.check_password(account, people.password).verdict is verdict

    def test_the_state_says_what_is_the_matter(self, directory: LdapDirectory, people: People) -> None:
        looked_at = (State.ORDINARY, State.LOCKED, State.DISABLED, State.MUST_CHANGE, State.ENDED)
        states = {state: directory.find(people.person(state=state)).state for state in looked_at}
        assert [s for s, state in states.items() if state.locked_at] == [State.LOCKED]
        assert [s for s, state in states.items() if state.disabled] == [State.DISABLED]
        assert [s for s, state in states.items() if state.must_change] == [State.MUST_CHANGE]
        assert [s for s, state in states.items() if state.ended] == [State.ENDED]

    def test_an_expired_password_has_its_date(self, directory: LdapDirectory, people: People) -> None:
        expires = directory.find(people.person(state=State.EXPIRED)).state.password_expires_at
        assert expires is not None and expires < datetime.now(UTC)

    def test_five_wrong_passwords_lock_and_an_unlock_lets_in_again(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        for _ in range(5):
            directory.check_password(account, "wrong")
        assert directory.check_password(account, people.password).verdict is Verdict.LOCKED
        locked_at = directory.read(account.id).state.locked_at
        assert locked_at is not None and datetime.now(UTC) - locked_at < timedelta(minutes=1)
        directory.unlock_account(directory.read(account.id))
        assert directory.read(account.id).state.locked_at is None
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_unlocking_somebody_who_is_not_locked_changes_nothing(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        directory.unlock_account(account)
        assert directory.read(account.id) == account

    @pytest.mark.parametrize("state", [State.LOCKED, State.MUST_CHANGE, State.EXPIRED])
    def test_a_reset_is_all_that_somebody_in_trouble_needs(
        self, directory: LdapDirectory, people: People, state: State
    ) -> None:
        account = directory.find(people.person(state=state))
        directory.set_password(account, NEW)
        assert directory.check_password(directory.read(account.id), NEW).verdict is Verdict.RIGHT
        after = directory.read(account.id).state
        assert (after.locked_at, after.must_change, after.disabled) == (None, False, False)

    @pytest.mark.parametrize("state", [State.MUST_CHANGE, State.EXPIRED])
    def test_an_own_change_works_with_a_password_that_must_be_changed(
        self, directory: LdapDirectory, people: People, state: State
    ) -> None:
        account = directory.find(people.person(state=state))
        assert refusal_of(lambda: directory.change_password(account, "wrong", NEW)) is Refusal.WRONG_PASSWORD
        directory.change_password(account, people.password, NEW)
        assert directory.check_password(directory.read(account.id), NEW).verdict is Verdict.RIGHT

    @pytest.mark.parametrize(
        ("state", "refusal"),
        [(State.LOCKED, Refusal.LOCKED), (State.DISABLED, Refusal.DISABLED), (State.ENDED, Refusal.ENDED)],
    )
    def test_an_own_change_is_refused_to_whoever_may_not_sign_in(
        self, directory: LdapDirectory, people: People, state: State, refusal: Refusal
    ) -> None:
        account = directory.find(people.person(state=state))
        assert refusal_of(lambda: directory.change_password(account, people.password, NEW)) is refusal

    def test_neither_a_reset_nor_an_unlock_undoes_what_an_administrator_disabled(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person(state=State.DISABLED))
        assert refusal_of(lambda: directory.set_password(account, NEW)) is Refusal.DISABLED
        assert refusal_of(lambda: directory.unlock_account(account)) is Refusal.DISABLED
        assert directory.read(account.id).state.disabled

    def test_a_disabled_account_lets_nobody_in_until_it_is_enabled(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        directory.disable_account(account)
        assert directory.read(account.id).state.disabled
        assert directory.check_password(directory.read(account.id), people.password).verdict is Verdict.DISABLED
        for _ in range(2):
            directory.enable_account(account)
        assert not directory.read(account.id).state.disabled
        assert directory.check_password(directory.read(account.id), people.password).verdict is Verdict.RIGHT

    def test_enabling_leaves_a_lock_by_wrong_passwords_alone(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(state=State.LOCKED))
        directory.enable_account(account)
        assert directory.read(account.id).state.locked_at

    def test_each_write_makes_a_new_revision(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        revisions = [account.state.revision]
        for write in (
            lambda: directory.set_password(account, NEW),
            lambda: directory.change_password(account, NEW, NEWER),
            lambda: directory.disable_account(account),
        ):
            write()
            revisions.append(directory.read(account.id).state.revision)
        assert len(set(revisions)) == 4

    def test_a_change_moves_the_date_of_the_password(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        directory.set_password(account, NEW)

        def changed_at() -> datetime | None:
            return directory.read(account.id).state.password_changed_at

        before = account.state.password_changed_at
        wait_until(lambda: changed_at() != before, seconds=5, what="the date, which 389 DS writes after its answer")
        moved_to = changed_at()
        assert moved_to is not None
        assert timedelta(seconds=-2) < datetime.now(UTC) - moved_to < timedelta(minutes=1)
