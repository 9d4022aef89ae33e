"""OpenLDAP passes the contract, and what only OpenLDAP has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import Forbidden, Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.contract import DirectoryContract
from tests.connectors.contract_base import NEW, NEWER
from tests.connectors.contract_own import OwnDataContract
from tests.connectors.contract_ppolicy import PolicyContract
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import State
from tests.servers.slapd import Slapd
from tests.servers.slapd_files import GROUPS, PEOPLE


class TestOpenLdap(DirectoryContract, PolicyContract, OwnDataContract):
    @pytest.fixture
    def settings(self, slapd_server: Slapd) -> LdapSettings:
        return settings_for(slapd_server)

    @pytest.fixture
    def people(self, slapd_server: Slapd) -> Slapd:
        return slapd_server

    @pytest.fixture
    def other_ca_file(self, slapd_server: Slapd) -> Path:
        return slapd_server.other_ca_file

    def test_a_lock_that_has_lapsed_is_none(self, directory: LdapDirectory, people: Slapd) -> None:
        account = directory.find(people.person(state=State.LAPSED))
        assert account.state.locked_at is None
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_an_end_the_server_obeys_is_told_as_an_end(self, directory: LdapDirectory, people: Slapd) -> None:
        account = directory.find(people.person(state=State.STOPPED))
        assert account.state.ended
        assert directory.check_password(account, people.password).verdict is Verdict.ENDED

    def test_a_wrong_password_does_not_tell_that_an_account_has_ended(
        self, directory: LdapDirectory, people: Slapd
    ) -> None:
        account = directory.find(people.person(state=State.ENDED))
        assert directory.check_password(account, "wrong").verdict is Verdict.WRONG

    def test_too_young_a_password_says_from_when_on_it_can_be_changed(
        self, directory: LdapDirectory, people: Slapd
    ) -> None:
        account = directory.find(people.person(state=State.YOUNG))
        for attempt in (
            lambda: directory.set_password(account, NEW),
            lambda: directory.change_password(account, people.password, NEW),
        ):
            with pytest.raises(Refused) as caught:
                attempt()
            assert caught.value.refusal is Refusal.TOO_YOUNG
            assert caught.value.possible_at is not None
            assert timedelta(minutes=58) < caught.value.possible_at - datetime.now(UTC) <= timedelta(hours=1)

    def test_a_password_that_must_be_changed_is_never_too_young(self, directory: LdapDirectory, people: Slapd) -> None:
        account = directory.find(people.person(state=State.YOUNG))
        directory.require_password_change(account)
        account = directory.read(account.id)
        assert directory.password_rules(account).possible_from is None
        directory.change_password(account, people.password, NEW)
        assert people.binds(account.dn, NEW)

    def test_a_policy_that_wants_the_old_password_again_gets_it(self, directory: LdapDirectory, people: Slapd) -> None:
        account = directory.find(people.person(state=State.CAREFUL))
        directory.change_password(account, people.password, NEW)
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT

    def test_a_policy_that_wants_the_old_password_leaves_no_reset_and_the_ticket_says_why(
        self, directory: LdapDirectory, people: Slapd
    ) -> None:
        account = directory.find(people.person(state=State.CAREFUL))
        with pytest.raises(Forbidden, match="pwdSafeModify"):
            directory.set_password(account, NEW)
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_somebody_gone_since_found_has_a_wrong_password(self, directory: LdapDirectory, people: Slapd) -> None:
        account = directory.find(people.person())
        with people.admin() as admin:
            admin.delete(account.dn)
        assert directory.check_password(account, people.password).verdict is Verdict.WRONG

    def test_disabling_under_a_policy_that_overlooks_locks_is_refused(
        self, directory: LdapDirectory, people: Slapd
    ) -> None:
        account = directory.find(people.person(state=State.FIXED))
        with pytest.raises(Forbidden, match="pwdLockout"):
            directory.disable_account(account)
        assert not directory.read(account.id).state.disabled

    def test_commas_and_letters_beyond_ascii_in_a_dn_do_no_harm(self, directory: LdapDirectory, people: Slapd) -> None:
        login = people.person()
        dn = f"cn={login}\\, Åse \\+ 李,{PEOPLE}"
        entry = {"objectClass": "inetOrgPerson", "cn": f"{login}, Åse + 李", "sn": "Ø", "uid": f"{login}x"}
        people.put(dn, {**entry, "userPassword": people.password})
        account = directory.find(f"{login}x")
        directory.set_password(account, NEW)
        directory.change_password(account, NEW, NEWER)
        assert directory.check_password(account, NEWER).verdict is Verdict.RIGHT

    @pytest.mark.parametrize(
        ("login", "name"),
        [("odegard", "Ødegård, Åse"), ("comma", "Comma, Connie"), ("xiaolong", "李 小龍"), ("bjorn", "Bjørn Åkesson")],
    )
    def test_names_are_told_as_they_are_written(self, directory: LdapDirectory, login: str, name: str) -> None:
        assert directory.find(login).name == name

    def test_the_last_day_is_the_day_before_shadow_expire(self, directory: LdapDirectory, people: Slapd) -> None:
        account = directory.find(people.person(shadowExpire="20818"))
        assert account.state.ends_on is not None and account.state.ends_on.isoformat() == "2026-12-30"

    def test_the_last_day_is_the_day_of_the_last_second_before_the_end(
        self, directory: LdapDirectory, people: Slapd
    ) -> None:
        for end, day in (("20991231000000Z", "2099-12-30"), ("20991231000001Z", "2099-12-31")):
            account = directory.find(people.person(pwdEndTime=end))
            assert account.state.ends_on is not None and account.state.ends_on.isoformat() == day

    def test_a_shadow_expire_of_minus_one_means_never(self, directory: LdapDirectory, people: Slapd) -> None:
        state = directory.find(people.person(shadowExpire="-1")).state
        assert (state.ends_on, state.ended) == (None, False)

    def test_groups_are_told_in_lower_case(self, directory: LdapDirectory) -> None:
        assert directory.find("alice").groups == {f"cn=coordinators,{GROUPS}", f"cn=tier2,{GROUPS}"}

    def test_a_member_of_a_group_in_a_protected_group_is_protected(self, slapd_server: Slapd) -> None:
        login = slapd_server.person()
        inner, outer = f"cn=inner-{login},{GROUPS}", f"cn=outer-{login},{GROUPS}"
        slapd_server.put(
            inner, {"objectClass": "groupOfNames", "cn": f"inner-{login}", "member": f"uid={login},{PEOPLE}"}
        )
        slapd_server.put(outer, {"objectClass": "groupOfNames", "cn": f"outer-{login}", "member": inner})
        settings = replace(settings_for(slapd_server), protected_groups=(outer.upper(),))
        directory = LdapDirectory(settings, lambda: datetime.now(UTC))
        account = directory.find(login)
        assert account.protected
        for attempt in (
            lambda: directory.set_password(account, NEW),
            lambda: directory.change_password(account, slapd_server.password, NEW),
            lambda: directory.unlock_account(account),
            lambda: directory.disable_account(account),
        ):
            with pytest.raises(Forbidden, match="protected"):
                attempt()

    def test_the_manual_gives_no_right_over_administrators(self, slapd_server: Slapd) -> None:
        unaware = replace(settings_for(slapd_server), protected_groups=())
        directory = LdapDirectory(unaware, lambda: datetime.now(UTC))
        account = directory.find("dave")
        assert not account.protected
        changes: list[Callable[[], None]] = [
            lambda: directory.set_password(account, NEW),
            lambda: directory.disable_account(account),
        ]
        for change in changes:
            with pytest.raises(Forbidden):
                change()

    def test_somebody_else_s_account_is_not_ours(self, directory: LdapDirectory, people: Slapd) -> None:
        account = replace(directory.find(people.person()), directory="elsewhere")
        with pytest.raises(Forbidden):
            directory.set_password(account, NEW)
