"""Whoever answers for others sees them all and extends several at once, each through the desk and each on record."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from audit import reading
from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from portal.actions.extend_account import ExtendAccount
from portal.actions.let_lapse import LetLapse
from portal.results import Denied, Failed, Pending
from tests.portal.site import Browser, Person, Site
from tests.portal.test_approvals import ask as wish_for
from tests.portal.test_approvals import ends_on, get, guest, sponsored

WHY = "They teach until then."


def plan(browser: Browser, people: list[Person], *, days: int = 60, decision: str = "extend") -> Browser:
    """Tick these people and ask what would change; the date counts from today."""
    until = browser.site.clock().date() + timedelta(days=days)
    browser.open("/sponsored")
    ids = [person.account.id for person in people]
    return browser.send({"person": ids, "until": until.isoformat(), "reason": WHY}, button=decision)


def sure(browser: Browser) -> Browser:
    return browser.send({"shown": [str(i["value"]) for i in browser.forms[0].select("[name=shown]")]})


def on(site: Site, days: int) -> date:
    return site.clock().date() + timedelta(days=days)


def test_everybody_who_names_me_stands_on_my_list_the_first_to_end_on_top(site: Site) -> None:
    host = site.person()
    late, soon = guest(site, sponsor=host.account.dn, days=40), guest(site, sponsor=host.account.dn, days=2)
    gone, other = guest(site, sponsor=host.account.dn, days=-3), guest(site, sponsor=site.person().account.dn)
    text = site.browser().sign_in(host).open("/sponsored").text
    assert text.index(gone.login) < text.index(soon.login) < text.index(late.login)
    assert "40 days left" in text and "3 days ago" in text
    assert other.login not in text
    assert gone.login not in site.browser().sign_in(host).open("/sponsored?view=soon").text
    assert "No account names you" in site.browser().sign_in(other).open("/sponsored").text
    assert site.browser().open("/sponsored").path == "/sign-in"


def test_several_are_extended_at_once_only_after_a_page_has_shown_both_ends(site: Site) -> None:
    host = site.person()
    people = [guest(site, sponsor=host.account.dn, days=days) for days in (5, 10, -4)]
    before = [ends_on(site, one) for one in people]
    browser = plan(site.browser().sign_in(host), people)
    assert browser.step == "plan" and browser.text.count(f"{on(site, 60).day} ") >= 3
    assert [ends_on(site, one) for one in people] == before
    sure(browser)
    assert browser.result == "done" and browser.text.count("Done") == 3
    assert [ends_on(site, one) for one in people] == [on(site, 60)] * 3
    site.work()
    for one in people:
        assert ("account_extend", "outcome", "success", "") in site.entries(one)
        assert any("extended" in m.subject for m in site.mails(f"{one.login}@example.org"))


def test_those_the_date_does_not_fit_stay_and_the_reason_is_told(site: Site) -> None:
    host = site.person()
    fits, early = guest(site, sponsor=host.account.dn, days=20), guest(site, sponsor=host.account.dn, days=300)
    endless = site.person(manager=host.account.dn)
    browser = plan(site.browser().sign_in(host), [fits, early, endless])
    assert "too early" in browser.text and "no end date" in browser.text
    assert len(browser.forms[0].select("[name=shown]")) == 1
    assert "rules do not allow this date" in plan(browser, [fits], days=900).text
    assert not browser.page.select("[name=shown]")
    assert plan(browser, [fits], days=-1).status == 422
    assert plan(browser, []).status == 422


def test_a_change_since_the_page_was_shown_is_not_overwritten(site: Site) -> None:
    host, person = sponsored(site)
    browser = plan(site.browser().sign_in(host), [person])
    site.directory.replace(person.account.dn, {"shadowExpire": str((on(site, 33) - date(1970, 1, 1)).days + 1)})
    assert "changed since" in sure(browser).text
    assert ends_on(site, person) == on(site, 33)


def test_sent_twice_it_is_done_once(site: Site) -> None:
    host, person = sponsored(site)
    first, second = (plan(site.browser().sign_in(host), [person]) for _ in range(2))
    assert sure(first).result == "done"
    assert sure(second).result == "failed"
    assert site.entries(person).count(("account_extend", "outcome", "success", "")) == 1


def test_nobody_learns_or_changes_anything_of_accounts_he_does_not_answer_for(site: Site) -> None:
    stranger, (host, person) = site.person(), sponsored(site)
    old = ends_on(site, person)
    mine = guest(site, sponsor=stranger.account.dn)
    browser = site.browser().sign_in(stranger)
    seen = plan(browser, [mine, person, stranger])
    assert mine.login in seen.text and person.login not in seen.text and person.account.name not in seen.text
    browser.send({"shown": f"{old} {person.account.id}"})
    assert person.login not in browser.text and ends_on(site, person) == old
    actor = stranger.principal(at=site.clock())
    for wish in (
        ExtendAccount(account_id=person.account.id, until=on(site, 60), reason=WHY),
        LetLapse(account_id=person.account.id, ends_on=old or date.min, reason=WHY),
    ):
        assert isinstance(site.parts.desk.submit(actor, wish), Denied)
    assert host.account.id != stranger.account.id


def test_the_sponsor_is_read_afresh_for_each(site: Site) -> None:
    host, person = sponsored(site)
    browser = plan(site.browser().sign_in(host), [person])
    old = ends_on(site, person)
    site.directory.replace(person.account.dn, {"manager": site.person().account.dn})
    sure(browser)
    assert ends_on(site, person) == old


def test_circles_and_oneself_are_no_sponsors(site: Site) -> None:
    host, person = sponsored(site)
    site.directory.replace(host.account.dn, {"manager": person.account.dn})
    own = guest(site)
    site.directory.replace(own.account.dn, {"manager": own.account.dn})
    for who, whose in ((host, person), (own, own)):
        wish = ExtendAccount(account_id=whose.account.id, until=on(site, 60), reason=WHY)
        result = site.parts.desk.submit(who.principal(at=site.clock()), wish)
        if who is own:  # asks like everybody, and somebody else decides
            assert isinstance(result, Pending) and get(site, result.ticket).queue == "coordinators"
        else:
            assert isinstance(result, Denied) and result.reason == "not_your_account"
        assert "No account names you" in site.browser().sign_in(who).open("/sponsored").text


def test_where_others_have_to_agree_too_it_waits_for_them_and_not_for_the_sponsor(site: Site) -> None:
    rule = site.parts.settings.rules["extend_account"]
    both = rule.model_copy(update={"approval": ("sponsor", "coordinators")})
    site.parts.settings.rules["extend_account"] = both
    try:
        host, person = sponsored(site)
        old = ends_on(site, person)
        browser = plan(site.browser().sign_in(host), [person])
        assert "Somebody else has to agree" in browser.text
        assert "Waits, as ticket" in sure(browser).text and ends_on(site, person) == old
        roles = frozenset({"coordinator"})
        with site.parts.database.read() as db:
            ticket = site.parts.tickets.of(db, host.account.id)[0]
            assert ticket.queue == "coordinators" and ticket.account_id == person.account.id
            own = host.principal(at=site.clock(), roles=roles)
            assert not site.parts.approvals.may_decide(db, ticket, own)  # not twice the same person
        carol = site.person().principal(at=site.clock(), roles=roles)
        site.parts.approvals.approve(carol, ticket.number, ticket.version, "yes")
        site.work()
        assert ends_on(site, person) == on(site, 60)
    finally:
        site.parts.settings.rules["extend_account"] = rule


def test_it_can_be_taken_back_for_a_day_unless_somebody_changed_it_since(
    site: Site, later: Callable[..., None]
) -> None:
    host = site.person()
    one, two, three = (guest(site, sponsor=host.account.dn, days=days) for days in (5, 6, 7))
    browser = sure(plan(site.browser().sign_in(host), [one, two, three]))
    attempts = [str(i["value"]) for i in browser.page.select("[name=attempt]")]
    assert len(attempts) == 3
    site.directory.replace(two.account.dn, {"shadowExpire": str((on(site, 33) - date(1970, 1, 1)).days + 1)})
    browser.send({"attempt": attempts[:2]})
    assert [ends_on(site, who) for who in (one, two, three)] == [on(site, 5), on(site, 33), on(site, 60)]
    assert "changed since" in browser.text
    site.work()
    assert any("taken back" in m.subject for m in site.mails(f"{one.login}@example.org"))
    assert ("account_extend_undone", "outcome", "success", "") in site.entries(one)
    page = browser.open("/sponsored")
    assert {str(i["value"]) for i in page.page.select("[name=attempt]")} == set(attempts[1:])
    stranger = site.browser().sign_in(site.person()).open("/sponsored")
    token = str(stranger.page.select("[name=csrf_token]")[0]["value"])
    assert (
        stranger.client.post("/sponsored/undo", data={"attempt": attempts[2], "csrf_token": token}).status_code == 404
    )
    later(hours=25)
    again = site.browser().sign_in(host).open("/sponsored")
    assert not again.page.select("[name=attempt]")


def test_an_ended_account_that_was_opened_by_mistake_is_closed_again(site: Site) -> None:
    host = site.person()
    person = guest(site, sponsor=host.account.dn, days=-4)
    browser = sure(plan(site.browser().sign_in(host), [person]))
    browser.send({"attempt": [str(i["value"]) for i in browser.page.select("[name=attempt]")]})
    assert ends_on(site, person) == on(site, -4)


def test_those_who_are_to_end_are_told_and_an_extension_makes_it_past(site: Site) -> None:
    host, person = sponsored(site)
    old = ends_on(site, person)
    browser = sure(plan(site.browser().sign_in(host), [person], decision="lapse"))
    assert browser.result == "done" and ends_on(site, person) == old
    site.work()
    mail = next(m for m in site.mails(f"{person.login}@example.org") if "is to end" in m.subject)
    assert WHY in mail.text
    assert ("account_lapse", "outcome", "success", "") in site.entries(person)
    assert "You want it to end" in browser.open("/sponsored").text
    sure(plan(browser, [person]))
    assert "You want it to end" not in browser.open("/sponsored").text


def test_a_wish_that_waits_for_me_is_a_link_on_my_list(site: Site) -> None:
    host, person = sponsored(site)
    number = wish_for(site, person).number
    page = site.browser().sign_in(host).open("/sponsored").page
    assert page.select(f"main a[href='/approvals/{number}']")


def test_a_directory_that_does_not_answer_is_named_and_nothing_is_done(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, person = sponsored(site)
    browser = plan(site.browser().sign_in(host), [person])

    def down(*_: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as away:
        away.setattr(LdapDirectory, "sponsor_of", down)
        assert sure(browser).result == "failed"
        wish = ExtendAccount(account_id=person.account.id, until=on(site, 60), reason=WHY)
        result = site.parts.desk.submit(host.principal(at=site.clock()), wish)
        assert isinstance(result, Failed) and result.reason == "directory_down"
        away.setattr(LdapDirectory, "sponsored_by", down)
        assert "did not answer" in browser.open("/sponsored").text
    assert ends_on(site, person) == on(site, 20)


def test_the_look_at_the_list_is_on_record_and_it_has_no_other_addresses(site: Site) -> None:
    browser = site.browser().sign_in(site.person()).open("/sponsored")
    with site.parts.database.read() as db:
        assert len(reading.find(db, reading.Wanted(5, kinds=("people_listed",)))) == 1
    for query in ("?view=x", "?page=0"):
        assert browser.open("/sponsored" + query).status == 404
