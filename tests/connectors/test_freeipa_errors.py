"""What each of FreeIPA's codes and answers means to the caller; answers are stubbed, as no server gives them all."""

from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from connectors.account import Account
from connectors.errors import (
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
from connectors.freeipa.client import Client, Command
from connectors.freeipa.directory import FreeIpa
from connectors.freeipa.entry import Entry, moment
from connectors.freeipa.refusals import password_refusal
from connectors.freeipa.settings import FreeIpaSettings

IPA = "https://ipa1.example.org"
SETTINGS = FreeIpaSettings(name="main", urls=(IPA,), user="sparekey", password="the-service-secret")
READ = Command(method="user_show", args=("alice",), options={"all": True})
WRITE = Command(method="user_mod", args=("alice",), options={"krbprincipalexpiration": ""}, write=True)
PASSWORD = Command(
    method="user_mod", args=("alice",), options={"userpassword": "A-new-passw0rd-2"}, write=True, password=True
)


@pytest.fixture
def ipa() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stub:
        stub.post(f"{IPA}/ipa/session/login_password", headers={"Set-Cookie": "ipa_session=abc; Path=/ipa; Secure"})
        yield stub


def answer(stub: responses.RequestsMock, code: int, message: str = "why", *, name: str = "Name") -> None:
    error = {"code": code, "name": name, "message": message, "data": {}}
    stub.post(f"{IPA}/ipa/session/json", json={"result": None, "error": error, "id": 0})


def raised(command: Command) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        Client(SETTINGS).call(command)
    return caught.value


@pytest.mark.parametrize(
    ("code", "reading", "writing"),
    [
        (903, Unavailable, Unconfirmed),
        (905, Forbidden, Forbidden),
        (1201, Unavailable, Unavailable),
        (1202, Unavailable, Unavailable),
        (1203, Unavailable, Unavailable),
        (1204, Unavailable, Unavailable),
        (2100, Forbidden, Forbidden),
        (3005, Forbidden, Forbidden),
        (3009, Forbidden, Forbidden),
        (4001, AccountNotFound, AccountNotFound),
        (4002, Unavailable, Forbidden),
        (4201, Unavailable, Unavailable),
        (4203, Unavailable, Forbidden),
        (4204, Unavailable, Unavailable),
        (4301, Unavailable, Forbidden),
    ],
)
def test_each_code_has_a_meaning(ipa: Any, code: int, reading: type, writing: type) -> None:
    answer(ipa, code)
    for command, error in ((READ, reading), (WRITE, writing)):
        found = raised(command)
        assert type(found) is error
        assert found.detail.startswith(f"{code} Name: why")


@pytest.mark.parametrize("code", [4009, 4010, 4202])
def test_what_is_so_already_is_no_error(ipa: Any, code: int) -> None:
    answer(ipa, code)
    assert Client(SETTINGS).call(WRITE) == {}


@pytest.mark.parametrize(
    ("code", "obstacle"),
    [(2100, Obstacle.NO_RIGHT), (3005, Obstacle.UNSUPPORTED), (4205, Obstacle.SCHEMA), (4301, Obstacle.UNWILLING)],
)
def test_an_obstacle_is_told_from_another(ipa: Any, code: int, obstacle: Obstacle) -> None:
    answer(ipa, code)
    error = raised(WRITE)
    assert isinstance(error, Forbidden) and error.obstacle is obstacle


def test_a_directory_that_freeipa_itself_has_lost_may_or_may_not_have_been_changed(ipa: Any) -> None:
    answer(ipa, 4203, "Can't contact LDAP server: ")
    assert isinstance(raised(WRITE), Unconfirmed)
    assert isinstance(raised(READ), Unavailable)


def test_our_own_session_refused_is_told_as_such(ipa: Any) -> None:
    answer(ipa, 1204)
    error = raised(READ)
    assert isinstance(error, Unavailable) and error.outage is Outage.PORTAL_REFUSED


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Password is too short", Refusal.TOO_SHORT),
        ("Password reuse not permitted", Refusal.IN_HISTORY),
        ("Too soon to change password", Refusal.TOO_YOUNG),
        ("Password is too simple", Refusal.NOT_COMPLEX),
        ("Password has too many consecutive characters", Refusal.REPEATS),
        ("Password contains a monotonic sequence", Refusal.REPEATS),
        ("Password is based on a dictionary word", Refusal.COMMON_WORD),
        ("Password is a palindrone", Refusal.TOO_WEAK),
        ("Password contains username", Refusal.CONTAINS_NAME),
        ("Account expired", Refusal.ENDED),
        ("Password does not meet the policy requirements", Refusal.POLICY),
        ("Words of a later version", Refusal.POLICY),
    ],
)
def test_each_refusal_of_a_password_is_understood(ipa: Any, text: str, refusal: Refusal) -> None:
    answer(ipa, 4203, f"Constraint violation: {text}", name="DatabaseError")
    error = raised(PASSWORD)
    assert isinstance(error, Refused) and error.refusal is refusal


