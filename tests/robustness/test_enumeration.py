"""Without a sign-in nobody can tell an account that exists from one that does not, by what the pages say."""

import re
from collections.abc import Callable

import pytest
import requests

from tests.robustness.browser import Browser
from tests.robustness.classes import MAKERS, ORDINARY, one_of_each
from tests.servers.deployment import Deployment
from tests.servers.people import PASSWORD

OTHERS = sorted(MAKERS.keys() - {ORDINARY})
Answers = list[tuple[str, int, dict[str, str], str]]


class Listener:
    """Keeps every answer, redirects too, without what differs from one session or minute to the next."""

    def __init__(self, made: Deployment) -> None:
        self.at = Browser(made.url)
        self.at.http.hooks["response"].append(self._keep)
        self.heard: Answers = []

    def _keep(self, answer: requests.Response, **_: object) -> None:
        request = f"{answer.request.method} {_plain(answer.request.path_url)}"
        headers = {name.lower(): value for name, value in answer.headers.items()}
        for name in ("date", "content-length"):
            headers.pop(name, None)
        headers["set-cookie"] = re.sub(r"^sparekey=[^;]*", "sparekey=", headers.get("set-cookie", ""))
        headers["location"] = _plain(headers.get("location", ""))
        self.heard.append((request, answer.status_code, headers, _plain(answer.text)))


def _plain(text: str) -> str:
    text = re.sub(r'(<input[^>]*name="csrf_token"[^>]*value=")[^"]+', r"\1", text)
    text = re.sub(r"/tickets/\d+/[0-9a-f]{32}", "/tickets/N/KEY", text)
    text = re.sub(r"(data-ticket=\"|#|[Tt]icket )\d+", r"\1N", text)
    text = re.sub(r'datetime="[^"]+"', "", text)
    return re.sub(r"\d{1,2}:\d{2}(?::\d{2})?( [AP]M)?", "TIME", text)


def _recover(at: Browser, login: str) -> None:
    """Every page of the walk, with every kind of wrong answer."""
    at.identify(login)
    at.send({"factor": "mailed_code"})
    at.send({"code": "000000"})
    at.send(action="/recover/prove/mailed_code/again")
    for factor, code in (("totp", "000000"), ("recovery_code", "aaaa-bbbb-cccc-dddd"), ("totp", "")):
        at.open("/recover/choose")
        at.prove(factor, code)
    at.open("/recover/password")
    at.page = at.post("/recover/unlock")
    at.open("/recover/stuck")
    at.send({"text": ""})
    at.send({"text": "I have lost everything."})


def _login_name(at: Browser, login: str) -> None:
    at.open("/recover/login-name")
    at.send({"address": f"{login}@example.org"})


def _wrong_sign_in(at: Browser, login: str) -> None:
    at.open("/sign-in")
    at.send({"login": login, "password": "wrong, but long enough"})
    at.send({"login": f"{login}@example.org", "password": "wrong again"})


def _same(mine: Answers, expected: Answers, who: str) -> None:
    """Say in which line they differ, if they do."""
    assert [answer[:3] for answer in mine] == [answer[:3] for answer in expected], who
    for (request, _, _, body), (_, _, _, other) in zip(mine, expected, strict=True):
        assert body.splitlines() == other.splitlines(), f"{who} at {request}"
        assert body == other


def _answers(made: Deployment, walk: Callable[[Browser, str], None], login: str) -> Answers:
    listener = Listener(made)
    walk(listener.at, login)
    assert not any(login in body for _, _, _, body in listener.heard if 'id="login"' not in body)
    return [(r, s, h, b.replace(login, "LOGIN")) for r, s, h, b in listener.heard]


@pytest.mark.parametrize("walk", [_recover, _login_name, _wrong_sign_in])
def test_every_kind_of_account_gets_the_same_bytes(running: Deployment, walk: Callable[[Browser, str], None]) -> None:
    logins = one_of_each(running)
    expected = _answers(running, walk, logins.pop(ORDINARY))
    assert len(expected) >= 2
    for name, login in logins.items():
        _same(_answers(running, walk, login), expected, name)


@pytest.mark.parametrize("name", ["locked", "disabled", "ended"])
def test_the_right_password_of_a_stopped_account_looks_wrong(running: Deployment, name: str) -> None:
    login, ordinary = MAKERS[name](running), MAKERS[ORDINARY](running)

    def right(at: Browser, login: str) -> None:
        at.open("/sign-in")
        at.send({"login": login, "password": PASSWORD})

    def wrong(at: Browser, login: str) -> None:
        at.open("/sign-in")
        at.send({"login": login, "password": "wrong, but long enough"})

    _same(_answers(running, right, login), _answers(running, wrong, ordinary), name)


@pytest.mark.parametrize("spelling", [str.upper, "{}@example.org".format, "  {}".format])
def test_the_tries_left_do_not_tell_that_two_spellings_are_one_account(
    running: Deployment, spelling: Callable[[str], str]
) -> None:
    """A count shared by a login name and its address would say that both belong to somebody."""
    told = []
    for login in (MAKERS[ORDINARY](running), MAKERS["unknown"](running)):
        pages = []
        for claim in (login, spelling(login)):
            at = Browser(running.url)
            at.identify(claim)
            at.send({"factor": "totp"})
            pages.append(_plain(at.send({"code": "000000"}).text))
        told.append(pages)
    assert told[0] == told[1]
