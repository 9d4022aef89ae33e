"""The installation the other tests stand on: it serves, proves, resets and signs in over HTTP."""

from tests.robustness.browser import Browser
from tests.servers.deployment import Deployment

NEW = "Blue-harbour-lantern-9"


def test_a_forgotten_password_is_reset_over_http_and_signs_in(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.recover(person)
    page = at.choose(NEW)
    assert page.about("result") == "done", page.text
    assert running.directory.binds(person.account.dn, NEW)
    person.password = NEW
    assert at.sign_in(person).path == "/account"


def test_a_mailed_code_arrives_and_proves(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.identify(person.login)
    at.send({"factor": "mailed_code"})
    assert at.send({"code": running.code(person)}).about("step") == "choose"
