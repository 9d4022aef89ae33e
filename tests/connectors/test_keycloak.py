"""People of a realm of Keycloak: found, given a password, unlocked, disabled, signed out, and what Keycloak refuses."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, json_params_matcher

from connectors.access import EnablesAccount, SignsOutEverywhere
from connectors.account import Account
from connectors.capabilities import (
    ChangesPassword,
    ChecksPassword,
    DisablesAccount,
    RequiresPasswordChange,
    SetsEndDate,
    SetsPassword,
    Severity,
    UnlocksAccount,
)
from connectors.characters import CharacterClass
from connectors.errors import (
    AccountAmbiguous,
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Outage,
    Refusal,
    Refused,
    Unavailable,
    Unconfirmed,
)
from connectors.keycloak import KeycloakDirectory, KeycloakSettings
from connectors.keycloak.policy import rules_of
from tests.connectors.contract_base import NEW, refusal_of
from tests.connectors.token_lab import builder, now, tokens
from tests.standins.http import BUSY, DENIED, DROPPED, SERVER_ERROR, SLOW
from tests.standins.keycloak import CLIENT, SECRET, KeycloakStandin

Build = Callable[..., KeycloakDirectory]


@pytest.fixture
def realm() -> Iterator[KeycloakStandin]:
    with KeycloakStandin() as standin:
        yield standin


@pytest.fixture
def build(realm: KeycloakStandin, tmp_path: Path) -> Iterator[Build]:
    def make(**settings: Any) -> KeycloakDirectory:
        given = realm.settings() | {"timeout": 1.0} | settings
        return KeycloakDirectory(KeycloakSettings(name="realm", **given), now, tokens(tmp_path))

    with builder(make) as build:
        yield build


@pytest.fixture
def directory(build: Build) -> KeycloakDirectory:
    return build()


def writes(realm: KeycloakStandin) -> list[tuple[str, str, Any]]:
    """What was asked to be changed, in order, without where the users are."""
    return [
        (method, path.rpartition("/")[2] if "/users/" in path else path, json.loads(raw or b"null"))
        for method, path, _, raw in realm.requests
        if method != "GET" and not path.endswith("/token")
    ]


def test_somebody_is_found_by_login_and_address_in_any_case(build: Build, realm: KeycloakStandin) -> None:
    attributes = {"locale": ["nb"], "department": ["Physics"], "employeeType": ["contractor"], "other": ["a@home.test"]}
    realm.person("alice", groups=("/Staff", "/Helpdesk/First"), attributes=attributes)
    directory = build(recovery_mail_attributes=("other",))
    found = directory.find("alice")
    assert (found.login, found.mail, found.name, found.given_name) == (
        "alice",
        "alice@example.org",
        "Alice Berg",
        "Alice",
    )
    assert (found.language, found.unit, found.kind, found.recovery_mail) == (
        "nb",
        "Physics",
        "contractor",
        ("a@home.test",),
    )
    assert found.groups == {"/staff", "/helpdesk/first"}
    assert found.state.password_changed_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    for claim in ("ALICE", "Alice@Example.org"):
        assert directory.find(claim).id == found.id, claim
    assert directory.read(found.id) == found


@pytest.mark.parametrize(
    "claim", ["", "nobody", "ali", "*", "../users", "a/b", "a\n", "@", "x" * 400, "alice@elsewhere"]
)
def test_what_is_no_name_of_anybody_is_nobody(directory: KeycloakDirectory, realm: KeycloakStandin, claim: str) -> None:
    realm.person("alice")
    with pytest.raises(AccountNotFound):
        directory.find(claim)


@pytest.mark.parametrize(
    "identity",
    ["", "other:1", "realm:", "realm:../../x", "realm:00000000-0000-0000-0000-00000000000g", "realm:f:x:alice"],
)
def test_what_is_no_id_of_ours_is_never_asked_for(
    directory: KeycloakDirectory, realm: KeycloakStandin, identity: str
) -> None:
    with pytest.raises(AccountNotFound):
        directory.read(identity)
    assert realm.requests == []


def test_two_with_one_address_are_never_told_apart(directory: KeycloakDirectory, realm: KeycloakStandin) -> None:
    for login in ("alice", "bob"):
        realm.person(login, email="both@example.org")
    with pytest.raises(AccountAmbiguous):
        directory.find("both@example.org")
    realm.person("both@example.org")  # a user name that is somebody else's address
    with pytest.raises(AccountAmbiguous):
        directory.find("both@example.org")


def test_a_new_password_counts_is_not_temporary_and_ends_the_sessions(
    directory: KeycloakDirectory, realm: KeycloakStandin
) -> None:
    realm.person("alice", requiredActions=["UPDATE_PASSWORD"])
    before = directory.find("alice")
    directory.set_password(before, NEW)
    assert realm.takes("alice", NEW)
    assert writes(realm) == [
        ("PUT", "reset-password", {"type": "password", "value": NEW, "temporary": False}),
        ("POST", "logout", None),
    ]
    after = directory.read(before.id)
    assert after.state.password_outcome(before.state.facts()) == "success"
    assert not after.state.must_change
    assert realm.sessions[realm.id_of("alice")] == 0


def test_sessions_stay_where_the_settings_say_so(build: Build, realm: KeycloakStandin) -> None:
    realm.person("alice")
    directory = build(sign_out=False)
    directory.set_password(directory.find("alice"), NEW)
    assert realm.sessions[realm.id_of("alice")] == 2


def test_somebody_locked_out_is_unlocked_by_a_new_password_or_alone(
    directory: KeycloakDirectory, realm: KeycloakStandin
) -> None:
    for login in ("alice", "bob"):
        realm.person(login)
        realm.lock_out(login)
    alice, bob = directory.find("alice"), directory.find("bob")
    assert alice.state.locked_at and alice.state.unlocks_at and alice.state.failed_sign_ins == 30
    directory.set_password(alice, NEW)
    directory.unlock_account(bob)
    assert realm.takes("alice", NEW) and directory.read(bob.id).state.locked_at is None
    directory.unlock_account(bob)  # no effect on who is not locked


def test_a_new_password_can_be_asked_for_and_nothing_else_is_forgotten(
    directory: KeycloakDirectory, realm: KeycloakStandin
) -> None:
    realm.person("alice", requiredActions=["CONFIGURE_TOTP"], attributes={"phone": ["1"]})
    account = directory.find("alice")
    directory.require_password_change(account)
    directory.require_password_change(account)
    assert realm.user("alice")["requiredActions"] == ["CONFIGURE_TOTP", "UPDATE_PASSWORD"]
    assert realm.user("alice")["attributes"] == {"phone": ["1"]}
    assert directory.read(account.id).state.must_change


def test_somebody_is_disabled_signed_out_and_let_in_again(directory: KeycloakDirectory, realm: KeycloakStandin) -> None:
    realm.person("alice")
    account = directory.find("alice")
    directory.disable_account(account)
    assert directory.read(account.id).state.disabled and realm.sessions[realm.id_of("alice")] == 0
    with pytest.raises(Refused):
        directory.set_password(directory.read(account.id), NEW)
    directory.enable_account(account)
    directory.sign_out_everywhere(account)
    assert not directory.read(account.id).state.disabled


@pytest.mark.parametrize(
    ("password", "refusal"),
    [("short1", Refusal.TOO_SHORT), ("no-digit-at-all", Refusal.NOT_COMPLEX), ("user-name-77", Refusal.CONTAINS_NAME),
     ("", Refusal.TOO_SHORT), ("half\udcffpair", Refusal.UNUSABLE_CHARACTERS)],
)  # fmt: skip
def test_what_the_policy_refuses_is_said_in_our_words(
    directory: KeycloakDirectory, realm: KeycloakStandin, password: str, refusal: Refusal
) -> None:
    account = directory.find(realm.person("user-name-77"))
    assert refusal_of(lambda: directory.set_password(account, password)) is refusal


def test_an_old_password_is_refused_in_either_of_keycloaks_ways(
    directory: KeycloakDirectory, realm: KeycloakStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = directory.find(realm.person())
    directory.set_password(account, NEW)
    with pytest.raises(Refused) as caught:
        directory.set_password(account, NEW)
    assert caught.value.refusal is Refusal.IN_HISTORY
    assert NEW not in caught.value.detail


def test_the_rules_are_told_before_anybody_types(directory: KeycloakDirectory, realm: KeycloakStandin) -> None:
    account = directory.find(realm.person())
    rules = directory.password_rules(account)
    assert (rules.min_length, rules.history, rules.at_least) == (10, 3, {CharacterClass.DIGIT: 1})
    assert rules.quality_checked, "that the name is not allowed is the server's own check"


def test_a_policy_is_read_as_keycloak_writes_it() -> None:
    rules = rules_of("upperCase(2) and maxLength(64) and forceExpiredPasswordChange(365) and length(12)")
    assert (rules.min_length, rules.max_length, rules.max_age) == (12, 64, timedelta(days=365))
    assert rules.at_least == {CharacterClass.UPPER: 2} and not rules.quality_checked
    assert rules_of("regexPattern(^.{8}$) and length(8)").quality_checked
    assert rules_of("") == rules_of("nonsense(((").__class__(quality_checked=False)


def test_without_a_look_at_the_realm_no_rule_is_told_and_everything_works(
    directory: KeycloakDirectory, realm: KeycloakStandin
) -> None:
    realm.roles.discard("view-realm")
    account = directory.find(realm.person("alice"))
    assert directory.password_rules(account).min_length == 0
    directory.set_password(account, NEW)
    assert realm.takes("alice", NEW)


@pytest.mark.parametrize("settings", [{"protected_users": ("Alice",)}, {"protected_groups": ("/Admins/",)}, {}])
def test_whoever_is_protected_is_never_changed(build: Build, realm: KeycloakStandin, settings: dict[str, Any]) -> None:
    realm.person("alice", groups=("/admins/night",))
    if not settings:
        realm.mappings[realm.id_of("alice")] = {"clientMappings": {"realm-management": {"mappings": []}}}
    directory = build(**settings)
    account = directory.find("alice")
    assert account.protected
    for change in changes(directory, account):
        with pytest.raises(Forbidden) as caught:
            change()
        assert caught.value.obstacle is Obstacle.PROTECTED
    assert writes(realm) == []


def changes(directory: KeycloakDirectory, account: Account) -> list[Callable[[], None]]:
    return [
        lambda: directory.set_password(account, NEW),
        lambda: directory.require_password_change(account),
        lambda: directory.unlock_account(account),
        lambda: directory.disable_account(account),
        lambda: directory.enable_account(account),
        lambda: directory.sign_out_everywhere(account),
    ]


def test_whose_password_lies_in_ldap_is_left_to_ldap(build: Build, realm: KeycloakStandin) -> None:
    realm.person("alice", federationLink="ldap-1")
    realm.person("bob", federationLink="read-only")
    directory = build()
    for change in changes(directory, directory.find("alice")):
        with pytest.raises(Forbidden) as caught:
            change()
        assert caught.value.obstacle is Obstacle.OTHER_DIRECTORY
    assert writes(realm) == []
    through = build(federated=True)
    through.set_password(through.find("alice"), NEW)
    assert realm.takes("alice", NEW)
    with pytest.raises(Forbidden) as caught:
        through.set_password(through.find("bob"), NEW)
    assert caught.value.obstacle is Obstacle.OTHER_DIRECTORY


def test_an_account_of_another_directory_is_refused(directory: KeycloakDirectory, realm: KeycloakStandin) -> None:
    stranger = Account(id="ldap:1", directory="ldap", dn="", login="alice", name="Alice")
    with pytest.raises(Forbidden):
        directory.set_password(stranger, NEW)
    assert realm.requests == []


@pytest.mark.parametrize("fault", [DROPPED, SERVER_ERROR, SLOW])
def test_a_lost_answer_is_unconfirmed_and_reading_tells(
    directory: KeycloakDirectory, realm: KeycloakStandin, fault: str
) -> None:
    account = directory.find(realm.person("alice"))
    realm.faults.append(fault)
    with pytest.raises(Unconfirmed):
        directory.set_password(account, NEW)
    assert directory.read(account.id).state.password_outcome(account.state.facts()) == "success"


def test_sessions_that_could_not_be_ended_do_not_hide_that_the_password_is_set(
    directory: KeycloakDirectory, realm: KeycloakStandin
) -> None:
    account = directory.find(realm.person("alice"))
    realm.faults.extend(["", DENIED])
    with pytest.raises(Unconfirmed, match="the password is set"):
        directory.set_password(account, NEW)
    assert realm.takes("alice", NEW)


@pytest.mark.parametrize(("fault", "kind"), [(BUSY, Unavailable), (DENIED, Forbidden)])
def test_what_was_certainly_not_done_is_said_so(
    directory: KeycloakDirectory, realm: KeycloakStandin, fault: str, kind: type[ConnectorError]
) -> None:
    account = directory.find(realm.person("alice"))
    realm.faults.append(fault)
    with pytest.raises(kind):
        directory.set_password(account, NEW)
    assert not realm.takes("alice", NEW)


def test_a_busy_server_is_waited_for_within_the_limit(directory: KeycloakDirectory, realm: KeycloakStandin) -> None:
    realm.person("alice")
    realm.throttled = 2
    assert directory.find("alice").login == "alice"


def test_one_token_serves_many_requests_and_a_revoked_one_is_replaced(
    directory: KeycloakDirectory, realm: KeycloakStandin
) -> None:
    realm.person("alice")
    directory.find("alice")
    directory.find("alice")
    assert realm.tokens_given == 1, "a minute is enough for more than one request"
    realm.tokens.clear()
    directory.find("alice")
    assert realm.tokens_given == 2


def test_a_server_that_is_not_there_is_unavailable(build: Build) -> None:
    with pytest.raises(Unavailable) as caught:
        build(url="http://127.0.0.1:9").find("alice")
    assert caught.value.outage is Outage.DOWN


def test_a_wrong_secret_is_the_portals_own_matter_and_never_shown(build: Build) -> None:
    with pytest.raises(Unavailable) as caught:
        build(client_secret="wrong-secret-1").find("alice")
    assert caught.value.outage is Outage.PORTAL_REFUSED
    assert "wrong-secret-1" not in repr(caught.value) + repr(build().settings)


def test_what_it_cannot_do_or_is_not_to_do_is_not_offered(build: Build) -> None:
    every = (SetsPassword, RequiresPasswordChange, UnlocksAccount, DisablesAccount, EnablesAccount, SignsOutEverywhere)
    directory = build()
    assert all(directory.offers(kind) for kind in every)
    assert not any(directory.offers(kind) for kind in (ChecksPassword, ChangesPassword, SetsEndDate))
    assert not any(build(without=("password", "unlock", "disable", "sign_out")).offers(kind) for kind in every)


@pytest.mark.parametrize(
    ("roles", "faults"),
    [
        (set(), {"people"}),
        ({"query-users", "view-users"}, {"right to set passwords", "right to unlock", "right to disable"}),
        ({"query-users", "view-users", "manage-users", "view-realm"}, set()),
    ],
)
def test_the_doctor_names_what_is_missing_and_the_line_that_grants_it(
    build: Build, realm: KeycloakStandin, roles: set[str], faults: set[str]
) -> None:
    realm.person()
    realm.roles = roles
    found = list(build().examine())
    bad = [finding for finding in found if finding.severity is Severity.FAULT]
    assert {finding.subject for finding in bad} == faults
    assert all(finding.remedy.startswith("kcadm.sh add-roles -r nordvik") and finding.stops for finding in bad)
    assert writes(realm) == []


def test_the_doctor_warns_of_too_much_and_of_what_it_could_do_without(build: Build, realm: KeycloakStandin) -> None:
    realm.person(federationLink="ldap-1")
    realm.roles, realm.brute_force = {*realm.roles, "realm-admin"}, False
    warned = {f.subject: f for f in build().examine() if f.severity is Severity.WARNING}
    assert warned.keys() == {"roles", "people", "locks"}
    assert "remove-roles" in warned["roles"].remedy
    realm.roles = {"query-users", "view-users", "manage-users"}
    assert "realm" in {f.subject for f in build().examine() if f.severity is Severity.WARNING}


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"client_secret": "wrong"}, "Credentials"), ({"realm": "nowhere"}, "nowhere"),
     ({"url": "http://127.0.0.1:9"}, "url")],
)  # fmt: skip
def test_the_doctor_says_why_nobody_is_let_in(build: Build, settings: dict[str, str], words: str) -> None:
    [finding] = build(**settings).examine()
    assert finding.severity is Severity.FAULT
    assert words in finding.remedy


def test_exactly_these_requests_are_sent(tmp_path: Path) -> None:
    """By the documentation's words, without our own stand-in."""
    base, id_ = "https://id.example.org", "6d4d2ff1-0000-4000-8000-000000000001"
    user = f"{base}/admin/realms/nordvik/users/{id_}"
    directory = KeycloakDirectory(
        KeycloakSettings(name="realm", url=base, realm="nordvik", client_id=CLIENT, client_secret=SECRET),
        lambda: datetime.now(UTC),
        tokens(tmp_path),
    )
    account = Account(id=f"realm:{id_}", directory="realm", dn="alice", login="alice", name="Alice")
    bearer = header_matcher({"Authorization": "Bearer t1"})
    with responses.RequestsMock() as sent:
        token = {"access_token": "t1", "expires_in": 60}
        asked = sent.post(f"{base}/realms/nordvik/protocol/openid-connect/token", json=token)
        sent.get(user, json={"id": id_, "username": "alice", "enabled": True}, match=[bearer])
        password = {"type": "password", "value": NEW, "temporary": False}
        sent.put(f"{user}/reset-password", status=204, match=[bearer, json_params_matcher(password)])
        sent.post(f"{user}/logout", status=204, match=[bearer])
        directory.set_password(account, NEW)
        form = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={SECRET}"
        assert asked.calls[0].request.body == form.encode()


@pytest.mark.parametrize(
    "wrong",
    [{"url": "http://id.example.org"}, {"realm": "../x"}, {"client_secret": ""}, {"without": ("everything",)},
     {"protected_groups": ("admins",)}, {"name": "a:b"}, {"timeout": 0.0}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(realm: KeycloakStandin, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        KeycloakSettings(**({"name": "realm"} | realm.settings() | wrong))
