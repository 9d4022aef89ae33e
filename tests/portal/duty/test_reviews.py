"""Sponsors are asked again and again whether their people still need the account, and silence is not the answer."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.settings.duty import Reviews
from tests.portal.site import MovableClock, Person, Site
from tests.portal.test_approvals import EPOCH, get

Later = Callable[..., None]


@pytest.fixture(autouse=True)
def morning(clock: MovableClock) -> None:
    clock.now = clock.now.replace(hour=8, minute=30) + timedelta(days=400)  # everybody was made long before


@pytest.fixture
def asked(site: Site) -> Callable[..., list[Person]]:
    """Some people of one sponsor, of a kind of their own, and one pass of the worker."""

    def play(sponsor: Person | None, *, kind: str, silence: str = "ticket", days: int = 90) -> list[Person]:
        site.parts.duty.reviews._settings = Reviews.model_validate(
            {"months": 6, "kinds": [kind], "answer_days": 20, "silence": silence}
        )
        last = str((site.clock().date() + timedelta(days=days) - EPOCH).days + 1)
        manager = sponsor.account.dn if sponsor else f"uid=nobody,{site.directory.people_base}"
        more = {"shadowExpire": last} if days else {}
        people = [site.person(employeeType=kind, manager=manager, **more) for _ in range(3)]
        run(site)
        return people

    return play


def run(site: Site) -> None:
    for _ in range(2):  # and the second pass of the day, or another worker, does nothing more
        site.parts.duty.reviews._done_on = None
        site.parts.duty.reviews.run()
    site.work()


def subjects(site: Site, who: Person) -> list[str]:
    return [mail.subject for mail in site.mails(f"{who.login}@example.org")]


def new_kind() -> str:
    return f"visitor-{secrets.token_hex(4)}"  # nobody else's people


def test_one_mail_for_all_and_answers_for_several_at_once_on_record(
    site: Site, asked: Callable[..., list[Person]], later: Later
) -> None:
    host = site.person()
    people = asked(host, kind=new_kind())
    assert subjects(site, host) == ["Are 3 accounts still needed?"]
    browser = site.browser().sign_in(host).open("/sponsored")
    assert "Are 3 accounts still needed?" in browser.text
    browser.open("/sponsored/review").send({"person": [p.account.id for p in people[:2]]}, button="kept")
    assert "2 of 3 answered" in browser.text
    assert browser.send({"person": [people[2].account.id], "reason": ""}, button="ends").status == 422
    browser.send({"person": [people[2].account.id], "reason": "Gone home."}, button="ends")
    assert "Nothing to answer" in browser.text
    with site.parts.database.read() as db:
        assert site.parts.lapses.among(db, [people[2].account]) == {people[2].account.id}
    assert ("review_answered", "record", "success", "kept") in site.entries(people[0])
    assert ("review_answered", "record", "success", "ends") in site.entries(people[2])
    later(days=30)
    run(site)
    assert len(subjects(site, host)) == 1


def test_a_substitute_is_asked_and_answers_while_the_sponsor_is_away(
    site: Site, asked: Callable[..., list[Person]], later: Later
) -> None:
    host, other, today = site.person(), site.person(), site.clock().date()
    away = host.principal(at=site.clock())
    site.parts.absences.name(away, other.account, today, today + timedelta(days=9))
    people = asked(host, kind=new_kind())
    assert (subjects(site, host), subjects(site, other)) == ([], ["Are 3 accounts still needed?"])
    browser = site.browser().sign_in(other).open("/sponsored/review")
    browser.send({"person": [p.account.id for p in people[:2]]}, button="kept")
    assert "2 of 3 answered" in browser.text
    assert ("review_answered", "record", "success", "kept") in site.entries(people[0])
    later(days=10)
    assert "Nothing to answer" in site.browser().sign_in(other).open("/sponsored/review").text
    with site.parts.database.read() as db:
        states = {one.account_id: one.state for one in site.parts.duty.reviews.of(db, host.account.id)}
    assert states[people[2].account.id] == "asked"


def test_whoever_says_nothing_is_reminded_once_and_then_the_service_desk_looks(
    site: Site, asked: Callable[..., list[Person]], later: Later
) -> None:
    host = site.person()
    people = asked(host, kind=new_kind())
    site.browser().sign_in(host).open("/sponsored/review").send({"person": [people[0].account.id]}, button="kept")
    for _ in range(25):
        later(days=1)
        run(site)
    assert subjects(site, host)[:2] == ["Are 3 accounts still needed?", "Still to answer: are 2 accounts needed?"]
    ticket = get(site, 1)
    assert (ticket.reason, ticket.claim) == ("review_unanswered", host.login)
    assert people[1].login in ticket.text and people[0].login not in ticket.text
    assert ("review_answered", "record", "success", "silent") in site.entries(people[1])
    with pytest.raises(Exception, match="2"):
        get(site, 2)


def test_after_its_months_everybody_is_asked_about_anew(
    site: Site, asked: Callable[..., list[Person]], later: Later
) -> None:
    host = site.person()
    asked(host, kind=new_kind(), silence="stand", days=600)
    for _ in range(8):
        later(days=25)
        run(site)
    assert [one for one in subjects(site, host) if one.startswith("Are")] == ["Are 3 accounts still needed?"] * 2


def test_accounts_that_name_nobody_go_to_the_service_desk_as_one_ticket(
    site: Site, asked: Callable[..., list[Person]]
) -> None:
    people = asked(None, kind=new_kind())
    ticket = get(site, 1)
    assert ticket.reason == "review_no_sponsor" and all(one.login in ticket.text for one in people)


def test_nobody_answers_for_people_of_another(site: Site, asked: Callable[..., list[Person]]) -> None:
    host, other = site.person(), site.person()
    (person, *_) = asked(host, kind=new_kind())
    browser = site.browser().sign_in(other).open("/sponsored/review")
    token = str(browser.page.select_one("[name=csrf_token]")["value"])  # type: ignore[index]
    fields = {"person": person.account.id, "decision": "kept", "csrf_token": token}
    site_answer = browser.client.post("/sponsored/review", data=fields)
    assert site_answer.status_code in (302, 303)
    with site.parts.database.read() as db:
        assert all(one.state == "asked" for one in site.parts.duty.reviews.of(db, host.account.id))


def test_an_account_without_an_end_that_nobody_needs_becomes_a_ticket(
    site: Site, asked: Callable[..., list[Person]]
) -> None:
    host = site.person()
    (person, *_) = asked(host, kind=new_kind(), days=0)
    browser = site.browser().sign_in(host).open("/sponsored/review")
    browser.send({"person": [person.account.id], "reason": "Gone."}, button="ends")
    assert get(site, 1).reason == "review_no_need"
