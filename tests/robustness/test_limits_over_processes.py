"""How often is too often holds over both web processes, and says when it works again."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.robustness.browser import Browser, Page
from tests.servers.deployment import Deployment, deployment
from tests.servers.slapd import Slapd

LIMITS = """\
walks_per_source = "1000 per minute"
walks_per_claim = "5 per 10 minutes"
tries_per_account = "6 per 15 minutes"
tries_per_source = "1000 per minute"
mails_per_account = "3 per 15 minutes"
tickets_per_source = "4 per hour"
"""
AT_ONCE = 8


@pytest.fixture(scope="module")
def made(slapd_server: Slapd) -> Iterator[Deployment]:
    with deployment(slapd_server, options={"limits": LIMITS, "sign_in": "failure_milliseconds = 0\n"}) as installed:
        installed.start()
        assert len(installed.web_pids()) >= 3  # the server and its two processes
        yield installed


def _told(page: Page) -> None:
    assert page.status == 429
    assert 0 < int(page.response.headers["Retry-After"]) <= 3600
    assert "Try again at" in page.text


def _on_new_connections(made: Deployment, ask: Callable[[Browser], Page], times: int) -> list[Page]:
    """Each from another browser, so that both processes are asked."""
    return [ask(Browser(made.url)) for _ in range(times)]


def test_walks_for_one_name(made: Deployment) -> None:
    pages = _on_new_connections(made, lambda at: at.identify("somebody"), 6)
    assert [page.status for page in pages[:5]] == [200] * 5
    _told(pages[5])
    assert _on_new_connections(made, lambda at: at.identify(" SomeBody "), 1)[0].status == 429


@pytest.mark.parametrize("factor", ["totp", "recovery_code", "mailed_code"])
def test_wrong_codes_for_one_account(made: Deployment, factor: str) -> None:
    person, at = made.person(), Browser(made.url)
    at.identify(person.login)
    at.send({"factor": factor})
    token, path = at.token(), f"/recover/prove/{factor}"
    pages = [at.post(path, {"code": "000000"}, token=token) for _ in range(7)]
    assert [page.status for page in pages[:6]] == [422] * 6
    _told(pages[6])
    right = person.totp() if factor == "totp" else person.codes.pop()
    assert at.post(path, {"code": right}, token=token).status == 429, "even the right one has to wait"


def test_wrong_passwords_for_one_name_and_the_directory_is_left_alone_then(made: Deployment) -> None:
    free = f"cn=services,ou=policies,{made.directory.base}"
    login = made.directory.person(pwdPolicySubentry=free)

    def wrong(at: Browser) -> Page:
        at.open("/sign-in")
        return at.send({"login": login, "password": "wrong, but long enough"})

    pages = _on_new_connections(made, wrong, 7)
    assert [page.status for page in pages[:6]] == [422] * 6
    _told(pages[6])


def test_another_spelling_gives_no_new_tries(made: Deployment) -> None:
    """Counted in silence for the account: even the right code under another name is wrong then."""
    person, at = made.person(), Browser(made.url)
    at.identify(person.login)
    at.send({"factor": "totp"})
    for _ in range(6):
        at.send({"code": "000000"})
    other = Browser(made.url)
    other.identify(f"{person.login}@example.org")
    other.send({"factor": "totp"})
    assert other.send({"code": person.totp()}).status == 422


def test_many_at_once_get_no_more_tries_than_there_are_threads_besides(made: Deployment) -> None:
    person, at = made.person(), Browser(made.url)
    at.identify(person.login)
    at.send({"factor": "totp"})
    token = at.token()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pages = list(
            pool.map(lambda _: at.post("/recover/prove/totp", {"code": "000000"}, token=token), range(5 * AT_ONCE))
        )
    told = Counter(page.status for page in pages)
    assert set(told) == {422, 429}
    assert told[422] <= 6 + AT_ONCE


def test_codes_mailed_to_one_person_however_they_are_asked_for(made: Deployment) -> None:
    person = made.person()
    for claim in (person.login, f"{person.login}@example.org"):
        for _ in range(2):
            at = Browser(made.url)
            at.identify(claim)
            assert at.send({"factor": "mailed_code"}).status == 200  # the page tells nothing of it
            assert at.send({"code": "000000"}).status == 422
    made.code(person, after=2)
    assert len(made.mails(person.recovery_mail)) == 3


def test_tickets_from_one_address(made: Deployment) -> None:
    def stuck(at: Browser) -> Page:
        at.identify(made.directory.person())
        at.open("/recover/stuck")
        return at.send({"text": "I have lost everything."})

    pages = _on_new_connections(made, stuck, 5)
    assert [page.status for page in pages[:4]] == [200] * 4
    _told(pages[4])
