"""How any directory checks and changes passwords."""

from dataclasses import replace

import pytest

from connectors.account import Account, PasswordCheck
from connectors.account import PasswordVerdict as Verdict
from connectors.errors import AccountNotFound, Refusal
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import NEW, OnADirectory, People, change, refusal_of


class PasswordContract(OnADirectory):
    def test_the_right_password_is_right_and_another_is_wrong(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        assert directory.check_password(account, people.password) == PasswordCheck(verdict=Verdict.RIGHT)
        assert directory.check_password(account, people.password + "x").verdict is Verdict.WRONG

    @pytest.mark.parametrize("password", ["", "\0", "Passw0rd-of-old-1\0", "\ud800"])
    def test_an_empty_or_unsendable_password_proves_nothing(
        self, directory: LdapDirectory, people: People, password: str
    ) -> None:
        account = directory.find(people.person())
        assert directory.check_password(account, password).verdict is Verdict.WRONG

    def test_after_a_reset_the_new_password_works_and_the_old_does_not(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        directory.set_password(account, NEW)
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT
        assert directory.check_password(account, people.password).verdict is Verdict.WRONG

    @pytest.mark.parametrize(
        "password", ["pässwörd-ø-李小龍", "With  2 spaces inside ", "Quote\"s'n\\slashes", "xX1-" * 32]
    )
    def test_a_password_is_stored_as_it_was_typed(
        self, directory: LdapDirectory, people: People, password: str
    ) -> None:
        account = directory.find(people.person())
        directory.set_password(account, password)
        assert directory.check_password(account, password).verdict is Verdict.RIGHT
        assert directory.check_password(account, password.strip() + "!").verdict is Verdict.WRONG

    def test_an_own_change_with_the_old_password_works(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        directory.change_password(account, people.password, NEW)
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT
        assert directory.check_password(account, people.password).verdict is Verdict.WRONG

    @pytest.mark.parametrize("old", ["not-the-old-one", "", "\0"])
    def test_an_own_change_with_a_wrong_old_password_changes_nothing(
        self, directory: LdapDirectory, people: People, old: str
    ) -> None:
        account = directory.find(people.person())
        assert refusal_of(lambda: directory.change_password(account, old, NEW)) is Refusal.WRONG_PASSWORD
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    @pytest.mark.parametrize(
        ("new", "refusal"),
        [("short", Refusal.TOO_SHORT), ("", Refusal.TOO_SHORT), ("has-a-nul-\0-in-it", Refusal.UNUSABLE_CHARACTERS)],
    )
    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_a_refused_password_leaves_the_old_one_working(
        self, directory: LdapDirectory, people: People, new: str, refusal: Refusal, by: str
    ) -> None:
        account = directory.find(people.person())
        assert refusal_of(lambda: change(directory, account, people.password, new, by)) is refusal
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    @pytest.fixture
    def resets_mind_history(self) -> bool:
        return True

    def wait_for_history(self, people: People, account: Account) -> None:
        """Until the server keeps the password before; most do so before they answer."""

    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_an_earlier_password_is_refused_as_such(
        self, directory: LdapDirectory, people: People, by: str, resets_mind_history: bool
    ) -> None:
        account = directory.find(people.person())
        directory.set_password(account, NEW)
        self.wait_for_history(people, account)
        if by == "reset" and not resets_mind_history:
            directory.set_password(account, people.password)
            assert directory.check_password(account, people.password).verdict is Verdict.RIGHT
            return
        assert refusal_of(lambda: change(directory, account, NEW, people.password, by)) is Refusal.IN_HISTORY
        assert refusal_of(lambda: change(directory, account, NEW, NEW, by)) in (
            Refusal.SAME_AS_NOW,
            Refusal.IN_HISTORY,
        )
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT

    def test_somebody_gone_since_found_is_not_found(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        gone = replace(account, dn=account.dn.replace(account.login, f"{account.login}-gone"))
        with pytest.raises(AccountNotFound):
            directory.set_password(gone, NEW)

    def test_the_rules_are_told_before_anybody_types(self, directory: LdapDirectory, people: People) -> None:
        rules = directory.password_rules(directory.find(people.person()))
        assert (rules.min_length, rules.history, rules.possible_from) == (10, 5, None)
        assert rules.own_change_allowed
