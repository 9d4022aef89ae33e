"""How any directory finds people."""

import pytest

from connectors.errors import AccountAmbiguous, AccountNotFound
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import OnADirectory, People


class FindingContract(OnADirectory):
    def test_somebody_is_found_by_login_and_by_mail_address(self, directory: LdapDirectory, people: People) -> None:
        login = people.person()
        found = directory.find(login)
        assert found.login == login
        assert directory.find(f"{login}@example.org") == found
        assert directory.read(found.id) == found

    def test_an_account_carries_what_the_entry_says(self, directory: LdapDirectory, people: People) -> None:
        login = people.person(preferredLanguage="nb", employeeType="contractor", departmentNumber="42")
        account = directory.find(login)
        assert (account.mail, account.recovery_mail) == (f"{login}@example.org", (f"{login}@elsewhere.test",))
        assert (account.language, account.kind, account.unit) == ("nb", "contractor", "42")
        assert account.id.startswith(f"{directory.settings.name}:")

    def test_somebody_without_mail_is_found_and_has_none(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(mail="", mailAlternateAddress=""))
        assert (account.mail, account.recovery_mail) == (None, ())

    @pytest.mark.parametrize(
        "claim",
        ["nobody-by-that-name", "", " ", "*", "a*", "u(", ")(uid=*", "*)(objectClass=*", "a\0b", "x" * 257, "\\2a",
         "uid=alice,dc=x", "a,b=c+d\"<>;", "\ud800", "ø", "alice)(|(uid=*"],
    )  # fmt: skip
    def test_a_name_that_is_none_finds_nobody(self, directory: LdapDirectory, people: People, claim: str) -> None:
        people.person()
        with pytest.raises(AccountNotFound):
            directory.find(claim)

    def test_two_people_with_one_address_are_not_guessed_between(
        self, directory: LdapDirectory, people: People
    ) -> None:
        first = people.person()
        people.person(mail=f"{first}@example.org")
        with pytest.raises(AccountAmbiguous):
            directory.find(f"{first}@example.org")

    @pytest.mark.parametrize("account_id", ["", "x", "main:", "other:1", "main:*", "main:*)(uid=*"])
    def test_an_id_that_is_none_reads_nobody(self, directory: LdapDirectory, account_id: str) -> None:
        with pytest.raises(AccountNotFound):
            directory.read(account_id.replace("main", directory.settings.name))

    def test_names_beyond_ascii_come_through(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(cn="李 小龍", sn="李", givenName="小龍"))
        assert (account.name, account.given_name) == ("李 小龍", "小龍")
