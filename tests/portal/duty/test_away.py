"""Whoever is away names somebody who decides meanwhile: that one gets the mail and may decide, for those days only."""

from datetime import timedelta

import pytest

from tests.portal.site import Browser, Person, Site
from tests.portal.test_approvals import ask, decide, get, guest, link, sponsored


def name(site: Site, who: Person, other: str, *, first: int = 0, last: int = 7) -> Browser:
    today = site.clock().date()
    fields = {"first": today + timedelta(days=first), "last": today + timedelta(days=last)}
    browser = site.browser().sign_in(who).open("/approvals/away")
    return browser.send({"substitute": other} | {key: day.isoformat() for key, day in fields.items()})


def test_the_substitute_is_asked_in_place_of_whoever_is_away_and_decides(site: Site) -> None:
    host, person = sponsored(site)
    other = site.person()
    assert other.account.name in name(site, host, other.login).text
    page = site.browser().sign_in(person).open("/ask/extend-account").page.get_text()
    assert f"{other.account.name} for {host.account.name}" in page
    ticket = ask(site, person)
    assert not [m for m in site.mails(f"{host.login}@") if "/approvals/" in m.text]
    assert person.account.name in site.browser().sign_in(other).open("/approvals").text
    assert decide(site.browser().open(link(site, other))).result == "done"
    assert get(site, ticket.number).status == "approved"
    assert ("substitute_named", "record", "success", "") in site.entries(host)


def test_the_right_lasts_as_long_as_the_days_named(site: Site) -> None:
    host, person = sponsored(site)
    other = site.person()
    name(site, host, other.login, first=1, last=2)
    ticket = ask(site, person)
    assert len([m for m in site.mails(f"{host.login}@") if "/approvals/" in m.text]) == 1
    path = f"/approvals/{ticket.number}"
    assert site.browser().sign_in(other).open(path).status == 403
    site.clock.move(timedelta(days=1))
    for _ in range(2):
        site.parts.silence.run()
        site.work()
    assert len([m for m in site.mails(f"{other.login}@") if "/approvals/" in m.text and "Please" in m.subject]) == 1
    assert site.browser().sign_in(other).open(path).status == 200
    site.clock.move(timedelta(days=2))
    assert site.browser().sign_in(other).open(path).status == 403
    assert site.browser().sign_in(host).open(path).status == 200


def test_nobody_decides_about_himself_as_a_substitute(site: Site) -> None:
    host, person = sponsored(site)
    name(site, host, person.login)
    ticket = ask(site, person)
    assert [m for m in site.mails(f"{host.login}@") if "/approvals/" in m.text]
    browser = site.browser().sign_in(person)
    assert browser.open(f"/approvals/{ticket.number}").status == 403
    assert person.account.name not in browser.open("/approvals").text


def test_whoever_is_back_decides_alone_again(site: Site) -> None:
    host, person = sponsored(site)
    other = site.person()
    page = name(site, host, other.login)
    page.send(form=0)
    ticket = ask(site, person)
    assert site.browser().sign_in(other).open(f"/approvals/{ticket.number}").status == 403
    assert ("substitute_ended", "record", "success", "") in site.entries(host)


@pytest.mark.parametrize("who", ["nobody-at-all", "self", "ended", ""])
def test_only_somebody_else_who_is_there_can_be_named(site: Site, who: str) -> None:
    host = site.person()
    other = {"self": host.login, "ended": guest(site, days=-3).login}.get(who, who)
    assert name(site, host, other).status == 422


def test_days_that_are_over_or_the_wrong_way_round_are_refused(site: Site) -> None:
    host, other = site.person(), site.person()
    assert name(site, host, other.login, first=3, last=2).status == 422
    assert name(site, host, other.login, first=-3, last=-2).status == 422
