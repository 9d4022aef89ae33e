"""What every server does that keeps a policy as draft-behera-ldap-password-policy describes it."""

from datetime import timedelta

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import Refusal
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import NEW, OnADirectory, People, refusal_of
from tests.servers.people import State


class PolicyContract(OnADirectory):
    def test_a_password_expired_with_grace_counts_the_sign_ins_left(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person(state=State.GRACE))
        check = directory.check_password(account, people.password)
        assert (check.verdict, check.grace_left) == (Verdict.EXPIRED, 1)
        directory.change_password(account, people.password, NEW)
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT

    def test_a_password_about_to_expire_says_when(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(state=State.EXPIRING))
        check = directory.check_password(account, people.password)
        assert check.verdict is Verdict.RIGHT
        assert check.expires_in is not None and timedelta(days=4) < check.expires_in <= timedelta(days=5)

    def test_a_wrong_password_of_an_expired_account_is_just_wrong(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person(state=State.EXPIRED))
        assert directory.check_password(account, "wrong").verdict is Verdict.WRONG

    def test_a_policy_without_own_changes_is_told_and_obeyed(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(state=State.FIXED))
        assert not directory.password_rules(account).own_change_allowed
        changed = refusal_of(lambda: directory.change_password(account, people.password, NEW))
        assert changed is Refusal.CHANGE_NOT_ALLOWED
