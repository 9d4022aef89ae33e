"""People of a Google Workspace: found, given a password, suspended, signed out, and what Google refuses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.access import SignsOutEverywhere
from connectors.account import Account
from connectors.capabilities import ChecksPassword, FindsAccounts, SetsEndDate, SetsPassword, Severity, UnlocksAccount
from connectors.errors import (
    AccountAmbiguous,
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Outage,
    Refusal,
    Unavailable,
    Unconfirmed,
)
from connectors.google import GoogleDirectory
from connectors.google.scopes import Scope
from tests.connectors import google_lab
from tests.connectors.contract_base import NEW, refusal_of
from tests.connectors.token_lab import builder
from tests.standins.google import CLIENT_ID, DOMAIN, GoogleStandin
from tests.standins.http import BUSY, DROPPED, GARBAGE, SERVER_ERROR

Build = Callable[..., GoogleDirectory]


@pytest.fixture
def google() -> Iterator[GoogleStandin]:
    with GoogleStandin() as standin:
        yield standin


@pytest.fixture
def build(google: GoogleStandin, tmp_path: Path) -> Iterator[Build]:
    with builder(partial(google_lab.google_directory, google, tmp_path)) as build:
        yield build


@pytest.fixture
def directory(build: Build) -> GoogleDirectory:
    return build()


def test_somebody_is_found_by_address_login_and_alias_in_any_case(
    directory: GoogleDirectory, google: GoogleStandin
) -> None:
    address = google.person("alice", aliases=[f"a.berg@{DOMAIN}"])
    found = directory.find(address)
    assert (found.login, found.mail, found.name, found.unit) == (address, address, "Alice Berg", "/Staff")
    for claim in ("alice", "ALICE", address.upper(), f"a.berg@{DOMAIN}", "a.berg"):
        assert directory.find(claim).id == found.id, claim
    assert directory.read(found.id) == found


@pytest.mark.parametrize("claim", ["", "nobody", "a b", "../groups", "alice/signOut", "a?b=c", "@", "x" * 400, "a%2f"])
def test_what_is_no_name_of_anybody_is_nobody(directory: GoogleDirectory, google: GoogleStandin, claim: str) -> None:
    google.person("alice")
    with pytest.raises(AccountNotFound):
        directory.find(claim)
    assert not any("signOut" in path or "groups" in path for _, path, _, _ in google.requests)


def test_an_address_of_another_domain_is_nobody_although_google_says_forbidden(directory: GoogleDirectory) -> None:
    with pytest.raises(AccountNotFound):
        directory.find("alice@elsewhere.test")


def test_the_same_login_in_two_domains_is_never_guessed(build: Build, google: GoogleStandin) -> None:
    directory = build(mail_domains=(DOMAIN, "second.test"))
    google.person("alice")
    twin = google.directory.add("alice@second.test")
    google.directory.domains = {DOMAIN, "second.test"}
    with pytest.raises(AccountAmbiguous):
        directory.find("alice")
    assert directory.find(twin).login == twin


def test_people_outside_our_units_are_not_found(build: Build, google: GoogleStandin) -> None:
    directory = build(units=("/Staff",))
    google.person("pupil", orgUnitPath="/Students")
    google.person("deep", orgUnitPath="/Staff/IT")
    google.person("other", orgUnitPath="/Staffing")
    assert directory.find("deep").unit == "/Staff/IT"
    for login in ("pupil", "other"):
        with pytest.raises(AccountNotFound):
            directory.find(login)


def test_the_state_says_what_is_the_matter(directory: GoogleDirectory, google: GoogleStandin) -> None:
    states = [
        directory.find(google.person(**fields)).state
        for fields in ({}, {"suspended": True}, {"archived": True}, {"changePasswordAtNextLogin": True})
    ]
    assert [state.disabled for state in states] == [False, True, True, False]
    assert [state.must_change for state in states] == [False, False, False, True]


def test_a_reset_sets_the_password_asks_for_no_other_and_shows_the_account_at_once(
    directory: GoogleDirectory, google: GoogleStandin
) -> None:
    google.directory.lags = True  # what is written cannot be read yet
    account = directory.find(google.person(changePasswordAtNextLogin=True))
    after = directory.set_password(account, NEW)
    assert google.directory.passwords[account.id.partition(":")[2]] == NEW
    assert not after.state.must_change and after.state.revision != account.state.revision
    assert google.writes()[-1][2] == {"password": NEW, "changePasswordAtNextLogin": False}


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("short-1", Refusal.TOO_SHORT),
        ("x" * 101, Refusal.TOO_LONG),
        ("pässwörd-ø-123", Refusal.UNUSABLE_CHARACTERS),
        ("", Refusal.TOO_SHORT),
        ("password", Refusal.POLICY),  # Google's own list
    ],
)
def test_a_password_that_google_cannot_have_is_refused_and_the_old_one_stays(
    directory: GoogleDirectory, google: GoogleStandin, password: str, refusal: Refusal
) -> None:
    account = directory.find(google.person())
    assert refusal_of(lambda: _drop(directory.set_password(account, password))) is refusal
    assert google.directory.passwords[account.id.partition(":")[2]] == "Passw0rd-old-1"


def _drop(_: object) -> None: ...


def test_a_reset_does_not_undo_a_suspension(directory: GoogleDirectory, google: GoogleStandin) -> None:
    account = directory.find(google.person(suspended=True))
    assert refusal_of(lambda: _drop(directory.set_password(account, NEW))) is Refusal.DISABLED
    assert not google.writes()


def test_an_account_is_suspended_and_made_to_change_its_password(
    directory: GoogleDirectory, google: GoogleStandin
) -> None:
    account = directory.find(google.person())
    directory.require_password_change(account)
    assert directory.read(account.id).state.must_change
    directory.disable_account(account)
    assert directory.read(account.id).state.disabled
    directory.enable_account(account)
    assert not directory.read(account.id).state.disabled


def test_signing_out_ends_sessions_grants_and_app_passwords(directory: GoogleDirectory, google: GoogleStandin) -> None:
    account = directory.find(google.person())
    id_ = account.id.partition(":")[2]
    google.directory.app_grants[id_] = [{"clientId": "mail.app/1"}, {"clientId": "2.apps"}]
    google.directory.app_passwords[id_] = [{"codeId": 7, "name": "Old phone"}]
    for _ in range(2):  # a repeat does no harm
        directory.sign_out_everywhere(account)
    assert google.directory.signed_out == [account.login] * 2
    assert (google.directory.app_grants[id_], google.directory.app_passwords[id_]) == ([], [])


@pytest.mark.parametrize("rights", [{"isAdmin": True}, {"isDelegatedAdmin": True}, {"orgUnitPath": "/Board/Chair"}])
def test_administrators_and_protected_units_are_never_changed(
    build: Build, google: GoogleStandin, rights: dict[str, Any]
) -> None:
    directory = build(protected_units=("/Board",))
    _refuses_every_change(directory, google, directory.find(google.person(**rights)), "protected")


def test_members_of_a_protected_group_are_never_changed_and_groups_are_known(
    build: Build, google: GoogleStandin
) -> None:
    directory = build(read_groups=True, protected_groups=(f"Board@{DOMAIN}",))
    account = directory.find(google.person())
    google.directory.groups = {f"board@{DOMAIN}": {account.id.partition(":")[2]}, f"other@{DOMAIN}": set()}
    account = directory.read(account.id)
    assert account.groups == {f"board@{DOMAIN}"}
    _refuses_every_change(directory, google, account, "protected")


def test_somebody_elses_account_is_not_ours(directory: GoogleDirectory, google: GoogleStandin) -> None:
    account = replace(directory.find(google.person()), directory="elsewhere")
    _refuses_every_change(directory, google, account, "no account of workspace")


def _refuses_every_change(directory: GoogleDirectory, google: GoogleStandin, account: Account, why: str) -> None:
    for attempt in (
        lambda: _drop(directory.set_password(account, NEW)),
        lambda: directory.require_password_change(account),
        lambda: directory.disable_account(account),
        lambda: directory.sign_out_everywhere(account),
    ):
        with pytest.raises(Forbidden, match=why):
            attempt()
    assert not google.writes()


def test_it_claims_nothing_that_google_has_no_interface_for(build: Build) -> None:
    directory = build(without=("password", "sign_out"))
    for capability in (ChecksPassword, SetsEndDate, UnlocksAccount, SetsPassword, SignsOutEverywhere):
        assert not directory.offers(capability)
    assert directory.offers(FindsAccounts)
    assert build().offers(SetsPassword)


@pytest.mark.parametrize("status", [403, 429])
def test_too_many_requests_are_waited_for_and_a_403_of_them_is_no_missing_right(
    directory: GoogleDirectory, google: GoogleStandin, status: int
) -> None:
    account = directory.find(google.person())
    google.throttled, google.throttle_status = 1, status
    assert directory.read(account.id) == account
    google.throttled = 100
    with pytest.raises(Unavailable) as caught:
        directory.read(account.id)
    assert caught.value.outage is Outage.BUSY
    google.throttled = 0


def test_one_token_serves_many_requests_and_a_revoked_one_is_replaced(
    directory: GoogleDirectory, google: GoogleStandin
) -> None:
    account = directory.find(google.person())
    directory.read(account.id)
    assert google.tokens_given == 1
    google.revoke_tokens()
    directory.read(account.id)
    assert google.tokens_given == 2


@pytest.mark.parametrize("fault", [DROPPED, SERVER_ERROR, GARBAGE])
def test_a_change_whose_answer_is_lost_is_sent_once_more(
    directory: GoogleDirectory, google: GoogleStandin, fault: str
) -> None:
    account = directory.find(google.person())
    google.faults.append(fault)
    directory.set_password(account, NEW)
    google.faults += [fault, fault]
    with pytest.raises(Unconfirmed):
        directory.set_password(account, NEW)
    google.faults += [BUSY]
    with pytest.raises(Unavailable):
        directory.set_password(account, NEW)


@pytest.mark.parametrize(
    ("scope", "attempt"),
    [
        (Scope.WRITE_USERS, lambda d, a: d.set_password(a, NEW)),
        (Scope.SECURITY, lambda d, a: d.sign_out_everywhere(a)),
        (Scope.READ_USERS, lambda d, a: d.read(a.id)),
    ],
)
def test_a_scope_that_was_not_delegated_is_named_and_nothing_is_changed(
    build: Build, google: GoogleStandin, tmp_path: Path, scope: Scope, attempt: Callable[[Any, Account], object]
) -> None:
    directory = build()
    account = directory.find(google.person())
    google.granted.discard(scope)
    for kept in (tmp_path / "tokens").glob("*.token"):
        kept.unlink()
    with pytest.raises(Forbidden, match=scope) as caught:
        attempt(directory, account)
    assert caught.value.obstacle is Obstacle.NO_RIGHT and CLIENT_ID in caught.value.detail
    assert not google.writes()


def test_neither_key_nor_token_nor_password_shows(directory: GoogleDirectory, google: GoogleStandin) -> None:
    account = directory.find(google.person())
    google.faults += [SERVER_ERROR, SERVER_ERROR]
    with pytest.raises(ConnectorError) as caught:
        directory.set_password(account, NEW)
    shown = repr(directory.settings) + repr(directory.settings.service_key) + caught.value.detail + str(caught.value)
    assert not any(secret in shown for secret in ("PRIVATE", "ya29.", NEW))


def test_the_doctor_finds_nothing_wrong_where_all_is_well(build: Build, google: GoogleStandin) -> None:
    findings = list(build(read_groups=True).examine())
    assert [f.severity for f in findings] == [Severity.OK] * 5


@pytest.mark.parametrize(
    ("scope", "stops"),
    [(Scope.WRITE_USERS, SetsPassword), (Scope.SECURITY, SignsOutEverywhere), (Scope.READ_USERS, FindsAccounts)],
)
def test_the_doctor_names_each_missing_scope_and_what_cannot_be_done_without(
    build: Build, google: GoogleStandin, scope: Scope, stops: type
) -> None:
    google.granted.discard(scope)
    (fault,) = [f for f in build().examine() if f.severity is Severity.FAULT]
    assert scope.rpartition("/")[2] in fault.subject and stops in fault.stops
    assert CLIENT_ID in fault.remedy and scope in fault.remedy
    assert not google.writes()


def test_the_doctor_wants_an_administrator_with_a_role_of_its_own(build: Build, google: GoogleStandin) -> None:
    google.directory.add(f"super@{DOMAIN}", isAdmin=True)
    google.directory.add(f"plain@{DOMAIN}")
    assert _worst(build(admin=f"super@{DOMAIN}")) is Severity.WARNING
    assert _worst(build(admin=f"plain@{DOMAIN}")) is Severity.FAULT
    assert _worst(build(admin=f"nobody@{DOMAIN}")) is Severity.FAULT


def test_the_doctor_knows_a_key_that_was_deleted_and_a_clock_that_is_wrong(build: Build, google: GoogleStandin) -> None:
    (first, *_) = build(key=google.key_file(number=2)).examine()
    assert "Signature" in first.message and "make another" in first.remedy
    google.clock = lambda: datetime.now(UTC).timestamp() + 7200
    (first, *_) = build().examine()
    assert "timedatectl" in first.remedy


def _worst(directory: GoogleDirectory) -> Severity:
    return max((f.severity for f in directory.examine()), key=list(Severity).index)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"key": "{}"}, "key file"),
        ({"key": "not json"}, "key file"),
        ({"admin": "admin"}, "address of an administrator"),
        ({"url": "http://admin.googleapis.com"}, "https://"),
        ({"units": ("Staff",)}, "slash"),
        ({"protected_groups": ("board@nordvik.test",)}, "read_groups"),
        ({"without": ("unlock",)}, "none of"),
        ({"timeout": 0}, "above zero"),
    ],
)
def test_settings_that_could_never_work_are_refused(build: Build, settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build(**settings)
