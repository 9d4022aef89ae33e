"""389 Directory Server passes the contract, and what only 389 DS has."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.account import Account
from connectors.account import PasswordVerdict as Verdict
from connectors.characters import CharacterClass, classes_in
from connectors.errors import Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.contract import DirectoryContract
from tests.connectors.contract_base import NEW, NEWER, change, refusal_of
from tests.connectors.contract_own import OwnDataContract
from tests.connectors.contract_ppolicy import PolicyContract
from tests.connectors.ldap_settings import settings_for_389
from tests.servers.ds389 import Ds389
from tests.servers.ds389_people import policy
from tests.servers.people import State
from tests.servers.running import wait_until
from tests.servers.slapd_files import BASE, GROUPS, PEOPLE

FAR = date(2031, 12, 31)
KERBEROS = ["inetOrgPerson", "posixAccount", "mailRecipient", "krbPrincipalAux"]


class TestDs389(DirectoryContract, PolicyContract, OwnDataContract):
    @pytest.fixture
    def settings(self, ds389_server: Ds389) -> LdapSettings:
        return settings_for_389(ds389_server)

    @pytest.fixture
    def people(self, ds389_server: Ds389) -> Ds389:
        return ds389_server

    @pytest.fixture
    def other_ca_file(self, ds389_server: Ds389) -> Path:
        return ds389_server.other_ca_file

    def wait_for_history(self, people: Ds389, account: Account) -> None:
        """The server answers first: of 240 passwords from before, each sent at once, it took 57."""
        wait_until(lambda: "passwordHistory" in people.entry(account.dn), seconds=10, what="the password history")

    def test_a_lock_says_when_it_passes(self, directory: LdapDirectory, people: Ds389) -> None:
        account = directory.find(people.person())
        for _ in range(5):
            directory.check_password(account, "wrong")
        unlocks_at = directory.read(account.id).state.unlocks_at
        assert unlocks_at is not None
        assert timedelta(minutes=14) < unlocks_at - datetime.now(UTC) <= timedelta(minutes=15)

    def test_a_lock_that_has_lapsed_is_none(self, directory: LdapDirectory, people: Ds389) -> None:
        account = directory.find(people.person(state=State.LAPSED))
        assert (account.state.locked_at, account.state.unlocks_at) == (None, None)
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_a_lock_for_good_is_one_until_it_is_taken_away(self, directory: LdapDirectory, people: Ds389) -> None:
        account = directory.find(people.person(pwdPolicySubentry=policy("for-good")))
        for _ in range(5):
            directory.check_password(account, "wrong")
        state = directory.read(account.id).state
        assert state.locked_at is not None and abs(datetime.now(UTC) - state.locked_at) < timedelta(minutes=1)
        assert state.unlocks_at is None
        directory.unlock_account(directory.read(account.id))
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    @pytest.mark.parametrize("last_day", [None, FAR])
    def test_an_account_stopped_for_inactivity_is_woken_by_a_new_end(
        self, directory: LdapDirectory, people: Ds389, last_day: date | None
    ) -> None:
        account = directory.find(people.person(state=State.STOPPED))
        assert account.state.ended and account.state.inactive
        assert account.state.ends_on == (datetime.now(UTC) - timedelta(days=10)).date()
        assert directory.check_password(account, people.password).verdict is Verdict.INACTIVE
        assert refusal_of(lambda: directory.change_password(account, people.password, NEW)) is Refusal.INACTIVE
        directory.set_end_date(account, last_day)
        account = directory.read(account.id)
        assert (account.state.ended, account.state.ends_on) == (False, last_day)
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_a_temporary_password_that_is_spent_is_wrong_and_a_reset_helps(
        self, directory: LdapDirectory, people: Ds389
    ) -> None:
        account = directory.find(people.person(pwdPolicySubentry=policy("temporary")))
        people.replace(account.dn, {"userPassword": NEW})  # by an administrator, and good for one sign-in
        wait_until(lambda: directory.read(account.id).state.must_change, seconds=5, what="the mark of the server")
        assert directory.check_password(account, NEW).verdict is Verdict.MUST_CHANGE
        assert directory.check_password(account, NEW).verdict is Verdict.WRONG
        directory.set_password(directory.read(account.id), NEWER)

        def let_in() -> bool:
            return directory.check_password(directory.read(account.id), NEWER).verdict is Verdict.RIGHT

        wait_until(let_in, seconds=5, what="the end of the mark, which the server takes away after its answer")

    def test_too_young_a_password_says_from_when_on_it_can_be_changed(
        self, directory: LdapDirectory, people: Ds389
    ) -> None:
        account = directory.find(people.person(state=State.YOUNG))
        for by in ("reset", "own change"):
            with pytest.raises(Refused) as caught:
                change(directory, account, people.password, NEW, by)
            assert caught.value.refusal is Refusal.TOO_YOUNG
            assert caught.value.possible_at is not None
            assert timedelta(minutes=58) < caught.value.possible_at - datetime.now(UTC) <= timedelta(hours=1)

    @pytest.mark.parametrize(
        ("new", "refusal"),
        [
            ("Ab1!", Refusal.TOO_SHORT),
            ("Abcdefghij!", Refusal.NOT_COMPLEX),  # digits
            ("abcdefghij12!", Refusal.NOT_COMPLEX),  # capitals
            ("Abbbcdefghij12!", Refusal.REPEATS),
            ("{SSHA}Abcdefghij12!", Refusal.UNUSABLE_CHARACTERS),
        ],
    )
    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_a_rule_about_characters_is_told_by_name(
        self, directory: LdapDirectory, people: Ds389, new: str, refusal: Refusal, by: str
    ) -> None:
        account = directory.find(people.person(state=State.CAREFUL))
        rules = directory.password_rules(account)
        assert (rules.classes, rules.most_repeats, rules.at_least[CharacterClass.DIGIT]) == (3, 2, 2)
        assert rules.quality_checked  # two letters of either size, which no field of the rules can tell
        assert refusal_of(lambda: change(directory, account, people.password, new, by)) is refusal

    @pytest.mark.parametrize(
        "new", ["correct 1horse", "aAØØcdcdcdcd", "ØØåååabcdef", "abcdefghijk€1", "ABC def ghi jk", "abcdefghijkl-"]
    )
    def test_kinds_of_characters_are_counted_as_the_server_counts_them(
        self, directory: LdapDirectory, people: Ds389, new: str
    ) -> None:
        account = directory.find(people.person(pwdPolicySubentry=policy("kinds")))
        rules = directory.password_rules(account)
        fits = len(classes_in(new, ascii_kinds=rules.ascii_kinds)) >= rules.classes
        try:
            directory.set_password(account, new)
            accepted = True
        except Refused as refused:
            assert refused.refusal is Refusal.NOT_COMPLEX
            accepted = False
        assert accepted is fits

    def test_three_letters_of_a_name_are_too_many_and_told_beforehand(
        self, directory: LdapDirectory, people: Ds389
    ) -> None:
        account = directory.find(people.person(cn="Ottilie Zacharias", givenName="Ottilie"))
        told = directory.password_rules(account).forbidden_words
        for piece in ("ili", "ZAC", account.login[3:6], "ple"):
            assert piece.lower() in told
            new = f"77-{piece}-88-Wxyz"
            assert refusal_of(lambda new=new: directory.set_password(account, new)) is Refusal.CONTAINS_NAME

    def test_a_mark_that_the_server_would_overlook_is_not_set(self, directory: LdapDirectory, people: Ds389) -> None:
        account = directory.find(people.person(state=State.FIXED))
        with pytest.raises(Forbidden, match="passwordMustChange"):
            directory.require_password_change(account)
        assert not directory.read(account.id).state.must_change

    def test_an_account_disabled_by_its_role_is_disabled(self, directory: LdapDirectory, people: Ds389) -> None:
        login = people.person()
        role, holder = f"cn=off-{login},{BASE}", f"cn=templates-{login},{BASE}"
        escaped = role.replace("=", "\\=").replace(",", "\\,")
        people.put(
            role,
            {"objectClass": ["nsRoleDefinition", "nsSimpleRoleDefinition", "nsManagedRoleDefinition", "ldapSubEntry"]},
        )
        people.put(holder, {"objectClass": "nsContainer"})
        people.put(
            f"cn={escaped},{holder}",
            {"objectClass": ["extensibleObject", "costemplate", "ldapsubentry"], "nsAccountLock": "true",
             "cosPriority": "0"},
        )  # fmt: skip
        people.put(
            f"cn=cos-{login},{BASE}",
            {"objectClass": ["ldapSubEntry", "cosSuperDefinition", "cosClassicDefinition"], "cosTemplateDn": holder,
             "cosSpecifier": "nsRole", "cosAttribute": "nsAccountLock operational"},
        )  # fmt: skip
        assert not directory.find(login).state.disabled
        people.replace(f"uid={login},{PEOPLE}", {"nsRoleDN": role})
        account = directory.find(login)
        assert account.state.disabled
        assert directory.check_password(account, people.password).verdict is Verdict.DISABLED
        assert refusal_of(lambda: directory.set_password(account, NEW)) is Refusal.DISABLED

    def test_the_last_day_is_the_day_before_shadow_expire(self, directory: LdapDirectory, people: Ds389) -> None:
        account = directory.find(people.person(shadowExpire="20818"))
        assert account.state.ends_on == date(2026, 12, 30)

    def test_an_end_in_kerberos_is_read_moved_and_found(self, directory: LdapDirectory, people: Ds389) -> None:
        account = directory.find(people.person(objectClass=KERBEROS, krbPrincipalExpiration="20991231000000Z"))
        assert account.state.ends_on == date(2099, 12, 30)
        directory.set_end_date(account, FAR)
        assert people.entry(account.dn)["krbPrincipalExpiration"] == [b"20320101000000Z"]
        assert account.login in {found.login for found in directory.ending(FAR, FAR)}

    def test_an_end_goes_where_the_settings_say(self, settings: LdapSettings, people: Ds389) -> None:
        directory = LdapDirectory(replace(settings, end_attribute="krbPrincipalExpiration"), lambda: datetime.now(UTC))
        account = directory.find(people.person(objectClass=KERBEROS))
        directory.set_end_date(account, FAR)
        assert directory.read(account.id).state.ends_on == FAR
        elsewhere = directory.find(people.person())
        with pytest.raises(Forbidden) as caught:  # entries without Kerberos' class have no place for it
            directory.set_end_date(elsewhere, FAR)
        assert caught.value.obstacle is Obstacle.SCHEMA

    def test_groups_are_told_in_lower_case(self, directory: LdapDirectory) -> None:
        assert directory.find("alice").groups == {f"cn=coordinators,{GROUPS}", f"cn=tier2,{GROUPS}"}

    def test_a_member_of_a_group_in_a_protected_group_is_protected(self, settings: LdapSettings, people: Ds389) -> None:
        login = people.person()
        inner, outer = f"cn=inner-{login},{GROUPS}", f"cn=outer-{login},{GROUPS}"
        people.put(inner, {"objectClass": "groupOfNames", "member": f"uid={login},{PEOPLE}"})
        people.put(outer, {"objectClass": "groupOfNames", "member": inner})
        careful = replace(settings, protected_groups=(outer.upper(),))
        account = LdapDirectory(careful, lambda: datetime.now(UTC)).find(login)
        assert account.protected

    def test_the_manual_gives_no_right_over_administrators(self, settings: LdapSettings) -> None:
        directory = LdapDirectory(replace(settings, protected_groups=()), lambda: datetime.now(UTC))
        account = directory.find("dave")
        assert not account.protected
        for attempt in (
            lambda: directory.set_password(account, NEW),
            lambda: directory.disable_account(account),
            lambda: directory.set_end_date(account, FAR),
        ):
            with pytest.raises(Forbidden) as caught:
                attempt()
            assert caught.value.obstacle is Obstacle.NO_RIGHT

    def test_commas_and_letters_beyond_ascii_in_a_dn_do_no_harm(self, directory: LdapDirectory, people: Ds389) -> None:
        login = people.person()
        dn = f"cn={login}\\, Åse \\+ 李,{PEOPLE}"
        people.put(dn, {"objectClass": "inetOrgPerson", "sn": "Ø", "uid": f"{login}x", "userPassword": people.password})
        people.replace(dn, {"passwordExpirationTime": []})
        account = directory.find(f"{login}x")
        directory.set_password(account, NEW)
        directory.change_password(account, NEW, NEWER)
        assert directory.check_password(account, NEWER).verdict is Verdict.RIGHT
