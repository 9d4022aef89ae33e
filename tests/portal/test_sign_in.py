"""Signing in: the password, a second factor where it is needed, forced changes, sessions."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.keys import Keys
from portal.tables import session
from tests.portal.site import NEW, Site
from tests.servers.people import PASSWORD, State

CHANGE = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}


def test_a_password_is_enough_for_somebody_ordinary(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    assert browser.sign_in(alice).path == "/account"
    assert ("login", "record", "success", "") in site.entries(alice)


@pytest.mark.parametrize("state", [State.LOCKED, State.DISABLED, State.STOPPED, State.ENDED, State.ORDINARY])
def test_every_failed_sign_in_looks_the_same(site: Site, state: State) -> None:
    somebody, alice = site.person(state=state), site.person()
    right = PASSWORD if state is not State.ORDINARY else "wrong-" + PASSWORD
    answers = {
        site.browser().open("/sign-in").send({"login": login, "password": password}).text
        for login, password in ((somebody.login, right), (alice.login, "not-this"), ("nobody", "not-this"))
    }
    assert len(answers) == 1


def test_a_refused_sign_in_says_in_the_record_why(site: Site) -> None:
    ended = site.person(state=State.ENDED)
    site.browser().sign_in(ended)
    assert site.entries(ended)[-1] == ("login", "record", "failure", "ended")


@pytest.mark.parametrize("state", [State.MUST_CHANGE, State.GRACE, State.EXPIRED])
def test_a_password_that_must_be_changed_leads_through_the_change(site: Site, state: State) -> None:
    alice, browser = site.person(state=state), site.browser()
    assert browser.sign_in(alice).path == "/sign-in/expired"
    assert browser.send(CHANGE).path == "/account"
    assert site.binds(alice, NEW)
    assert ("password_change", "outcome", "success", "") in site.entries(alice)


def test_the_forced_change_wants_the_old_password_again(site: Site) -> None:
    alice, browser = site.person(state=State.MUST_CHANGE), site.browser()
    browser.sign_in(alice).send(CHANGE | {"password": "something-else-1"})
    assert browser.path == "/sign-in/expired"
    assert not site.binds(alice, NEW)


def test_a_coordinator_proves_more_than_a_password(site: Site) -> None:
    carol, browser = site.person(groups=("coordinators",)), site.browser()
    assert browser.sign_in(carol).step == "choose"
    assert browser.open("/desk").path == "/sign-in"
    browser.sign_in(carol).prove(carol, "totp")
    assert browser.open("/desk").status == 200


def test_the_session_gets_a_new_key_at_sign_in_and_the_old_one_is_dead(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.open("/sign-in")
    before = browser.client.get_cookie("sparekey")
    browser.send({"login": alice.login, "password": PASSWORD})
    after = browser.client.get_cookie("sparekey")
    assert before and after and before.value != after.value
    thief = site.browser()
    thief.client.set_cookie("sparekey", before.value)
    assert thief.open("/account").path == "/sign-in"


def test_who_only_looks_at_a_form_leaves_nothing_here(site: Site, later: Callable[..., None]) -> None:
    alice, browser = site.person(), site.browser()
    browser.open("/sign-in")
    given = browser.client.get_cookie("sparekey")
    with site.parts.database.read() as db:
        assert db.execute(select(func.count()).select_from(session)).scalar_one() == 0
    browser.open("/recover")
    assert browser.client.get_cookie("sparekey") == given
    assert browser.sign_in(alice).path == "/account"
    with site.parts.database.read() as db:
        assert db.execute(select(func.count()).select_from(session)).scalar_one() == 1


@pytest.mark.parametrize("how", ["altered", "too old", "of another portal"])
def test_a_form_is_believed_by_its_own_cookie_only(site: Site, later: Callable[..., None], how: str) -> None:
    alice, browser = site.person(), site.browser()
    browser.open("/sign-in")
    given = browser.client.get_cookie("sparekey")
    assert given
    content, _dot, signature = given.value.partition(".")
    if how == "too old":
        later(minutes=121)
    elif how == "altered":
        browser.client.set_cookie("sparekey", f"{content[:-2]}AA.{signature}")
    else:
        browser.client.set_cookie("sparekey", Keys("x" * 32).sign("stranger", [{"csrf_token": "0" * 40}, 2**40]))
    browser.send({"login": alice.login, "password": PASSWORD})
    assert (browser.status, browser.path) != (200, "/account")
    assert browser.open("/account").path == "/sign-in"


def test_a_session_ends_when_idle_and_after_its_longest_time(site: Site, later: Callable[..., None]) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice)
    later(minutes=61)
    assert browser.open("/account").path == "/sign-in"
    browser.sign_in(alice)
    for _ in range(13):
        later(minutes=58)
        browser.open("/account")
    assert browser.path == "/sign-in"


def test_signing_out_kills_the_session(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice)
    cookie = browser.client.get_cookie("sparekey")
    assert cookie
    out = browser.page.select_one("form[action='/sign-out']")
    assert out
    token = out.select_one("input[name=csrf_token]")
    assert token
    browser.client.post("/sign-out", data={"csrf_token": token["value"]})
    browser.client.set_cookie("sparekey", cookie.value)
    assert browser.open("/account").path == "/sign-in"


def test_after_too_many_wrong_passwords_the_portal_slows_down(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    for _ in range(10):
        browser.open("/sign-in").send({"login": "nobody-" + alice.login, "password": "wrong"})
    browser.open("/sign-in").send({"login": "NOBODY-" + alice.login + " ", "password": "wrong"})
    assert browser.status == 429
    assert int(browser.answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("wish", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_sign_in(site: Site, wish: str) -> None:
    alice, browser = site.person(), site.browser()
    browser.open("/sign-in", query_string={"next": wish})
    answer = browser.client.post(
        "/sign-in",
        query_string={"next": wish},
        data={
            "login": alice.login,
            "password": PASSWORD,
            "csrf_token": browser.forms[0].select_one("input[name=csrf_token]")["value"],  # type: ignore[index]
        },
    )
    assert answer.headers["Location"] == "/account"
