"""Forms from elsewhere, forged hosts, borrowed sessions, links that lead away, and steps out of turn."""

import pytest
import requests

from tests.robustness.browser import Browser, Page
from tests.robustness.killing import NEW
from tests.robustness.record import entries, story
from tests.servers.deployment import Deployment
from tests.servers.people import PASSWORD

ELSEWHERE = "https://evil.example"


def _identify(at: Browser, *, token: str | None = None, **headers: str) -> requests.Response:
    at.open("/recover")
    fields = {"login": "alice"} | ({} if token == "" else {"csrf_token": token or at.token()})
    return at.http.post(f"{at.url}/recover", data=fields, headers=headers, allow_redirects=False)


def test_a_form_of_our_own_is_taken(running: Deployment) -> None:
    assert _identify(Browser(running.url), Origin=running.url).status_code == 302
    assert _identify(Browser(running.url), Origin="null").status_code == 302  # sent where there is no referrer


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ELSEWHERE},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_posted_from_another_site_is_refused_even_with_the_right_token(
    running: Deployment, headers: dict[str, str]
) -> None:
    assert _identify(Browser(running.url), **headers).status_code == 400


def test_a_token_that_is_missing_wrong_or_somebody_elses_is_refused(running: Deployment) -> None:
    other = Browser(running.url)
    other.open("/recover")
    for token in ("", "x", other.token(), other.token()[:-1] + "A"):
        answer = _identify(Browser(running.url), token=token)
        assert answer.status_code == 400
        assert "This form is too old" in answer.text


