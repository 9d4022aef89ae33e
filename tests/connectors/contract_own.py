"""How any directory takes what people change about themselves: private addresses, telephone, SSH keys.

Beside the `DirectoryContract`, for servers whose settings name an attribute for each of the three.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.capabilities import KeepsSshKeys, SetsPhone, SetsRecoveryMail
from connectors.errors import AccountNotFound, Forbidden
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.contract_base import OnADirectory, People

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0kU6p8Q2sW5l9Vt0xq7a3cI8m4hJd1nYzR2eLfGbKo laptop Åse"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH1nYzR2eLfGbKo0kU6p8Q2sW5l9Vt0xq7a3cI8m4hJd tablet"


class OwnDataContract(OnADirectory):
    def test_keys_are_added_and_removed_one_by_one(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        for key in (KEY, OTHER, KEY):
            directory.add_ssh_key(account, key)
        assert sorted(directory.read(account.id).ssh_keys) == sorted([KEY, OTHER])
        for _ in range(2):
            directory.remove_ssh_key(account, KEY)
            assert directory.read(account.id).ssh_keys == (OTHER,)

    def test_an_address_is_added_replaced_and_removed(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        first = f"{account.login}@elsewhere.test"
        directory.change_recovery_mail(account, old="", new="a@new.example")
        now = directory.read(account.id)
        assert set(now.own_mail) == set(now.recovery_mail) == {first, "a@new.example"}
        directory.change_recovery_mail(account, old=first, new="b@new.example")
        assert set(directory.read(account.id).recovery_mail) == {"a@new.example", "b@new.example"}
        directory.change_recovery_mail(account, old="a@new.example", new="")
        assert directory.read(account.id).recovery_mail == ("b@new.example",)

    @pytest.mark.parametrize(
        ("old", "new"), [("gone@x.example", "a@new.example"), ("", "a@new.example"), ("gone@x.example", "")]
    )
    def test_what_is_so_already_is_no_mistake(
        self, directory: LdapDirectory, people: People, old: str, new: str
    ) -> None:
        account = directory.find(people.person())
        for _ in range(2):
            directory.change_recovery_mail(account, old=old, new=new)
        kept = {f"{account.login}@elsewhere.test"}
        assert set(directory.read(account.id).recovery_mail) == kept | ({new} if new else set())

    def test_half_of_a_change_made_by_somebody_else_is_completed(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        old = f"{account.login}@elsewhere.test"
        directory.change_recovery_mail(account, old="", new="a@new.example")
        directory.change_recovery_mail(account, old=old, new="a@new.example")
        assert directory.read(account.id).recovery_mail == ("a@new.example",)

    def test_a_number_is_set_replaced_and_taken_away(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        for number in ("+4755501010", "+46812345678", ""):
            directory.set_phone(account, number)
            assert directory.read(account.id).phone == number

    def test_what_has_no_attribute_is_not_offered(self, settings: LdapSettings) -> None:
        bare = replace(settings, own_mail_attribute="", phone_attribute="", ssh_key_attribute="")
        for directory, offered in (
            (LdapDirectory(settings, lambda: datetime.now(UTC)), True),
            (LdapDirectory(bare, lambda: datetime.now(UTC)), False),
        ):
            for capability in (KeepsSshKeys, SetsPhone, SetsRecoveryMail):
                assert directory.offers(capability) is offered

    def test_nobody_elsewhere_protected_or_gone_is_changed(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        for wrong in (replace(account, protected=True), replace(account, directory="elsewhere")):
            for change in (
                lambda who=wrong: directory.add_ssh_key(who, KEY),
                lambda who=wrong: directory.remove_ssh_key(who, KEY),
                lambda who=wrong: directory.change_recovery_mail(who, old="", new="a@new.example"),
                lambda who=wrong: directory.set_phone(who, "+4755501010"),
            ):
                with pytest.raises(Forbidden):
                    change()
        gone = replace(account, dn=account.dn.replace(account.login, f"{account.login}x"))
        with pytest.raises(AccountNotFound):
            directory.add_ssh_key(gone, KEY)
        now = directory.read(account.id)
        assert (now.ssh_keys, now.phone, len(now.recovery_mail)) == ((), "", 1)