def test_other_words_are_no_refusal_of_a_password(ipa: Any) -> None:
    assert password_refusal("Server is unwilling to perform: ") is None
    answer(ipa, 4203, "Server is unwilling to perform: ")
    assert isinstance(raised(PASSWORD), Forbidden)


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (302, Unavailable, Unavailable),
        (400, Unavailable, Unavailable),
        (403, Unavailable, Unavailable),
        (500, Unavailable, Unconfirmed),
        (502, Unavailable, Unconfirmed),
        (503, Unavailable, Unavailable),
        (504, Unavailable, Unconfirmed),
    ],
)
def test_an_answer_that_is_no_success_is_none(ipa: Any, status: int, reading: type, writing: type) -> None:
    ipa.post(f"{IPA}/ipa/session/json", status=status, headers={"Location": "https://elsewhere.example/"})
    assert type(raised(READ)) is reading
    assert type(raised(WRITE)) is writing
    assert all(call.request.url.startswith(IPA) for call in ipa.calls)


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", "null"])
def test_an_answer_that_is_no_json_of_a_command_is_none(ipa: Any, body: str) -> None:
    ipa.post(f"{IPA}/ipa/session/json", body=body)
    assert type(raised(READ)) is Unavailable
    assert type(raised(WRITE)) is Unconfirmed


def test_a_session_is_begun_anew_only_once(ipa: Any) -> None:
    ipa.post(f"{IPA}/ipa/session/json", status=401)
    assert isinstance(raised(WRITE), Unavailable)
    assert [call.request.url.rpartition("/")[2] for call in ipa.calls] == [
        "login_password", "json", "login_password", "json",
    ]  # fmt: skip


def test_every_request_carries_the_referer_without_which_freeipa_refuses_it(ipa: Any) -> None:
    answer(ipa, 4202)
    Client(SETTINGS).call(WRITE)
    assert [call.request.headers["Referer"] for call in ipa.calls] == [
        f"{IPA}/ipa/session/login_password", f"{IPA}/ipa",
    ]  # fmt: skip
    assert ipa.calls[1].request.headers["Cookie"] == "ipa_session=abc"


@pytest.mark.parametrize("result", ["error", "", "something new"])
def test_an_own_change_that_is_not_said_to_be_done_is_not(ipa: Any, result: str) -> None:
    headers = {"X-IPA-Pwchange-Result": result} if result else {}
    ipa.post(f"{IPA}/ipa/session/change_password", headers=headers)
    if not result:
        with pytest.raises(Unconfirmed):
            Client(SETTINGS).change_password("alice", "old", "new")
    else:
        assert Client(SETTINGS).change_password("alice", "old", "new") == (result, "")


@pytest.mark.parametrize(("status", "reason"), [(500, ""), (401, "invalid-captcha")])
def test_a_sign_in_answered_strangely_is_no_wrong_password(ipa: Any, status: int, reason: str) -> None:
    ipa.replace(
        responses.POST,
        f"{IPA}/ipa/session/login_password",
        status=status,
        headers={"X-IPA-Rejection-Reason": reason} if reason else {},
    )
    alice = Account(id="main:1", directory="main", dn="uid=alice,cn=users", login="alice", name="Alice")
    with pytest.raises(Unavailable):
        FreeIpa(SETTINGS, lambda: datetime.now(UTC)).check_password(alice, "whatever")


def test_no_secret_is_in_what_is_printed() -> None:
    assert "the-service-secret" not in repr(SETTINGS)
    assert "A-new-passw0rd-2" not in repr(PASSWORD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20261231235959Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-12-31T23:59:59Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("N/A", None),
        ("", None),
        ("20261331000000Z", None),
    ],
)
def test_times_are_read_in_both_spellings(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected


def test_wrapped_values_are_unwrapped_and_hashes_leave_no_trace() -> None:
    entry = Entry.of(
        {"KrbLastPwdChange": [{"__datetime__": "20261231235959Z"}], "uid": ["alice"], "mail": "a@b.example"}
    )
    assert entry.moment("krblastpwdchange") == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert entry.texts("uid", "mail", "none") == ("alice", "a@b.example")
    with_hash = Entry.of({**entry.raw, "krbprincipalkey": [{"__base64__": "c2VjcmV0"}]})
    assert with_hash.fingerprint() == entry.fingerprint()
    assert Entry.of({**entry.raw, "mail": "b@b.example"}).fingerprint() != entry.fingerprint()


@pytest.mark.parametrize(
    "wrong",
    [
        {"urls": ()},
        {"urls": ("http://ipa1.example.org",)},
        {"urls": ("https://ipa1.example.org/ipa",)},
        {"urls": ("ipa1.example.org",)},
        {"name": "a:b"},
        {"name": ""},
        {"user": ""},
        {"password": ""},
        {"time_zone": "Mars/Olympus"},
        {"receive_timeout": 0},
        {"pool_size": 0},
    ],
    ids=str,
)
def test_settings_that_could_never_work_are_refused(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"name": "main", "urls": (IPA,), "user": "sparekey", "password": "secret"}
    with pytest.raises(ValueError, match=":"):
        FreeIpaSettings(**{**good, **wrong})
