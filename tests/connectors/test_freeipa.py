"""The FreeIPA connector passes the directory contract against a small FreeIPA, and what only FreeIPA has."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import AccountAmbiguous, AccountNotFound, Forbidden, Refusal, Refused, Unavailable
from connectors.freeipa import FreeIpa, FreeIpaSettings
from tests.connectors.contract_base import NEW, NEWER, refusal_of
from tests.connectors.contract_ends import EndContract
from tests.connectors.contract_finding import FindingContract
from tests.connectors.contract_passwords import PasswordContract
from tests.connectors.contract_states import StateContract
from tests.connectors.freeipa_settings import freeipa_settings
from tests.servers.freeipa import FreeIpaServer
from tests.servers.freeipa_realm import GROUPS, POLICY, SERVERS, Failed, stamp
from tests.servers.people import State


class TestFreeIpa(FindingContract, PasswordContract, StateContract, EndContract):
    @pytest.fixture
    def settings(self, freeipa_server: FreeIpaServer) -> FreeIpaSettings:
        return freeipa_settings(freeipa_server)

    @pytest.fixture
    def directory(self, settings: FreeIpaSettings, clock: Callable[[], datetime]) -> Iterator[FreeIpa]:
        directory = FreeIpa(settings, clock)
        yield directory
        directory.close()

    @pytest.fixture
    def people(self, freeipa_server: FreeIpaServer) -> FreeIpaServer:
        return freeipa_server


@pytest.fixture
def server(freeipa_server: FreeIpaServer) -> Iterator[FreeIpaServer]:
    """The small FreeIPA, whose rights and policies a test may change: they are put back."""
    kept = dict(freeipa_server.rights), {name: dict(policy) for name, policy in freeipa_server.policies.items()}
    yield freeipa_server
    freeipa_server.rights, freeipa_server.policies = kept
    freeipa_server.rejects_vaguely, freeipa_server.list_limit = False, None
    freeipa_server.down.clear()


@pytest.fixture
def directory(server: FreeIpaServer) -> Iterator[FreeIpa]:
    directory = FreeIpa(freeipa_settings(server), lambda: datetime.now(UTC))
    yield directory
    directory.close()


def test_somebody_renamed_is_read_by_the_same_id(directory: FreeIpa, server: FreeIpaServer) -> None:
    login = server.person()
    account = directory.find(login)
    entry = server.people.pop(login)
    renamed = f"{login}-married"
    server.people[renamed] = entry | {"uid": renamed, "dn": entry["dn"].replace(login, renamed)}
    assert directory.read(account.id).login == renamed


def test_somebody_with_the_number_of_a_deleted_person_is_not_taken_for_them(
    directory: FreeIpa, server: FreeIpaServer
) -> None:
    gone = server.person()
    account = directory.find(gone)
    server.person(uidnumber=server.people.pop(gone)["uidnumber"])
    with pytest.raises(AccountNotFound):
        directory.read(account.id)


def test_somebody_deleted_and_preserved_is_not_there(directory: FreeIpa, server: FreeIpaServer) -> None:
    login = server.person(preserved=True)
    with pytest.raises(AccountNotFound):
        directory.find(login)
    with pytest.raises(AccountNotFound):
        directory.find(f"{login}@example.org")


def test_two_people_with_one_second_address_are_not_guessed_between(directory: FreeIpa, server: FreeIpaServer) -> None:
    first = server.person()
    server.person(mail=f"{first}@example.org")
    with pytest.raises(AccountAmbiguous):
        directory.find(f"{first}@example.org")


def test_groups_are_dns_in_lower_case_nested_ones_too(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person(groups=["ipausers", "HelpDesk"], indirect=["staff"]))
    assert account.groups == {f"cn={name},{GROUPS}" for name in ("ipausers", "helpdesk", "staff")}


def test_the_manager_is_told_by_dn(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person(manager="alice"))
    assert account.sponsor == "uid=alice,cn=users,cn=accounts,dc=example,dc=org"


@pytest.mark.parametrize("groups", [{"groups": ["admins"]}, {"indirect": ["Trust Admins"]}])
def test_administrators_and_the_service_account_are_never_changed(
    directory: FreeIpa, server: FreeIpaServer, groups: dict[str, list[str]]
) -> None:
    for login in (server.person(**groups), directory.settings.user):
        account = directory.find(login)
        assert account.protected
        for attempt in (
            lambda who=account: directory.set_password(who, NEW),
            lambda who=account: directory.change_password(who, server.password, NEW),
            lambda who=account: directory.unlock_account(who),
            lambda who=account: directory.disable_account(who),
            lambda who=account: directory.set_end_date(who, None),
            lambda who=account: directory.require_password_change(who),
        ):
            with pytest.raises(Forbidden, match="protected"):
                attempt()


def test_the_server_itself_shields_administrators(server: FreeIpaServer) -> None:
    unaware = FreeIpa(replace(freeipa_settings(server), protected_groups=()), lambda: datetime.now(UTC))
    with pytest.raises(Forbidden, match="2100 ACIError"):
        unaware.set_password(unaware.find("admin"), NEW)


def test_a_reset_password_is_good_for_as_long_as_the_policy_has_it(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person())
    directory.set_password(account, NEW)
    state = directory.read(account.id).state
    assert state.password_expires_at is not None and not state.must_change
    assert timedelta(days=89) < state.password_expires_at - datetime.now(UTC) <= timedelta(days=90)


def test_a_policy_without_an_end_leaves_the_reset_password_without_one(
    directory: FreeIpa, server: FreeIpaServer
) -> None:
    server.policies["endless"] = {**POLICY, "krbmaxpwdlife": "0"}
    account = directory.find(server.person(policy="endless"))
    directory.set_password(account, NEW)
    state = directory.read(account.id).state
    assert (state.password_expires_at, state.must_change) == (None, False)
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT


def test_without_the_right_to_move_its_end_a_reset_password_must_be_changed_and_the_account_says_so(
    directory: FreeIpa, server: FreeIpaServer
) -> None:
    del server.rights["krbpasswordexpiration"]
    account = directory.find(server.person())
    directory.set_password(account, NEW)
    assert directory.read(account.id).state.must_change
    assert directory.check_password(account, NEW).verdict is Verdict.MUST_CHANGE
    directory.change_password(account, NEW, NEWER)
    assert directory.check_password(account, NEWER).verdict is Verdict.RIGHT


def test_without_the_right_to_set_passwords_nothing_is_changed(directory: FreeIpa, server: FreeIpaServer) -> None:
    del server.rights["userpassword"]
    account = directory.find(server.person())
    with pytest.raises(Forbidden, match="userpassword"):
        directory.set_password(account, NEW)
    assert directory.check_password(account, server.password).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("rules", "password", "refusal"),
    [
        ({"krbpwdminlength": "17"}, "sixteen-letters!", Refusal.TOO_SHORT),
        ({"krbpwdmindiffchars": "3"}, "two-kinds-of-them", Refusal.NOT_COMPLEX),
        ({"krbpwdmindiffchars": "3"}, "Three-kiiinds-less-one", Refusal.NOT_COMPLEX),
        ({"ipapwdmaxrepeat": "2"}, "none-thrice-but-sss", Refusal.REPEATS),
        ({"ipapwdusercheck": "TRUE"}, "I-am-ALICE-indeed", Refusal.CONTAINS_NAME),
    ],
)
def test_a_reset_keeps_the_rules_that_freeipa_holds_only_own_changes_to(
    directory: FreeIpa, server: FreeIpaServer, rules: dict[str, str], password: str, refusal: Refusal
) -> None:
    server.policies["strict"] = {**POLICY, **rules}
    account = directory.find(server.person("alice", policy="strict"))
    assert refusal_of(lambda: directory.set_password(account, password)) is refusal
    assert directory.check_password(account, server.password).verdict is Verdict.RIGHT


def test_letters_beyond_ascii_are_a_kind_of_their_own(directory: FreeIpa, server: FreeIpaServer) -> None:
    server.policies["kinds"] = {**POLICY, "krbpwdmindiffchars": "3"}
    account = directory.find(server.person(policy="kinds"))
    directory.set_password(account, "sju søte sommerdager")
    assert directory.password_rules(account).quality_checked


def test_too_soon_a_change_says_from_when_on_it_is_possible(directory: FreeIpa, server: FreeIpaServer) -> None:
    server.policies["young"] = {**POLICY, "krbminpwdlife": "1"}
    account = directory.find(server.person(state=State.YOUNG))
    with pytest.raises(Refused) as caught:
        directory.change_password(account, server.password, NEW)
    assert caught.value.refusal is Refusal.TOO_YOUNG
    assert caught.value.possible_at is not None
    assert timedelta(minutes=58) < caught.value.possible_at - datetime.now(UTC) <= timedelta(hours=1)
    directory.set_password(account, NEW)  # who has forgotten a new password is let in again


def test_a_lock_on_another_server_is_seen_and_taken_away(directory: FreeIpa, server: FreeIpaServer) -> None:
    at = stamp(datetime.now(UTC) - timedelta(minutes=1))
    account = directory.find(server.person(failures={SERVERS[1]: (5, at)}))
    assert account.state.locked_at is not None and account.state.failed_sign_ins == 5
    assert account.state.unlocks_at == account.state.locked_at + timedelta(days=1)
    directory.unlock_account(account)
    assert directory.read(account.id).state.locked_at is None


def test_a_lock_that_has_lapsed_is_none(directory: FreeIpa, server: FreeIpaServer) -> None:
    at = stamp(datetime.now(UTC) - timedelta(days=2))
    account = directory.find(server.person(failures={SERVERS[0]: (5, at)}))
    assert account.state.locked_at is None
    assert directory.check_password(account, server.password).verdict is Verdict.RIGHT


def test_a_server_that_is_down_hides_only_its_own_locks(directory: FreeIpa, server: FreeIpaServer) -> None:
    server.down.add(SERVERS[1])
    account = directory.find(server.person(state=State.LOCKED))
    assert account.state.locked_at is not None


def test_one_server_alone_can_be_asked(server: FreeIpaServer) -> None:
    alone = FreeIpa(replace(freeipa_settings(server), ask_every_server=False), lambda: datetime.now(UTC))
    server.commands.clear()
    assert alone.find(server.person(state=State.LOCKED)).state.locked_at is not None
    assert "user_status" not in server.commands


@pytest.mark.parametrize(
    ("state", "verdict"),
    [(State.LOCKED, Verdict.LOCKED), (State.DISABLED, Verdict.DISABLED), (State.ENDED, Verdict.ENDED)],
)
def test_a_server_that_tells_no_reason_does_not_hide_it(
    directory: FreeIpa, server: FreeIpaServer, state: State, verdict: Verdict
) -> None:
    server.rejects_vaguely = True
    account = directory.find(server.person(state=state))
    assert directory.check_password(account, server.password).verdict is verdict


def test_trying_a_password_leaves_no_session_behind(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person())
    directory.check_password(account, server.password)
    assert account.login not in server.sessions.values()


def test_disabling_twice_is_no_mistake(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person())
    for _ in range(2):
        directory.disable_account(account)
    assert directory.read(account.id).state.disabled


def test_an_account_is_switched_on_again_and_twice_is_no_mistake(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person())
    directory.disable_account(account)
    for _ in range(2):
        directory.enable_account(account)
    assert not directory.read(account.id).state.disabled


def test_an_end_that_is_so_already_is_no_mistake(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = directory.find(server.person())
    for last_day in (date(2031, 5, 4), date(2031, 5, 4), None, None):
        directory.set_end_date(account, last_day)
    assert directory.read(account.id).state.ends_on is None


def test_the_last_day_ends_at_midnight_where_the_people_are(server: FreeIpaServer) -> None:
    oslo = FreeIpa(replace(freeipa_settings(server), time_zone="Europe/Oslo"), lambda: datetime.now(UTC))
    account = oslo.find(server.person())
    oslo.set_end_date(account, date(2031, 7, 1))
    assert server.people[account.login]["krbprincipalexpiration"] == "20310701215959Z"
    assert oslo.read(account.id).state.ends_on == date(2031, 7, 1)


def test_a_list_that_is_cut_short_is_none(directory: FreeIpa, server: FreeIpaServer) -> None:
    server.list_limit = 2
    with pytest.raises(Unavailable, match="limit"):
        list(directory.ending(date(2031, 1, 1), date(2031, 1, 2)))


def test_a_policy_that_may_not_be_read_has_no_rules(directory: FreeIpa, server: FreeIpaServer) -> None:
    server.policies["hidden"] = dict(POLICY)
    login = server.person(policy="hidden")
    server.fail_next["pwpolicy_show"] = Failed(4001, "NotFound", "password policy not found")
    account = directory.find(login)
    rules = directory.password_rules(account)
    assert (rules.min_length, rules.history, rules.own_change_allowed) == (0, 0, True)


def test_somebody_else_s_account_is_not_ours(directory: FreeIpa, server: FreeIpaServer) -> None:
    account = replace(directory.find(server.person()), directory="elsewhere")
    with pytest.raises(Forbidden, match="no account of main"):
        directory.set_password(account, NEW)


def test_the_manager_answers_for_those_who_name_him(directory: FreeIpa, server: FreeIpaServer) -> None:
    host = directory.find(server.person())
    theirs, others = directory.find(server.person(manager=host.login)), directory.find(server.person())
    assert directory.sponsor_of(theirs) == host
    assert directory.sponsor_of(others) is None
    for sponsor in ("uid=nobody-here,cn=users,cn=accounts,dc=example,dc=org", host.dn + ",dc=elsewhere", "cn=x"):
        assert directory.sponsor_of(replace(theirs, sponsor=sponsor)) is None
    assert [one.id for one in directory.sponsored_by(host)] == [theirs.id]
    assert list(directory.sponsored_by(replace(host, directory="elsewhere"))) == []
