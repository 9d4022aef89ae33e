"""The mail server is down, refuses, or says nothing; the worker is down: mail is late, never lost, never doubled."""

import socket
import time
from collections.abc import Iterator

import pytest
import requests

from tests.robustness.browser import Browser
from tests.robustness.killing import NEW
from tests.servers.deployment import Deployment, Person, deployment
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd


@pytest.fixture(scope="module")
def made(slapd_server: Slapd) -> Iterator[Deployment]:
    with deployment(slapd_server) as installed:
        installed.start()
        yield installed


def test_a_code_asked_for_while_mail_is_down_arrives_when_it_is_back(made: Deployment) -> None:
    person, at = made.person(), Browser(made.url)
    made.mail_down()
    try:
        at.identify(person.login)
        assert at.send({"factor": "mailed_code"}).status == 200
        wait_until(lambda: _tried(made), seconds=10, what="a try")
    finally:
        made.mail_up()
    assert at.send({"code": made.code(person, seconds=30)}).about("step") == "choose"


def test_a_notice_is_neither_lost_nor_doubled_when_mail_comes_back(made: Deployment) -> None:
    person, at = made.person(), Browser(made.url)
    made.mail_down()
    try:
        at.recover(person)
        assert at.choose(NEW).about("result") == "done"
        wait_until(lambda: _tried(made), seconds=10, what="a try")
    finally:
        made.mail_up()
    wait_until(lambda: _waiting(made) == 0, seconds=40, what="an empty outbox")
    assert [len(made.mails(a)) for a in (person.recovery_mail, f"{person.login}@example.org")] == [1, 1]


def test_a_mail_server_that_says_nothing_does_not_hold_up_those_who_need_no_mail(made: Deployment) -> None:
    """Eight people wait for a mail that cannot be sent; somebody with a phone still gets through in time."""
    crowd, person, port = [made.person() for _ in range(8)], made.person(), made.sink.port
    made.mail_down()
    with socket.create_server(("127.0.0.1", port)):  # takes connections and never says a word
        for other in crowd:
            at = Browser(made.url)
            at.identify(other.login)
            at.send({"factor": "mailed_code"})
        time.sleep(1)  # now the worker is waiting for the mail server
        at = Browser(made.url)
        at.identify(person.login)
        at.send({"factor": "totp"})
        page = at.send({"code": person.totp()})
    made.mail_up()
    assert page.status == 200, page.text
    assert page.seconds < 2
    for other in crowd:
        made.code(other, seconds=60)


def test_a_mail_refused_for_good_is_shown_as_stuck(made: Deployment) -> None:
    port = made.sink.port
    made.mail_down()
    with socket.create_server(("127.0.0.1", port)) as refusing:
        at, person = Browser(made.url), made.person()
        at.identify(person.login)
        at.send({"factor": "mailed_code"})
        refusing.settimeout(10)
        connection, _ = refusing.accept()
        connection.sendall(b"554 go away\r\n")
        connection.close()
        wait_until(lambda: _state(made)["outbox_stuck"] == 1, seconds=10, what="a stuck row")
    made.mail_up()
    assert "sparekey_outbox_stuck 1.0" in requests.get(f"{made.url}/metrics", timeout=5).text


def test_without_a_worker_pages_answer_and_it_catches_up(made: Deployment) -> None:
    person, at = made.person(), Browser(made.url)
    made.kill_worker()
    assert at.identify(person.login).about("step") == "choose"
    assert at.send({"factor": "totp"}).about("step") == "prove"
    page = at.send({"code": person.totp()})
    assert page.status == 503
    assert page.seconds < 4
    made.start_worker()
    wait_until(lambda: _proves(at, person), seconds=20, what="the worker")


def _proves(at: Browser, person: Person) -> bool:
    at.open("/recover/prove/totp")
    return at.send({"code": person.totp()}).about("step") == "choose"


def _state(made: Deployment) -> dict[str, int]:
    found: dict[str, int] = requests.get(f"{made.url}/readyz", timeout=5).json()
    return found


def _waiting(made: Deployment) -> int:
    return _state(made)["outbox_waiting"]


def _tried(made: Deployment) -> bool:
    return '"not_delivered"' in made.logs()
