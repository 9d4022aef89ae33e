"""More time for an account: asked for, decided by whoever answers for it, written, and only then told as done."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest

from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from portal.actions.extend_account import ExtendAccount
from portal.results import Denied, Pending
from portal.settings.worker import Hook
from portal.tickets.counter import NotAllowed
from portal.tickets.ticket import AlreadyDecided, Ticket
from tests.portal.site import Browser, Person, Site

EPOCH = date(1970, 1, 1)
WHY = "The plankton samples are counted until then."


def guest(site: Site, *, sponsor: str = "", days: int = 20) -> Person:
    last = site.clock().date() + timedelta(days=days)
    more = {"manager": sponsor} if sponsor else {}
    return site.person(shadowExpire=str((last - EPOCH).days + 1), employeeType="guest", **more)


def ends_on(site: Site, person: Person) -> date | None:
    return site.parts.accounts.read(person.account.id).state.ends_on


def ask(site: Site, person: Person, days: int = 90) -> Ticket:
    """Ask on the page for that many days more."""
    until = (ends_on(site, person) or site.clock().date()) + timedelta(days=days)
    browser = site.browser().sign_in(person).open("/ask/extend-account")
    browser.send({"choice": "other", "until": until.isoformat(), "reason": WHY})
    assert browser.result == "pending", browser.text
    site.work()
    return get(site, browser.ticket)


def get(site: Site, number: int) -> Ticket:
    with site.parts.database.read() as db:
        return site.parts.tickets.get(db, number)


def decide(browser: Browser, decision: str = "approve", **more: str) -> Browser:
    return browser.send({"reason": "She is still here.", **more}, button=decision)


def sponsored(site: Site) -> tuple[Person, Person]:
    host = site.person()
    return host, guest(site, sponsor=host.account.dn)


def link(site: Site, host: Person) -> str:
    mail = next(m for m in reversed(site.mails(f"{host.login}@")) if "/approvals/" in m.text)
    found = re.search(r"/approvals/\S+", mail.text)
    assert found
    return found.group()


def test_the_page_shows_both_ends_the_rule_and_who_decides_before_anything_is_sent(site: Site) -> None:
    host, person = sponsored(site)
    page = site.browser().sign_in(person).open("/ask/extend-account")
    assert host.account.name in page.page.get_text()
    assert "At most 184 days at a time" in page.text
    assert str((ends_on(site, person) or date.min) + timedelta(days=30)) in str(page.main)


def test_whoever_answers_for_the_account_approves_it_and_then_it_is_written(site: Site) -> None:
    host, person = sponsored(site)
    old = ends_on(site, person)
    assert old
    ticket = ask(site, person)
    assert ends_on(site, person) == old
    browser = site.browser().sign_in(host).open("/approvals")
    assert person.account.name in browser.text
    decide(browser.open(f"/approvals/{ticket.number}"))
    assert browser.result == "done" and ends_on(site, person) == old  # approved is not yet applied
    assert get(site, ticket.number).status == "approved"
    site.work()
    assert ends_on(site, person) == old + timedelta(days=90)
    assert get(site, ticket.number).status == "fulfilled"
    assert any("extended" in m.subject for m in site.mails(f"{person.login}@example.org"))
    assert ("account_extend", "outcome", "success", "") in site.entries(person)


def test_the_link_in_the_mail_decides_only_by_its_button_and_only_once(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    path = link(site, host)
    for _ in range(3):  # as mail scanners do
        assert site.browser().open(path).status == 200
    assert get(site, ticket.number).status == "open"
    assert decide(site.browser().open(path)).result == "done"
    assert site.browser().open(path).status == 410
    assert site.browser().open(path[:-4]).status == 404
    assert site.browser().open(path.replace(f"/{ticket.number}/", f"/{ticket.number + 1}/")).status == 404


def test_a_decider_may_shorten_and_never_lengthen(site: Site) -> None:
    host, person = sponsored(site)
    old = ends_on(site, person)
    assert old
    ticket = ask(site, person, 90)
    browser = site.browser().sign_in(host).open(f"/approvals/{ticket.number}")
    assert decide(browser, until=(old + timedelta(days=91)).isoformat()).status == 422
    assert decide(browser, until=old.isoformat()).status == 422
    assert decide(browser, until=(old + timedelta(days=10)).isoformat()).result == "done"
    site.work()
    assert ends_on(site, person) == old + timedelta(days=10)


def test_a_refusal_needs_a_reason_which_the_requester_reads(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    browser = site.browser().sign_in(host).open(f"/approvals/{ticket.number}")
    assert browser.send({"reason": ""}, button="refuse").status == 422
    decide(browser, "refuse", reason="The project is over.")
    site.work()
    assert get(site, ticket.number).status == "refused"
    assert any("The project is over." in m.text for m in site.mails(f"{person.login}@example.org"))


def test_who_answers_a_page_that_is_past_is_told_and_not_sent_away(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    late = site.browser().sign_in(host).open(f"/approvals/{ticket.number}")
    decide(site.browser().open(link(site, host)), "refuse")
    assert decide(late).status == 409 and "Somebody was quicker" in late.text
    assert get(site, ticket.number).status == "refused"


def test_nobody_decides_for_himself_nor_in_a_circle_nor_without_being_asked(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    stranger = site.person()
    for who in (person, stranger):
        assert site.browser().sign_in(who).open(f"/approvals/{ticket.number}").status == 403
    with pytest.raises(NotAllowed):
        site.parts.approvals.approve(person.principal(at=site.clock()), ticket.number, ticket.version, "me")
    site.directory.replace(host.account.dn, {"manager": person.account.dn})
    again = guest(site, sponsor=host.account.dn)
    assert ask(site, again).queue == "sponsor"
    site.directory.replace(host.account.dn, {"manager": again.account.dn})
    other = site.parts.sponsors.stages(("sponsor",), again.account)
    assert other[0]["queue"] == "coordinators"


@pytest.mark.parametrize("sponsor", ["", "uid=nobody,ou=people,dc=example,dc=org"])
def test_where_nobody_is_named_the_service_desk_decides(site: Site, sponsor: str) -> None:
    person = guest(site, sponsor=sponsor)
    ticket = ask(site, person)
    assert ticket.queue == "coordinators"
    carol = site.person(groups=("coordinators",))
    browser = site.browser().sign_in(carol).prove(carol, "totp").open(f"/desk/tickets/{ticket.number}")
    assert browser.path == f"/approvals/{ticket.number}"
    decide(browser)
    site.work()
    assert get(site, ticket.number).status == "fulfilled"


def test_two_stages_decide_in_turn(site: Site) -> None:
    host, person = sponsored(site)
    rule = site.parts.settings.rules["extend_account"].model_copy(update={"approval": ("sponsor", "coordinators")})
    site.parts.settings.rules["extend_account"] = rule
    try:
        ticket = ask(site, person)
        decide(site.browser().sign_in(host).open(f"/approvals/{ticket.number}"))
        passed = get(site, ticket.number)
        assert (passed.status, passed.queue, passed.stage) == ("open", "coordinators", 1)
        late = site.browser().sign_in(host).open(f"/approvals/{ticket.number}")
        assert late.status == 410 and "Somebody has decided" in late.text
        carol = site.person(groups=("coordinators",))
        decide(site.browser().sign_in(carol).prove(carol, "totp").open(f"/approvals/{ticket.number}"))
        site.work()
        assert get(site, ticket.number).status == "fulfilled"
    finally:
        site.parts.settings.rules["extend_account"] = rule.model_copy(update={"approval": ("sponsor",)})


def test_two_who_decide_at_once_the_second_is_told(site: Site) -> None:
    person = guest(site)
    ticket = ask(site, person)
    roles = frozenset({"coordinator"})
    staff = [site.person().principal(at=site.clock(), roles=roles) for _ in range(4)]
    start, ends = Barrier(len(staff)), []

    def go(n: int) -> None:
        start.wait()
        step = site.parts.approvals.approve if n % 2 else site.parts.approvals.refuse
        try:
            step(staff[n], ticket.number, ticket.version, "because")
            ends.append("decided")
        except AlreadyDecided:
            ends.append("told")

    threads = [Thread(target=go, args=(n,)) for n in range(len(staff))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["decided", "told", "told", "told"]


def test_a_directory_that_is_down_when_it_is_to_be_written_gets_it_later(
    site: Site, monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    host, person = sponsored(site)
    old = ends_on(site, person)
    assert old
    ticket = ask(site, person)
    decide(site.browser().sign_in(host).open(f"/approvals/{ticket.number}"))

    def down(*_: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as away:
        away.setattr(LdapDirectory, "set_end_date", down)
        site.work()
    assert get(site, ticket.number).status == "approved" and ends_on(site, person) == old
    later(minutes=20)
    site.work()
    assert get(site, ticket.number).status == "fulfilled"
    assert ends_on(site, person) == old + timedelta(days=90)


def test_what_cannot_be_written_any_more_becomes_work_for_people(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    decide(site.browser().sign_in(host).open(f"/approvals/{ticket.number}"))
    site.directory.replace(person.account.dn, {"pwdAccountLockedTime": "000001010000Z"})  # disabled meanwhile
    site.work()
    given = get(site, ticket.number)
    assert (given.status, given.queue, given.reason) == ("open", "coordinators", "disabled")


def test_a_sponsor_who_has_left_decides_nothing_with_an_old_link(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    path = link(site, host)
    assert site.browser().open(path).status == 200
    site.directory.replace(host.account.dn, {"pwdAccountLockedTime": "000001010000Z"})
    browser = site.browser().open(path)
    assert browser.status == 403 and not browser.forms
    assert get(site, ticket.number).status == "open"


def test_the_service_desk_cannot_take_what_a_sponsor_has_to_decide(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    carol = site.person().principal(at=site.clock(), roles=frozenset({"coordinator"}))
    with pytest.raises(NotAllowed):
        site.parts.counter.take(carol, ticket.number, ticket.version)
    assert site.browser().open(link(site, host)).status == 200


def test_a_version_that_is_no_number_is_refused(site: Site) -> None:
    host, person = sponsored(site)
    ask(site, person)
    for version in ("²", "9" * 30, ""):
        browser = site.browser().open(link(site, host))
        assert decide(browser, version=version).status == 400


def test_a_hook_is_asked_before_what_was_approved_is_written(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    host, person = sponsored(site)
    old = ends_on(site, person)
    ticket = ask(site, person)
    decide(site.browser().sign_in(host).open(f"/approvals/{ticket.number}"))
    no = Hook(name="no", when="before", command=("/bin/false",))
    monkeypatch.setattr(site.parts.hooks, "_hooks", (no,))
    site.work()
    given = get(site, ticket.number)
    assert (given.status, given.reason, ends_on(site, person)) == ("open", "refused_by_hook", old)


def test_an_account_that_has_ended_is_extended_from_today(site: Site) -> None:
    host = site.person()
    person = guest(site, sponsor=host.account.dn, days=-5)
    today = site.clock().date()
    wish = ExtendAccount(account_id=person.account.id, until=today + timedelta(days=30), reason=WHY)
    account = site.parts.accounts.read(person.account.id)
    result = site.parts.desk.submit(person.principal(at=site.clock()), wish, account)
    assert isinstance(result, Pending)
    ticket = get(site, result.ticket)
    decide(site.browser().sign_in(host).open(f"/approvals/{ticket.number}"))
    site.work()
    assert ends_on(site, person) == today + timedelta(days=30)


def test_a_date_beyond_the_rule_is_refused_by_the_desk_itself(site: Site) -> None:
    _, person = sponsored(site)
    wish = ExtendAccount(account_id=person.account.id, until=site.clock().date() + timedelta(days=3000), reason=WHY)
    result = site.parts.desk.submit(person.principal(at=site.clock()), wish)
    assert isinstance(result, Denied) and result.reason == "extension_too_far"


def test_whoever_asks_too_early_is_told_from_when_on(site: Site) -> None:
    person = guest(site, days=100)
    page = site.browser().sign_in(person).open("/ask/extend-account")
    assert "You can ask from" in page.text and page.status == 200
