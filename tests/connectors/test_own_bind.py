"""A directory without a service account: people sign in and change their password as themselves, on a real slapd."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.dn import parse_dn

from connectors.account import PasswordVerdict as Verdict
from connectors.capabilities import (
    ChangesPassword,
    ChecksPassword,
    DisablesAccount,
    FindsAccounts,
    ListsAccounts,
    RequiresPasswordChange,
    SetsEndDate,
    SetsPassword,
    Severity,
    SignsIn,
    TellsPasswordRules,
    UnlocksAccount,
)
from connectors.errors import Forbidden, Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from connectors.ldap.kinds import dialect_for
from connectors.ldap.link import Link, Reply
from connectors.ldap.own_bind import OwnBind
from connectors.ldap.people import People
from tests.connectors.contract_base import NEW
from tests.servers.people import PASSWORD, State
from tests.servers.slapd import Slapd, slapd
from tests.servers.slapd_files import PEOPLE, SlapdOptions, manual

TEMPLATE = f"uid={{login}},{PEOPLE}"
SEARCHABLE = f"""\
access to dn.subtree="{PEOPLE}" attrs=entry,objectClass,uid,mail,mailAlternateAddress by users read by anonymous read
access to dn.base="{PEOPLE}" attrs=entry by anonymous search by users search by * break
"""


def now() -> datetime:
    return datetime.now(UTC)


def settings_of(server: Slapd, template: str = TEMPLATE) -> LdapSettings:
    return LdapSettings(
        name="own", urls=(server.url,), ca_file=server.ca_file, people_bases=(PEOPLE,), person_dn=template,
        groups_base=server.groups_base,
    )  # fmt: skip


@pytest.fixture(scope="module")
def searchable() -> Iterator[Slapd]:
    """A server that lets strangers search for names."""
    with slapd(SlapdOptions(access=SEARCHABLE + manual("access"))) as server:
        yield server


@pytest.fixture(params=["template", "anonymous search"])
def server(request: pytest.FixtureRequest) -> Slapd:
    if request.param == "template":
        return request.getfixturevalue("slapd_server")  # type: ignore[no-any-return]
    return request.getfixturevalue("searchable")  # type: ignore[no-any-return]


@pytest.fixture
def directory(server: Slapd, request: pytest.FixtureRequest) -> Iterator[LdapDirectory]:
    template = TEMPLATE if "template" in request.node.callspec.id else ""
    made = LdapDirectory(settings_of(server, template), now)
    yield made
    made.close()


def test_the_password_signs_in_and_the_entry_is_read_by_its_owner(directory: LdapDirectory, server: Slapd) -> None:
    login = server.person(preferredLanguage="nb")
    check, account = directory.sign_in(login, PASSWORD)
    assert check.verdict is Verdict.RIGHT
    assert account
    assert (account.login, account.mail, account.language) == (login, f"{login}@example.org", "nb")
    assert account.id == f"own:{server.entry(account.dn)['entryUUID'][0].decode()}"


def test_a_wrong_password_and_an_unknown_name_are_the_same(directory: LdapDirectory, server: Slapd) -> None:
    login = server.person()
    answers = [directory.sign_in(*pair) for pair in ((login, "wrong"), (f"{login}x", PASSWORD), ("*", PASSWORD))]
    assert {check.verdict for check, _ in answers} == {Verdict.WRONG}
    assert [account for _, account in answers] == [None, None, None]


@pytest.mark.parametrize("password", ["", "a\0b", "\ud800"])
def test_what_is_no_password_is_never_sent(directory: LdapDirectory, server: Slapd, password: str) -> None:
    assert directory.sign_in(server.person(), password)[0].verdict is Verdict.WRONG


@pytest.mark.parametrize("claim", ["", " ", "\ud800", "x" * 300, "a\0b", "alice,dc=x", "alice)(uid=*"])
def test_what_is_no_name_signs_nobody_in(directory: LdapDirectory, claim: str) -> None:
    assert directory.sign_in(claim, PASSWORD)[0].verdict is Verdict.WRONG


def test_somebody_changes_the_password_with_the_old_one(directory: LdapDirectory, server: Slapd) -> None:
    login = server.person()
    account = directory.sign_in(login, PASSWORD)[1]
    assert account
    with pytest.raises(Refused) as refused:
        directory.change_password(account, "wrong", NEW)
    assert refused.value.refusal is Refusal.WRONG_PASSWORD
    directory.change_password(account, PASSWORD, NEW)
    assert server.binds(account.dn, NEW)
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT


def test_a_password_that_must_be_changed_is_changed_before_anything_was_read(
    directory: LdapDirectory, server: Slapd
) -> None:
    login = server.person(state=State.MUST_CHANGE)
    check, account = directory.sign_in(login, PASSWORD)
    assert check.verdict is Verdict.MUST_CHANGE
    assert account and account.mail is None  # slapd shows nothing before
    directory.change_password(account, PASSWORD, NEW)
    check, account = directory.sign_in(login, NEW)
    assert (check.verdict, account and account.login) == (Verdict.RIGHT, login)


def test_a_password_that_expired_with_grace_is_changed(directory: LdapDirectory, server: Slapd) -> None:
    check, account = directory.sign_in(server.person(state=State.GRACE), PASSWORD)
    assert check.verdict is Verdict.EXPIRED
    assert account
    directory.change_password(account, PASSWORD, NEW)
    assert server.binds(account.dn, NEW)


def test_a_password_that_expired_for_good_is_a_matter_for_people(directory: LdapDirectory, server: Slapd) -> None:
    check, account = directory.sign_in(server.person(state=State.EXPIRED), PASSWORD)
    assert check.verdict is Verdict.EXPIRED
    assert account
    with pytest.raises(Forbidden):
        directory.change_password(account, PASSWORD, NEW)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [(State.LOCKED, Verdict.LOCKED), (State.DISABLED, Verdict.LOCKED), (State.ENDED, Verdict.ENDED)],
)
def test_whoever_may_not_sign_in_stays_outside(
    directory: LdapDirectory, server: Slapd, state: State, verdict: Verdict
) -> None:
    """Why slapd refuses somebody it shows nothing of, only its policy control tells, if it is told to tell."""
    check, _ = directory.sign_in(server.person(state=state), PASSWORD)
    assert check.verdict is verdict


def test_only_what_people_can_do_by_themselves_is_offered(directory: LdapDirectory) -> None:
    for capability in (SignsIn, ChecksPassword, ChangesPassword, TellsPasswordRules):
        assert directory.offers(capability)
    for withheld in (
        *(FindsAccounts, SetsPassword, UnlocksAccount, DisablesAccount, RequiresPasswordChange, SetsEndDate),
        ListsAccounts,
    ):
        assert not directory.offers(withheld)


def test_rules_that_nobody_may_read_are_none(directory: LdapDirectory, server: Slapd) -> None:
    account = directory.sign_in(server.person(), PASSWORD)[1]
    assert account
    assert directory.password_rules(account).min_length == 0


def test_groups_come_with_the_entry(directory: LdapDirectory, server: Slapd) -> None:
    account = directory.sign_in("carol", PASSWORD)[1]
    assert account
    assert account.groups == {f"cn=auditors,{server.groups_base}"}


def test_an_address_is_found_where_strangers_may_search(searchable: Slapd) -> None:
    login = searchable.person()
    directory = LdapDirectory(settings_of(searchable, ""), now)
    assert directory.sign_in(f"{login}@elsewhere.test", PASSWORD)[0].verdict is Verdict.RIGHT
    directory.close()


def test_two_entries_of_one_name_sign_nobody_in(searchable: Slapd) -> None:
    first = searchable.person()
    searchable.person(mail=f"{first}@example.org")
    directory = LdapDirectory(settings_of(searchable, ""), now)
    assert directory.sign_in(f"{first}@example.org", PASSWORD)[0].verdict is Verdict.WRONG
    directory.close()


def test_the_doctor_says_what_is_left_to_people(directory: LdapDirectory) -> None:
    findings = {finding.subject: finding for finding in directory.examine()}
    assert findings["service account"].severity is Severity.WARNING
    assert all(finding.severity is not Severity.FAULT for finding in findings.values())
    assert not any("right to write" in subject for subject in findings)


def test_the_doctor_finds_a_directory_that_shows_strangers_nothing(slapd_server: Slapd) -> None:
    findings = list(LdapDirectory(settings_of(slapd_server, ""), now).examine())
    assert [f.subject for f in findings if f.severity is Severity.FAULT] == ["people"]
    assert "person_dn" in next(f for f in findings if f.subject == "people").remedy


@given(st.text(min_size=1, max_size=40))
def test_a_login_cannot_leave_its_place_in_the_dn(login: str) -> None:
    dn = _own_bind(TEMPLATE).dn(login)
    if dn:
        assert len(parse_dn(dn)) == len(parse_dn(PEOPLE)) + 1
        assert dn.endswith(f",{PEOPLE}")


@pytest.mark.parametrize("login", ["alice@other.example", "OTHER\\alice", "other/alice"])
def test_a_login_cannot_name_another_realm(login: str) -> None:
    assert _own_bind("{login}@example.org").dn(login) == ""
    assert _own_bind("{login}@example.org").dn("alice") == "alice@example.org"


@pytest.mark.parametrize(
    "wrong",
    [
        {"person_dn": "uid=login,ou=people"},
        {"person_dn": "uid={login},cn={login}"},
        {"person_dn": TEMPLATE, "bind_dn": "cn=service", "bind_password": "x"},
    ],
    ids=str,
)
def test_a_template_that_could_never_work_is_refused(wrong: dict[str, str]) -> None:
    good = LdapSettings(name="own", urls=("ldaps://x",), people_bases=("dc=x",))
    with pytest.raises(ValueError, match="person_dn"):
        replace(good, **wrong)


def _own_bind(template: str) -> OwnBind:
    settings = LdapSettings(
        name="own", urls=("ldaps://x",), ca_file=Path("x"), people_bases=(PEOPLE,), person_dn=template
    )
    dialect = dialect_for(settings, now)
    return OwnBind(settings, dialect, People(settings, dialect))


def test_who_is_bound_by_another_kind_of_name_is_only_whose_password_it_is(
    searchable: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may let somebody in as name@realm whose login is another: the entry found by it is not theirs then."""
    mine, other = searchable.person(), searchable.person(userPassword="Another-passw0rd-7")
    directory = LdapDirectory(settings_of(searchable, "{login}@example.org"), now)
    bind = Link.bind

    def as_realm(self: Link, dn: str, password: str) -> Reply:
        return bind(self, f"uid={mine},{PEOPLE}" if dn.endswith("@example.org") else dn, password)

    monkeypatch.setattr(Link, "bind", as_realm)
    account = directory.sign_in(mine, PASSWORD)[1]
    assert account and account.login == mine
    check, account = directory.sign_in(other, PASSWORD)
    assert (check.verdict, account) == (Verdict.WRONG, None)
    directory.close()
