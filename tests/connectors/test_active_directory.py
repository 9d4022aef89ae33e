"""Active Directory, as Samba speaks it, passes the contract, and what only Active Directory has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.ad_settings import ad_settings
from tests.connectors.contract import DirectoryContract
from tests.connectors.contract_base import NEW, NEWER, change, refusal_of
from tests.connectors.contract_own import OwnDataContract
from tests.servers.people import State
from tests.servers.samba import Samba
from tests.servers.samba_files import GROUPS, PEOPLE
from tests.servers.samba_people import dn_of, filetime

SMALL = "only-small-letters"


class TestActiveDirectory(DirectoryContract, OwnDataContract):
    limit = 1.0  # one process does everything here, and a reset keeps it busy for a tenth of a second

    @pytest.fixture
    def settings(self, samba_server: Samba) -> LdapSettings:
        return ad_settings(samba_server)

    @pytest.fixture
    def people(self, samba_server: Samba) -> Samba:
        return samba_server

    @pytest.fixture
    def other_ca_file(self, samba_server: Samba) -> Path:
        return samba_server.other_ca_file

    @pytest.fixture
    def resets_mind_history(self) -> bool:
        return False  # Samba lacks the control for it, which the doctor says

    def test_a_lock_that_has_lapsed_is_none(self, directory: LdapDirectory, people: Samba) -> None:
        account = directory.find(people.person(state=State.LAPSED))
        assert account.state.locked_at is None
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_a_lock_says_when_it_passes(self, directory: LdapDirectory, people: Samba) -> None:
        login = people.person()
        people.join(f"CN=lapsing,{GROUPS}", dn_of(login))
        account = directory.find(login)
        for _ in range(5):
            directory.check_password(account, "wrong")
        state = directory.read(account.id).state
        assert state.locked_at is not None
        assert state.unlocks_at == state.locked_at + timedelta(minutes=1)

    def test_a_password_about_to_expire_has_its_date(self, directory: LdapDirectory, people: Samba) -> None:
        account = directory.find(people.person(state=State.EXPIRING))
        assert account.state.password_expires_at is not None
        assert timedelta(days=4) < account.state.password_expires_at - datetime.now(UTC) <= timedelta(days=5)

    @pytest.mark.parametrize(
        ("attribute", "value", "verdict", "refusal"),
        [
            ("logonHours", b"\0" * 21, Verdict.OUTSIDE_HOURS, Refusal.OUTSIDE_HOURS),
            ("userWorkstations", b"nowhere", Verdict.NOT_FROM_HERE, Refusal.NOT_FROM_HERE),
        ],
    )
    def test_limits_of_the_account_itself_are_told(
        self, directory: LdapDirectory, people: Samba, attribute: str, value: bytes, verdict: Verdict, refusal: Refusal
    ) -> None:
        account = directory.find(people.person(**{attribute: value}))  # type: ignore[arg-type]
        assert directory.check_password(account, people.password).verdict is verdict
        assert refusal_of(lambda: directory.change_password(account, people.password, NEW)) is refusal

    @pytest.mark.parametrize("state", [State.ENDED, State.DISABLED, State.EXPIRED, State.MUST_CHANGE])
    def test_a_wrong_password_tells_nothing_of_the_state(
        self, directory: LdapDirectory, people: Samba, state: State
    ) -> None:
        account = directory.find(people.person(state=state))
        assert directory.check_password(account, "wrong").verdict is Verdict.WRONG

    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_too_young_a_password_says_from_when_on_it_can_be_changed(
        self, directory: LdapDirectory, people: Samba, by: str
    ) -> None:
        account = directory.find(people.person(state=State.YOUNG))
        with pytest.raises(Refused) as caught:
            change(directory, account, people.password, NEW, by)
        assert caught.value.refusal is Refusal.TOO_YOUNG
        assert caught.value.possible_at is not None
        assert timedelta(minutes=58) < caught.value.possible_at - datetime.now(UTC) <= timedelta(hours=1)

    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_a_password_without_enough_kinds_of_characters_is_refused_as_such(
        self, directory: LdapDirectory, people: Samba, by: str
    ) -> None:
        account = directory.find(people.person())
        assert directory.password_rules(account).classes == 3
        assert refusal_of(lambda: change(directory, account, people.password, SMALL, by)) is Refusal.NOT_COMPLEX

    def test_an_expired_password_is_changed_under_all_rules(self, directory: LdapDirectory, people: Samba) -> None:
        account = directory.find(people.person(state=State.EXPIRED))
        for new, refusal in ((SMALL, Refusal.NOT_COMPLEX), (people.password, Refusal.SAME_AS_NOW)):
            assert refusal_of(lambda new=new: directory.change_password(account, people.password, new)) is refusal  # type: ignore[misc]

    def test_the_person_s_names_are_told_as_forbidden(self, directory: LdapDirectory, people: Samba) -> None:
        account = directory.find(people.person("ab-cd", displayName="Åse-Marie d'Arc, Ph.D."))
        assert directory.password_rules(account).forbidden_words == {"ab-cd", "Åse", "Marie", "d'Arc"}

    def test_fine_grained_rules_come_before_the_domain_s(self, directory: LdapDirectory, people: Samba) -> None:
        rules = directory.password_rules(directory.find(people.person(state=State.EXPIRING)))
        assert rules.max_age == timedelta(days=10)
        assert directory.password_rules(directory.find(people.person())).max_age is None

    def test_a_password_the_person_may_not_change_is_refused_as_such(
        self, directory: LdapDirectory, people: Samba
    ) -> None:
        login = people.person()
        denied = "(OD;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;{})"
        people.tool("dsacl", "set", f"--objectdn={dn_of(login)}", f"--sddl={denied.format('PS')}{denied.format('WD')}")
        account = directory.find(login)
        refused = refusal_of(lambda: directory.change_password(account, people.password, NEW))
        assert refused is Refusal.CHANGE_NOT_ALLOWED

    def test_commas_and_letters_beyond_ascii_in_a_dn_do_no_harm(self, directory: LdapDirectory, people: Samba) -> None:
        login = people.person()
        with people.admin() as admin:
            assert admin.modify_dn(dn_of(login), f"CN={login}\\, Åse \\+ 李")
        account = directory.find(login)
        directory.set_password(account, NEW)
        directory.change_password(account, NEW, NEWER)
        assert directory.check_password(account, NEWER).verdict is Verdict.RIGHT

    def test_somebody_renamed_and_moved_is_the_same(self, directory: LdapDirectory, people: Samba) -> None:
        account = directory.find(people.person())
        with people.admin() as admin:
            assert admin.modify_dn(account.dn, f"CN={account.login}-new")
        people.replace(f"CN={account.login}-new,{PEOPLE}", {"sAMAccountName": f"{account.login}n"})
        moved = directory.read(account.id)
        assert (moved.id, moved.login) == (account.id, f"{account.login}n")

    def test_an_id_nobody_has_reads_nobody(self, directory: LdapDirectory) -> None:
        with pytest.raises(AccountNotFound):
            directory.read(f"main:{uuid4()}")

    def test_somebody_is_found_by_the_name_with_the_domain(self, directory: LdapDirectory, people: Samba) -> None:
        login = people.person()
        assert directory.find(f"{login}@ad.example.org").login == login

    def test_other_parts_of_the_forest_are_passed_over(self, settings: LdapSettings, people: Samba) -> None:
        """A search from the domain's root answers with references to them as well."""
        directory = LdapDirectory(replace(settings, people_bases=(people.base,)), lambda: datetime.now(UTC))
        login = people.person()
        assert directory.find(login).login == login

    def test_a_long_list_comes_page_by_page(
        self, directory: LdapDirectory, people: Samba, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.ldap.people._PAGE", 2)
        last_day = date(2033, 5, 5)
        logins = {people.person() for _ in range(5)}
        for login in logins:
            directory.set_end_date(directory.find(login), last_day)
        assert {account.login for account in directory.ending(last_day, last_day)} == logins


class TestEnds:
    """Active Directory Users and Computers shows the day before the moment, in local time."""

    @pytest.mark.parametrize(
        ("last_day", "moment"),
        [(date(2034, 12, 31), "2034-12-31T23:00:00+00:00"), (date(2034, 6, 30), "2034-06-30T22:00:00+00:00")],
    )
    def test_the_last_day_ends_at_midnight_where_the_people_are(
        self, samba_server: Samba, last_day: date, moment: str
    ) -> None:
        local = replace(ad_settings(samba_server), time_zone="Europe/Oslo")
        directory = LdapDirectory(local, lambda: datetime.now(UTC))
        account = directory.find(samba_server.person())
        directory.set_end_date(account, last_day)
        assert samba_server.entry(account.dn)["accountExpires"] == [filetime(datetime.fromisoformat(moment)).encode()]
        assert directory.read(account.id).state.ends_on == last_day
        assert [a.id for a in directory.ending(last_day, last_day)] == [account.id]
        directory.set_end_date(account, None)

    @pytest.mark.parametrize("never", ["0", "9223372036854775807"])
    def test_never_is_no_end(self, samba_server: Samba, never: str) -> None:
        directory = LdapDirectory(ad_settings(samba_server), lambda: datetime.now(UTC))
        state = directory.find(samba_server.person(accountExpires=never)).state
        assert (state.ends_on, state.ended) == (None, False)


class TestPrivileges:
    @pytest.fixture
    def directory(self, samba_server: Samba) -> LdapDirectory:
        return LdapDirectory(ad_settings(samba_server), lambda: datetime.now(UTC))

    def test_groups_in_groups_count(self, directory: LdapDirectory, samba_server: Samba) -> None:
        login = samba_server.person()
        for name, member in ((f"in-{login}", dn_of(login)), (f"out-{login}", f"CN=in-{login},{GROUPS}")):
            samba_server.put(f"CN={name},{GROUPS}", {"objectClass": "group", "sAMAccountName": name, "member": member})
        wanted = {f"cn={name}-{login},{GROUPS.lower()}" for name in ("in", "out")}
        assert wanted <= directory.find(login).groups

    def test_a_group_for_mail_counts_as_well(self, directory: LdapDirectory, samba_server: Samba) -> None:
        login = samba_server.person()
        group = {"objectClass": "group", "sAMAccountName": f"mail-{login}", "groupType": "2", "member": dn_of(login)}
        samba_server.put(f"CN=mail-{login},{GROUPS}", group)
        assert f"cn=mail-{login},{GROUPS.lower()}" in directory.find(login).groups

    @pytest.mark.parametrize("way", ["the settings' group", "nested in Domain Admins", "primary group", "marked"])
    def test_whoever_is_privileged_is_not_changed(
        self, directory: LdapDirectory, samba_server: Samba, way: str
    ) -> None:
        login = samba_server.person()
        admins = f"CN=Domain Admins,CN=Users,{samba_server.base}"
        match way:
            case "the settings' group":
                samba_server.join(f"CN=admins,{GROUPS}", dn_of(login))
            case "nested in Domain Admins":
                between = f"CN=between-{login},{GROUPS}"
                samba_server.put(
                    between, {"objectClass": "group", "sAMAccountName": f"between-{login}", "member": dn_of(login)}
                )
                samba_server.join(admins, between)
            case "primary group":
                samba_server.join(admins, dn_of(login))
                samba_server.replace(dn_of(login), {"primaryGroupID": "512"})
            case "marked":
                samba_server.replace(dn_of(login), {"adminCount": "1"})
        account = directory.find(login)
        assert account.protected
        changes: list[Callable[[], None]] = [
            lambda: directory.set_password(account, NEW),
            lambda: directory.change_password(account, samba_server.password, NEW),
            lambda: directory.unlock_account(account),
            lambda: directory.disable_account(account),
            lambda: directory.require_password_change(account),
            lambda: directory.set_end_date(account, None),
        ]
        for attempt in changes:
            with pytest.raises(Forbidden) as caught:
                attempt()
            assert caught.value.obstacle is Obstacle.PROTECTED

    def test_the_manual_gives_no_right_outside_the_people(self, samba_server: Samba) -> None:
        everywhere = replace(ad_settings(samba_server), people_bases=(samba_server.base,))
        directory = LdapDirectory(everywhere, lambda: datetime.now(UTC))
        administrator = directory.find("Administrator")
        assert administrator.protected
        unaware = replace(administrator, protected=False)
        for attempt in (
            lambda: directory.set_password(unaware, NEW),
            lambda: directory.disable_account(unaware),
            lambda: directory.require_password_change(unaware),
            lambda: directory.set_end_date(unaware, None),
        ):
            with pytest.raises(Forbidden) as caught:
                attempt()
            assert caught.value.obstacle is Obstacle.NO_RIGHT

    def test_a_change_that_nobody_would_be_asked_for_is_not_pretended(
        self, directory: LdapDirectory, samba_server: Samba
    ) -> None:
        account = directory.find(samba_server.person(userAccountControl=str(0x200 | 0x10000)))
        with pytest.raises(Forbidden, match="never expires"):
            directory.require_password_change(account)
        assert not directory.read(account.id).state.must_change

    def test_disabling_keeps_every_other_bit(self, directory: LdapDirectory, samba_server: Samba) -> None:
        account = directory.find(samba_server.person(userAccountControl=str(0x200 | 0x10000 | 0x100000)))
        directory.disable_account(account)
        stored = int(samba_server.entry(account.dn)["userAccountControl"][0])
        assert stored == 0x200 | 0x10000 | 0x100000 | 0x2
        directory.disable_account(directory.read(account.id))


class TestOwnBind:
    """Without a service account people sign in by their name with the domain."""

    @pytest.fixture
    def directory(self, samba_server: Samba) -> LdapDirectory:
        own = replace(ad_settings(samba_server), bind_dn="", bind_password="", person_dn="{login}@ad.example.org")
        return LdapDirectory(own, lambda: datetime.now(UTC))

    def test_somebody_signs_in_and_changes_the_password(self, directory: LdapDirectory, samba_server: Samba) -> None:
        login = samba_server.person()
        check, account = directory.sign_in(login, samba_server.password)
        assert check.verdict is Verdict.RIGHT
        assert account is not None and (account.login, account.protected) == (login, False)
        assert directory.password_rules(account).classes == 3
        assert refusal_of(lambda: directory.change_password(account, samba_server.password, SMALL)) is (
            Refusal.NOT_COMPLEX
        )
        directory.change_password(account, samba_server.password, NEW)
        assert samba_server.binds(account.dn, NEW)

    @pytest.mark.parametrize("login", ["nobody-by-that-name", "alice@other.example.org", "EXAMPLE\\alice", ""])
    def test_nobody_else_signs_in(self, directory: LdapDirectory, samba_server: Samba, login: str) -> None:
        check, account = directory.sign_in(login, samba_server.password)
        assert (check.verdict, account) == (Verdict.WRONG, None)


@pytest.mark.parametrize(
    "wrong", [{"urls": ("ldapi://%2Frun%2Fldapi",)}, {"end_attribute": "shadowExpire"}], ids=["ldapi", "end"]
)
def test_what_active_directory_does_not_have_is_refused(samba_server: Samba, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=":"):
        replace(ad_settings(samba_server), **wrong)  # type: ignore[arg-type]
