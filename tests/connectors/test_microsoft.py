"""Entra ID by Graph, against a stand-in that has a state and refuses what Graph refuses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import responses

from connectors.access import EnablesAccount, GivesAccessPass, SignsOutEverywhere
from connectors.account import Account
from connectors.capabilities import (
    Capability,
    ChangesPassword,
    ChecksPassword,
    DisablesAccount,
    FindsAccounts,
    ListsAccounts,
    RequiresPasswordChange,
    SetsEndDate,
    SetsPassword,
    Severity,
    UnlocksAccount,
)
from connectors.errors import (
    AccountAmbiguous,
    AccountNotFound,
    Forbidden,
    Obstacle,
    Refusal,
    Refused,
    Unconfirmed,
)
from connectors.graph import MicrosoftDirectory, MicrosoftSettings
from connectors.oauth import TokenFiles
from tests.connectors.contract_base import NEW, refusal_of
from tests.connectors.contract_finding import FindingContract
from tests.connectors.microsoft_lab import certificate, directory_on
from tests.standins.http import BUSY
from tests.standins.microsoft import EVERYTHING, MicrosoftStandin
from tests.standins.microsoft_tokens import TENANT


@pytest.fixture
def tenant() -> Iterator[MicrosoftStandin]:
    with MicrosoftStandin() as tenant:
        yield tenant


@pytest.fixture
def directory(tenant: MicrosoftStandin, tmp_path: Path) -> Iterator[MicrosoftDirectory]:
    directory = directory_on(tenant, tmp_path)
    yield directory
    directory.close()


@pytest.fixture
def account(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> Account:
    return directory.find(tenant.person())


class TestFinding(FindingContract):
    """The part of the contract that is about finding; logins are whole addresses here."""

    @pytest.fixture
    def directory(self, tenant: MicrosoftStandin, tmp_path: Path) -> MicrosoftDirectory:  # type: ignore[override]
        return directory_on(tenant, tmp_path)

    @pytest.fixture
    def people(self, tenant: MicrosoftStandin) -> MicrosoftStandin:
        return tenant

    def test_somebody_is_found_by_login_and_by_mail_address(self, directory, people) -> None:  # type: ignore[no-untyped-def, override]
        login = people.person()
        found = directory.find(login)
        assert found.login == login
        local = login.partition("@")[0]
        for claim in (login.upper(), local, f"{local}.alias@example.org"):
            assert directory.find(claim) == found
        assert directory.read(found.id) == found

    def test_an_account_carries_what_the_entry_says(self, directory, people) -> None:  # type: ignore[no-untyped-def, override]
        login = people.person(preferredLanguage="nb", employeeType="contractor", department="42", mobilePhone="+4712")
        account = directory.find(login)
        local = login.partition("@")[0]
        assert (account.mail, account.recovery_mail) == (login, (f"{local}@elsewhere.test",))
        assert (account.language, account.kind, account.unit, account.phone) == ("nb", "contractor", "42", "+4712")
        assert account.id.startswith(f"{directory.settings.name}:")
        assert account.created_at == datetime(2024, 1, 1, 8, tzinfo=UTC)

    def test_somebody_without_mail_is_found_and_has_none(self, directory, people) -> None:  # type: ignore[no-untyped-def, override]
        account = directory.find(people.person(mail=None, otherMails=[]))
        assert (account.mail, account.recovery_mail) == (None, ())

    def test_two_people_with_one_address_are_not_guessed_between(self, directory, people) -> None:  # type: ignore[no-untyped-def, override]
        first = people.person()
        people.person(otherMails=[], mail=first)
        with pytest.raises(AccountAmbiguous):
            directory.find(first)

    def test_names_beyond_ascii_come_through(self, directory, people) -> None:  # type: ignore[no-untyped-def, override]
        account = directory.find(people.person(displayName="李 小龍", givenName="小龍"))
        assert (account.name, account.given_name) == ("李 小龍", "小龍")


def test_a_quote_in_a_name_ends_no_filter(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    login = tenant.person("miles.o'brien@example.org")
    assert directory.find("miles.o'brien").login == login
    with pytest.raises(AccountNotFound):
        directory.find("x' or accountEnabled eq true or mail eq 'x@example.org")


def test_only_what_the_api_can_do_is_claimed(directory: MicrosoftDirectory) -> None:
    claimed = (
        SetsPassword,
        RequiresPasswordChange,
        DisablesAccount,
        EnablesAccount,
        SignsOutEverywhere,
        GivesAccessPass,
    )
    assert all(directory.offers(capability) for capability in claimed)
    for capability in (ChecksPassword, ChangesPassword, UnlocksAccount, SetsEndDate, ListsAccounts):
        assert not directory.offers(capability)


def test_settings_leave_out_what_they_name(tenant: MicrosoftStandin, tmp_path: Path) -> None:
    directory = directory_on(tenant, tmp_path, without=("password", "access_pass"))
    assert not directory.offers(SetsPassword) and not directory.offers(GivesAccessPass)
    assert directory.offers(DisablesAccount) and directory.offers(FindsAccounts)


def test_a_reset_sets_the_password_and_moves_its_date(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    directory.set_password(account, NEW)
    assert tenant.passwords[account.dn] == NEW
    after = directory.read(account.id).state
    assert after.password_changed_at and datetime.now(UTC) - after.password_changed_at < timedelta(minutes=1)
    assert not after.must_change
    assert after.password_outcome(account.state.facts()) == "success"


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("short1A", Refusal.NOT_COMPLEX),
        ("all-small-letters", Refusal.NOT_COMPLEX),
        ("Contoso-Passw0rd1", Refusal.COMMON_WORD),
        ("", Refusal.TOO_SHORT),
        ("a\0b", Refusal.UNUSABLE_CHARACTERS),
    ],
)
def test_a_refused_password_leaves_the_old_one(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account, password: str, refusal: Refusal
) -> None:
    with pytest.raises(Refused) as caught:
        directory.set_password(account, password)
    assert caught.value.refusal is refusal
    assert not password or password not in caught.value.detail
    assert tenant.passwords[account.dn] == tenant.password


def test_a_replica_that_is_behind_says_neither_yes_nor_no(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    tenant.lag = 2
    directory.set_password(account, NEW)
    before = account.state.facts()
    outcomes = [directory.read(account.id).state.password_outcome(before) for _ in range(3)]
    assert outcomes == ["unknown", "unknown", "success"]


def test_somebody_who_must_change_it_is_seen_to(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    directory.require_password_change(account)
    assert directory.read(account.id).state.must_change
    assert tenant.passwords[account.dn] == tenant.password
    directory.set_password(directory.read(account.id), NEW)
    assert not directory.read(account.id).state.must_change


def test_a_disabled_account_is_signed_out_and_no_reset_lets_it_in(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    directory.disable_account(account)
    disabled = directory.read(account.id)
    assert disabled.state.disabled and tenant.sessions[account.dn] == 0
    assert refusal_of(lambda: directory.set_password(disabled, NEW)) is Refusal.DISABLED
    directory.enable_account(disabled)
    assert not directory.read(account.id).state.disabled


def test_a_disabled_account_whose_sessions_could_not_be_ended_is_unconfirmed(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    tenant.retry_after = "60"
    tenant.faults.extend(["", BUSY])
    with pytest.raises(Unconfirmed):
        directory.disable_account(account)
    assert directory.read(account.id).state.disabled


def test_a_pass_is_told_once_and_never_printed(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    made = directory.give_access_pass(account, 60)
    assert made.value == tenant.passes[account.dn]["temporaryAccessPass"]
    assert tenant.passes[account.dn]["isUsableOnce"] is True
    assert timedelta(minutes=59) < made.ends - datetime.now(UTC) <= timedelta(minutes=60)
    assert made.value not in repr(made)
    tenant.allows_passes = False
    with pytest.raises(Forbidden) as caught:
        directory.give_access_pass(account, 60)
    assert caught.value.obstacle is Obstacle.UNWILLING


@pytest.mark.parametrize(
    ("group", "protected"),
    [
        ({"@odata.type": "#microsoft.graph.directoryRole", "displayName": "Helpdesk Administrator"}, True),
        ({"@odata.type": "#microsoft.graph.group", "displayName": "admins", "isAssignableToRole": True}, True),
        ({"@odata.type": "#microsoft.graph.group", "displayName": "named", "id": "AAAA"}, True),
        ({"@odata.type": "#microsoft.graph.group", "displayName": "ordinary", "isAssignableToRole": None}, False),
        ({"@odata.type": "#microsoft.graph.administrativeUnit", "displayName": None}, False),
    ],
)
def test_whoever_has_power_is_protected(
    tenant: MicrosoftStandin, tmp_path: Path, group: dict[str, object], protected: bool
) -> None:
    directory = directory_on(tenant, tmp_path, protected_groups=("aaaa",))
    login = tenant.person()
    tenant.groups[tenant.id_of(login)] = [{"id": "bbbb", **group}]  # type: ignore[list-item]
    account = directory.find(login)
    assert account.protected is protected
    assert directory.read(account.id).protected is protected
    if protected:
        writes: list[Callable[[], object]] = [
            lambda: directory.set_password(account, NEW), lambda: directory.disable_account(account),
            lambda: directory.sign_out_everywhere(account), lambda: directory.give_access_pass(account, 60),
        ]  # fmt: skip
        for write in writes:
            with pytest.raises(Forbidden) as caught:
                write()
            assert caught.value.obstacle is Obstacle.PROTECTED


def test_without_the_right_to_read_groups_whoever_is_in_one_is_protected(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory
) -> None:
    tenant.tokens.permissions.discard("GroupMember.Read.All")
    assert directory.find(tenant.person()).protected


@pytest.mark.parametrize("origin", [{"onPremisesSyncEnabled": True}, {"userType": "Guest"}])
def test_what_another_directory_decides_is_not_changed_here(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, origin: dict[str, object]
) -> None:
    account = directory.find(tenant.person(**origin))
    for write in (
        lambda: directory.set_password(account, NEW),
        lambda: directory.require_password_change(account),
        lambda: directory.disable_account(account),
    ):
        with pytest.raises(Forbidden) as caught:
            write()
        assert caught.value.obstacle is Obstacle.OTHER_DIRECTORY
    directory.sign_out_everywhere(account)


def test_nobody_of_another_directory_is_touched(directory: MicrosoftDirectory, account: Account) -> None:
    with pytest.raises(Forbidden) as caught:
        directory.set_password(replace(account, directory="other"), NEW)
    assert caught.value.obstacle is Obstacle.OTHER_DIRECTORY


def test_somebody_deleted_is_not_found(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    del tenant.users[account.dn]
    for attempt in (lambda: directory.read(account.id), lambda: directory.set_password(account, NEW)):
        with pytest.raises(AccountNotFound):
            attempt()


def test_sponsors_are_managers(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    lead = directory.find(tenant.person())
    led = directory.find(tenant.person(manager={"id": lead.dn}))
    assert directory.sponsor_of(led) == lead
    assert [one.id for one in directory.sponsored_by(lead)] == [led.id]
    tenant.page = 1
    assert [one.id for one in directory.sponsored_by(None)] == [led.id]
    assert directory.sponsor_of(lead) is None


@pytest.mark.parametrize("missing", sorted(EVERYTHING - {"MailboxSettings.ReadWrite", "Reports.Read.All"}))
def test_the_doctor_names_each_permission_that_is_missing(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, missing: str
) -> None:
    tenant.person()
    assert {finding.severity for finding in directory.examine()} == {Severity.OK}
    tenant.tokens.permissions.discard(missing)
    faults = [finding for finding in directory.examine() if finding.severity is Severity.FAULT]
    assert missing in faults[0].remedy and faults[0].stops


def test_the_doctor_overlooks_what_is_not_offered_and_warns_of_too_much(
    tenant: MicrosoftStandin, tmp_path: Path
) -> None:
    tenant.person()
    tenant.tokens.permissions -= {"User-PasswordProfile.ReadWrite.All"}
    tenant.tokens.permissions |= {"Directory.ReadWrite.All"}
    tenant.tokens.roles.clear()
    found = list(directory_on(tenant, tmp_path, without=("password",)).examine())
    assert [finding.severity for finding in found if finding.severity is not Severity.OK] == [Severity.WARNING]
    with_passwords = list(directory_on(tenant, tmp_path / "b").examine())
    assert any("User Administrator" in finding.remedy for finding in with_passwords)


@pytest.mark.parametrize(("days", "severity"), [(90, Severity.OK), (10, Severity.WARNING), (-1, Severity.FAULT)])
def test_the_doctor_looks_at_the_certificate(
    tenant: MicrosoftStandin, tmp_path: Path, days: int, severity: Severity
) -> None:
    pem, key = certificate(days)
    first = next(iter(directory_on(tenant, tmp_path, certificate=pem, private_key=key).examine()))
    assert (first.subject, first.severity) == ("certificate", severity)


def test_the_doctor_tells_why_the_app_is_not_let_in(tenant: MicrosoftStandin, tmp_path: Path) -> None:
    for number, (different, words) in enumerate(
        [({"client_secret": "wrong"}, "client_secret"), ({"client_id": "none"}, "client_id")]
    ):
        (finding,) = directory_on(tenant, tmp_path / str(number), **different).examine()
        assert finding.severity is Severity.FAULT and finding.remedy.startswith(words)
        assert finding.stops == (Capability,)


@responses.activate
def test_the_very_requests_that_go_to_microsoft(tmp_path: Path) -> None:
    """The addresses and bodies of learn.microsoft.com, with no server of ours between."""
    graph, id_ = "https://graph.microsoft.com/v1.0", "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
    token = {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "tok"}
    responses.post(f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token", json=token)
    responses.get(f"{graph}/users/{id_}", json={"userType": "Member", "onPremisesSyncEnabled": None})
    body = {"passwordProfile": {"password": NEW, "forceChangePasswordNextSignIn": False}}
    throttled = {"error": {"code": "TooManyRequests", "message": "…", "innerError": {"request-id": "r-1"}}}
    bearer = responses.matchers.header_matcher({"Authorization": "Bearer tok"})
    sent = [bearer, responses.matchers.json_params_matcher(body)]
    responses.patch(f"{graph}/users/{id_}", json=throttled, status=429, headers={"Retry-After": "0"}, match=sent)
    responses.patch(f"{graph}/users/{id_}", status=204, match=sent)
    settings = MicrosoftSettings(name="cloud", tenant=TENANT, client_id="app", client_secret="s")
    directory = MicrosoftDirectory(settings, lambda: datetime.now(UTC), TokenFiles(tmp_path, bytes(32)))
    account = Account(id=f"cloud:{id_}", directory="cloud", dn=id_, login="a@b.org", name="A")
    directory.set_password(account, NEW)
    asked, looked, first, second = (call.request for call in responses.calls)
    scope = "https%3A%2F%2Fgraph.microsoft.com%2F.default"
    form = f"grant_type=client_credentials&client_id=app&client_secret=s&scope={scope}"
    assert (asked.body, looked.method) == (form.encode(), "GET")
    assert first.headers["client-request-id"] != second.headers["client-request-id"]


def test_the_number_of_the_request_is_in_what_goes_on_record(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, account: Account
) -> None:
    tenant.tokens.permissions.discard("User.RevokeSessions.All")
    tenant.tokens.revoke_all()
    with pytest.raises(Forbidden, match=r"403 Authorization_RequestDenied: Insufficient.* request 5e1f-0001"):
        directory.sign_out_everywhere(account)