def test_signing_in_and_out_need_the_token_too(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    sign_in = {"login": person.login, "password": PASSWORD}
    assert requests.post(f"{running.url}/sign-in", data=sign_in).status_code == 400
    at.sign_in(person)
    assert at.http.post(f"{at.url}/sign-out").status_code == 400
    assert at.open("/account").path == "/account"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "localhost@evil.example"]
)
def test_a_forged_host_is_refused(running: Deployment, host: str) -> None:
    answer = requests.get(f"{running.url}/recover", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_links_in_mails_come_from_the_settings_whatever_the_request_says(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.http.headers.update({"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    at.recover(person)
    at.choose(NEW)
    at.identify(person.login)
    at.send({"factor": "mailed_code"})
    running.code(person)
    assert not [mail for mail in running.mails(person.login) if "evil" in mail.text]


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:x", "/%09/evil.example", "/%5cevil.example", "///evil.example", "/../..//evil.example",
     "http:evil.example", "/\r\nX: y"],
)  # fmt: skip
def test_signing_in_never_leads_to_another_site(running: Deployment, onward: str) -> None:
    person, at = running.person(), Browser(running.url)
    at.open("/sign-in")
    fields = {"csrf_token": at.token(), "login": person.login, "password": PASSWORD}
    answer = at.http.post(f"{at.url}/sign-in", params={"next": onward}, data=fields, allow_redirects=False)
    assert answer.status_code == 302
    goes_to = answer.headers["Location"]
    assert goes_to.startswith("/") and not goes_to.startswith(("//", "/\\", "/\t"))
    assert "X" not in answer.headers


def test_the_session_gets_a_new_key_at_sign_in_and_the_old_one_is_dead(running: Deployment) -> None:
    person, at, thief = running.person(), Browser(running.url), Browser(running.url)
    at.open("/sign-in")
    planted = at.cookie()
    at.sign_in(person)
    assert at.cookie() != planted
    thief.http.cookies.set("sparekey", planted)
    assert thief.open("/account").path == "/sign-in"


def test_a_key_that_was_never_given_out_is_not_taken_over(running: Deployment) -> None:
    at = Browser(running.url)
    at.http.cookies.set("sparekey", "chosen-by-somebody-else")
    at.open("/sign-in")
    assert "chosen-by-somebody-else" not in [cookie.value for cookie in at.http.cookies if cookie.domain != ""]


def test_a_fresh_proof_gives_the_session_a_new_key_too(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.sign_in(person)
    before = at.cookie()
    at.open("/prove-again")
    at.send({"factor": "totp"})
    assert at.send({"code": person.totp()}).path == "/account"
    assert at.cookie() != before


def test_signing_out_ends_the_session_on_the_server(running: Deployment) -> None:
    person, at, thief = running.person(), Browser(running.url), Browser(running.url)
    at.sign_in(person)
    kept = at.cookie()
    at.post("/sign-out")
    thief.http.cookies.set("sparekey", kept)
    assert thief.open("/account").path == "/sign-in"


@pytest.mark.parametrize("path", ["/recover/choose", "/recover/prove/totp", "/recover/password", "/recover/stuck"])
def test_a_step_without_a_walk_leads_to_the_first(running: Deployment, path: str) -> None:
    at = Browser(running.url)
    assert at.open(path).path == "/recover"
    assert at.post(path, {"code": "1", "new_password": NEW, "new_password_again": NEW, "text": "x"}).path == "/recover"


def test_jumping_to_the_last_step_changes_nothing(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.identify(person.login)
    password = {"new_password": NEW, "new_password_again": NEW}
    for proofs in (0, 1):
        assert at.post("/recover/password", password).path == "/recover/choose"
        assert at.post("/recover/unlock").path == "/recover/choose"
        if not proofs:
            at.prove("totp", person.totp())
    assert story(running, person).intents == 0
    assert running.directory.binds(person.account.dn, PASSWORD)


def test_two_proofs_over_one_channel_count_once(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.identify(person.login)
    at.prove("recovery_code", person.codes.pop())
    assert at.post("/recover/prove/recovery_code", {"code": person.codes.pop()}).path == "/recover/choose"
    assert at.post("/recover/password", {"new_password": NEW, "new_password_again": NEW}).path == "/recover/choose"


def test_proofs_of_one_person_do_not_help_to_anothers_account(running: Deployment) -> None:
    """Mallory proves herself, then names somebody else in the same browser, and in a second one with codes of hers."""
    mallory, victim, at = running.person(), running.person(), Browser(running.url)
    at.recover(mallory)
    at.identify(victim.login)
    assert at.post("/recover/password", {"new_password": NEW, "new_password_again": NEW}).path == "/recover/choose"
    assert at.prove("totp", mallory.totp()).status == 422
    assert at.post("/recover/prove/recovery_code", {"code": mallory.codes.pop()}).status == 422
    assert running.directory.binds(victim.account.dn, PASSWORD)


def test_a_mailed_code_works_only_in_the_walk_it_was_asked_for_in(running: Deployment) -> None:
    person, mine, other = running.person(), Browser(running.url), Browser(running.url)
    for at in (mine, other):
        at.identify(person.login)
        at.send({"factor": "mailed_code"})
    running.code(person, after=1)
    codes = [mail.subject[:7] for mail in running.mails(person.recovery_mail)]
    token = mine.token()
    answers = [mine.post("/recover/prove/mailed_code", {"code": code}, token=token) for code in codes]
    foreign = next(code for code in codes if code not in _proving(answers, codes))
    assert other.send({"code": foreign}).about("step") == "choose"


def _proving(answers: list[Page], codes: list[str]) -> list[str]:
    return [code for code, page in zip(codes, answers, strict=True) if page.status != 422][:1]


def test_a_walk_of_a_sign_in_is_no_walk_of_a_recovery(running: Deployment) -> None:
    carol, at = running.person(groups=("coordinators",)), Browser(running.url)
    at.open("/sign-in")
    at.send({"login": carol.login, "password": PASSWORD})
    assert at.page.path == "/sign-in/prove"
    assert at.open("/recover/password").path == "/recover"
    at.sign_in(carol)


def test_refusals_are_on_record(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.identify(person.login)
    at.prove("totp", "000000")
    at.open("/sign-in")
    at.send({"login": person.login, "password": "wrong, but long enough"})
    found = [(entry.kind, entry.outcome, entry.reason) for entry in entries(running, person.account.id)]
    assert ("proof", "failure", "wrong_code") in found
    assert ("login", "failure", "wrong") in found
