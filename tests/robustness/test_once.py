"""What counts once counts once: replayed, expired, sent by many at the same time, decided by two."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.demo.mail import Mailbag
from portal.parts import utc_now
from portal.tables import ticket
from tests.portal.site import MovableClock, Site
from tests.robustness.browser import Browser, Page
from tests.robustness.killing import LONG_AGO, NEW
from tests.robustness.record import entries, story, verify_inside, wait_until_sealed
from tests.servers.deployment import Deployment, Person, deployment
from tests.servers.people import PASSWORD
from tests.servers.slapd import Slapd

AT_ONCE = 8
STEP = 30


@pytest.fixture
def site(slapd_server: Slapd) -> Iterator[Site]:
    """The portal in this process, with a clock that can be moved."""
    with deployment(slapd_server) as made:
        bag: Mailbag = made.mailbag
        inside = Site(made.settings(), MovableClock(utc_now()), bag, slapd_server)
        yield inside
        inside.close()


def _all_at_once(pages: Callable[[int], Page]) -> list[Page]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(pages, range(AT_ONCE)))


def _waiting_for(made: Deployment, person: Person, factor: str) -> tuple[Browser, str]:
    """Somebody on the page that asks for this proof, and the right answer."""
    at = Browser(made.url)
    at.identify(person.login)
    at.send({"factor": factor})
    if factor == "mailed_code":
        return at, made.code(person)
    return at, person.totp() if factor == "totp" else person.codes.pop()


@pytest.mark.parametrize("factor", ["totp", "recovery_code", "mailed_code"])
def test_one_code_sent_by_eight_at_once_counts_once(running: Deployment, factor: str) -> None:
    person = running.person()
    at, code = _waiting_for(running, person, factor)
    token = at.token()
    _all_at_once(lambda _: at.post(f"/recover/prove/{factor}", {"code": code}, token=token))
    proved = [e for e in entries(running, person.account.id) if (e.kind, e.outcome) == ("proof", "success")]
    assert len(proved) == 1


@pytest.mark.parametrize("factor", ["totp", "recovery_code"])
def test_a_code_used_in_one_walk_is_spent_in_every_other(running: Deployment, factor: str) -> None:
    person = running.person()
    at, code = _waiting_for(running, person, factor)
    assert at.send({"code": code}).about("step") == "choose"
    other, _ = _waiting_for(running, person, factor)
    assert other.send({"code": code}).status == 422


def test_a_mailed_code_does_not_work_a_second_time(running: Deployment) -> None:
    person = running.person()
    at, code = _waiting_for(running, person, "mailed_code")
    form = at.page
    assert at.send({"code": code}).about("step") == "choose"
    at.page = form
    assert at.send({"code": code}).path == "/recover/choose"  # that channel is done; nothing is taken twice
    proved = [e for e in entries(running, person.account.id) if (e.kind, e.outcome) == ("proof", "success")]
    assert len(proved) == 1


def test_a_new_mailed_code_makes_the_old_one_useless(running: Deployment) -> None:
    person = running.person()
    at, old = _waiting_for(running, person, "mailed_code")
    at.send(action="/recover/prove/mailed_code/again")
    new = running.code(person, after=1)
    if old != new:
        assert at.send({"code": old}).status == 422
    assert at.send({"code": new}).about("step") == "choose"


def test_the_last_form_sent_twice_at_once_has_one_effect(running: Deployment) -> None:
    person, at = running.person(pwdChangedTime=LONG_AGO), Browser(running.url)
    at.recover(person)
    token, fields = at.token(), {"new_password": NEW, "new_password_again": NEW}
    _all_at_once(lambda _: at.post("/recover/password", fields, token=token))
    assert story(running, person).outcomes.count("success") == 1
    assert running.directory.binds(person.account.dn, NEW)


def test_two_different_passwords_at_once_are_one_change(running: Deployment) -> None:
    """Proofs are good for one change; which of the two came first does not matter."""
    person, at = running.person(pwdChangedTime=LONG_AGO), Browser(running.url)
    at.recover(person)
    token, wishes = at.token(), [f"{NEW}-{number}" for number in range(AT_ONCE)]
    pages = _all_at_once(
        lambda n: at.post(
            "/recover/password", {"new_password": wishes[n], "new_password_again": wishes[n]}, token=token
        )
    )
    assert "done" in {page.about("result") for page in pages} <= {"done", None}  # None: too late, back at the start
    told_first = sorted(zip(pages, wishes, strict=True), key=lambda one: one[0].about("result") != "done")
    assert sum(running.directory.binds(person.account.dn, wish) for _, wish in told_first) == 1  # five wrong ones lock
    assert story(running, person).outcomes == ("success",)
    assert len(running.mails(person.recovery_mail)) <= 1


def test_after_the_change_the_walk_is_over(running: Deployment) -> None:
    person, at = running.person(), Browser(running.url)
    at.recover(person)
    form = at.page
    assert at.choose(NEW).about("result") == "done"
    at.page = form
    assert at.choose(f"{NEW}-2").path == "/recover"
    assert running.directory.binds(person.account.dn, NEW)


def test_a_password_change_kills_every_open_walk_code_and_session(running: Deployment) -> None:
    person = running.person()
    half_way, code = _waiting_for(running, person, "mailed_code")
    signed_in, at = Browser(running.url), Browser(running.url)
    signed_in.sign_in(person)
    at.recover(person)
    at.choose(NEW)
    assert half_way.send({"code": code}).path == "/recover"
    assert signed_in.open("/account").path == "/sign-in"


@pytest.mark.parametrize("path", ["/recover/stuck", "/ask/anything-else"])
def test_one_wish_sent_by_eight_at_once_is_one_ticket(running: Deployment, path: str) -> None:
    person, at = running.person(), Browser(running.url)
    if path == "/recover/stuck":
        at.identify(person.login)
    else:
        at.sign_in(person)
    at.open(path)
    token, before = at.token(), _tickets(running)
    fields = {"subject": "The door is locked", "text": "I have lost everything."}
    _all_at_once(lambda _: at.post(path, fields, token=token))
    assert _tickets(running) == before + 1


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(running: Deployment) -> None:
    number = _open_ticket(running)
    desks = [Browser(running.url), Browser(running.url)]
    for at in desks:
        at.sign_in(running.person(groups=("coordinators",)))
        at.open(f"/desk/tickets/{number}")
    forms = [at.page.filled({"reason": "Done by hand."}) for at in desks]
    with ThreadPoolExecutor(2) as pool:
        pages = list(
            pool.map(lambda n: Page(desks[n].http.post(forms[n][0], data=forms[n][1] | _decision(n))), range(2))
        )
    assert sorted(page.status for page in pages) == [200, 409]
    late = next(page for page in pages if page.status == 409)
    assert late.tree.h1 is not None and "Somebody was quicker" in late.text


def _decision(number: int) -> dict[str, str]:
    return {"decision": ("approve", "refuse")[number]}


def test_nobody_decides_their_own_ticket(running: Deployment) -> None:
    carol, at = running.person(groups=("coordinators",)), Browser(running.url)
    at.sign_in(carol)
    at.open("/ask/anything-else")
    number = at.send({"subject": "Mine", "text": "Please."}).about("ticket")
    fields = {"decision": "approve", "reason": "I say so.", "version": "1"}
    assert at.post(f"/desk/tickets/{number}/decide", fields, token=_any_token(at)).status == 403


def _any_token(at: Browser) -> str:
    at.open("/ask/anything-else")
    return at.token()


def test_an_expired_mailed_code_is_refused(site: Site) -> None:
    person, at = site.person(), site.browser()
    at.open("/recover").send({"login": person.login})
    at.send({"factor": "mailed_code"})
    site.work()
    site.clock.move(timedelta(minutes=site.settings.recovery.code_minutes, seconds=1))
    assert at.send({"code": site.code(person)}).status == 422


def test_an_expired_walk_begins_anew_whatever_was_proved(site: Site) -> None:
    person, at = site.person(), site.browser()
    at.recover(person)
    site.clock.move(timedelta(minutes=site.settings.recovery.minutes, seconds=1))
    assert at.send({"new_password": NEW, "new_password_again": NEW}).path == "/recover"
    assert site.binds(person, PASSWORD)


def test_a_code_of_the_phone_counts_for_a_step_either_way_and_no_longer(site: Site) -> None:
    person, shown = site.person(), utc_now()
    site.clock.now = shown.replace(second=0, microsecond=0)
    digits = site.totp(person)
    for steps, status in ((2, 422), (1, 200)):
        site.clock.move(timedelta(seconds=STEP * steps))
        at = site.browser()
        at.open("/recover").send({"login": person.login})
        site.work()
        at.send({"factor": "totp"})
        assert at.send({"code": digits}).status == status
        site.clock.move(timedelta(seconds=-STEP * steps))


def test_after_a_jump_back_of_the_clock_an_old_code_stays_spent(site: Site) -> None:
    person = site.person()
    site.browser().recover(person, "totp")
    spent = site.totp(person)
    site.clock.move(timedelta(hours=-1))
    at = site.browser()
    at.open("/recover").send({"login": person.login})
    site.work()
    at.send({"factor": "totp"})
    assert at.send({"code": spent}).status == 422
    assert at.send({"code": site.totp(person)}).status == 422  # older than the newest accepted


def test_after_it_all_the_record_is_sound(running: Deployment) -> None:
    assert Browser(running.url).sign_in(running.person()).path == "/account"  # an entry, if this test came here alone
    wait_until_sealed(running)
    assert "OK" in verify_inside(running)


def _tickets(made: Deployment) -> int:
    with made.parts().database.read() as db:
        return int(db.execute(select(func.count()).select_from(ticket)).scalar_one())


def _open_ticket(made: Deployment) -> str:
    person, at = made.person(), Browser(made.url)
    at.identify(person.login)
    at.open("/recover/stuck")
    page = at.send({"text": "I have lost everything."})
    found = re.match(r"/tickets/(\d+)/", page.path)
    assert found
    return found[1]
