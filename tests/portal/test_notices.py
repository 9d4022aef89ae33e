"""Before an account ends its owner is told: on the days set, once each, in no greater number than the ceiling."""

import secrets
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from connectors.account import Account
from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from tests.portal.site import MovableClock, Person, Site
from tests.servers.people import State

EPOCH = date(1970, 1, 1)
Later = Callable[..., None]


@pytest.fixture(autouse=True)
def morning(clock: MovableClock) -> None:
    """Half past seven, on a day far ahead of each test's own, so that nobody else's account ends nearby."""
    clock.now = clock.now.replace(hour=7, minute=30) + timedelta(days=1500 + 100 * secrets.randbelow(100))


def guest(site: Site, days: int, **more: str) -> Person:
    last = site.clock().date() + timedelta(days=days)
    return site.person(shadowExpire=str((last - EPOCH).days + 1), **more)


def told(site: Site, person: Person) -> list[str]:
    site.parts.notices.run()
    site.work()
    return [mail.subject for mail in site.mails(f"{person.login}@example.org")]


def test_somebody_is_told_on_each_of_the_days_and_once(site: Site, later: Later) -> None:
    person = guest(site, 31)
    assert told(site, person) == []
    subjects: list[str] = []
    for _ in range(33):
        later(days=1)
        for _again in range(2):  # a worker runs it every minute
            subjects = told(site, person)
    assert subjects == [
        "Your account ends in 30 days",
        "Your account ends in 14 days",
        "Your account ends in 3 days",
        "Your account ends in 1 day",
    ]


def test_a_day_on_which_nothing_ran_is_made_up_for(site: Site, later: Later) -> None:
    person = guest(site, 31)
    later(days=4)
    assert told(site, person) == ["Your account ends in 27 days"]


def test_a_new_end_is_told_anew(site: Site, later: Later) -> None:
    person = guest(site, 14)
    assert told(site, person) == ["Your account ends in 14 days"]
    new_end = site.clock().date() + timedelta(days=60)
    site.directory.replace(person.account.dn, {"shadowExpire": str((new_end - EPOCH).days + 1)})
    later(days=30)
    assert told(site, person)[1:] == ["Your account ends in 30 days"]


def test_nobody_is_told_before_the_hour(site: Site) -> None:
    site.clock.now = site.clock.now.replace(hour=6)
    assert told(site, guest(site, 14)) == []


def test_before_a_password_expires_its_owner_is_told_on_the_days_set_and_once(site: Site, later: Later) -> None:
    changed = site.clock() + timedelta(days=6)  # for ten days, by this policy
    person = site.person(state=State.EXPIRING, pwdChangedTime=f"{changed:%Y%m%d%H%M%S}Z")
    subjects: list[str] = []
    for _ in range(18):
        subjects = told(site, person)
        told(site, person)
        later(days=1)
    assert subjects == [
        "Your password expires in 14 days",
        "Your password expires in 7 days",
        "Your password expires in 1 day",
    ]


def test_administrators_see_who_would_be_told_and_can_pause_it(site: Site, later: Later) -> None:
    admin, person = site.person(groups=("admins",)), guest(site, 3)
    browser = site.browser().sign_in(admin).prove(admin, "totp").open("/desk/notices")
    assert person.account.name in browser.text and "Goes out" in browser.text
    assert "Paused" in browser.send(button="pause").text and told(site, person) == []
    assert "Later: paused" in browser.text
    later(minutes=1)
    browser.send(button="go")
    assert told(site, person) == ["Your account ends in 3 days"]
    assert "Sent today" in browser.open("/desk/notices").text and person.account.name in browser.text
    tomorrow = site.clock().date() + timedelta(days=2)
    assert person.account.name in browser.open(f"/desk/notices?on={tomorrow}").text  # one day before
    assert person.account.name not in browser.open(f"/desk/notices?on={tomorrow - timedelta(days=1)}").text
    assert browser.open("/desk/notices?on=2020-01-01").status == 404
    carol = site.person(groups=("coordinators",))
    assert site.browser().sign_in(carol).prove(carol, "totp").open("/desk/notices").status == 403


def test_the_page_shows_what_the_worker_found_and_asks_again_when_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, person = site.person(groups=("admins",)), guest(site, 4)
    site.parts.notices.run()
    asked = []
    ending = LdapDirectory.ending

    def counted(self: LdapDirectory, first: date, last: date) -> Iterator[Account]:
        asked.append(first)
        return ending(self, first, last)

    monkeypatch.setattr(LdapDirectory, "ending", counted)
    browser = site.browser().sign_in(admin).prove(admin, "totp")
    tomorrow = site.clock().date() + timedelta(days=1)
    for path in ("/desk/notices", f"/desk/notices?on={tomorrow}"):
        assert browser.open(path).status == 200
    assert asked == [] and person.account.name in browser.text
    site.directory.replace(person.account.dn, {"shadowExpire": "99999"})
    assert person.account.name in browser.open(f"/desk/notices?on={tomorrow}").text
    browser.send(form=1)
    assert asked and person.account.name not in browser.text


def test_where_nobody_may_look_people_up_those_who_have_signed_in_are_told(site: Site) -> None:
    person = guest(site, 3)
    site.parts.accounts.keep(person.account)
    notices = site.parts.notices
    listed = list(notices._due(site.clock().date(), "main", None))
    assert [one.account.login for one in listed] == [person.login]


def test_the_ceiling_holds_and_the_most_urgent_go_first(site: Site, later: Later) -> None:
    site.parts.notices._settings = site.settings.notices.model_copy(update={"most_a_day": 1})
    on_postgres = site.parts.database.engine.dialect.name == "postgresql"
    later(days=40_000 if on_postgres else 20_000)  # no other test's account ends then, nor this one's on the other kind
    far, near = guest(site, 14), guest(site, 1)
    assert len(told(site, near)) == 1 and told(site, far) == []
    later(days=1)
    assert len(told(site, far)) == 1


def test_a_dry_run_shows_who_would_be_told_and_tells_nobody(site: Site) -> None:
    person, mute = guest(site, 3), guest(site, 3, mail="", mailAlternateAddress="")
    planned = {one.account.login: one for one in site.parts.notices.plan(site.clock().date()).lines}
    assert (planned[person.login].mark, planned[person.login].days_left) == (3, 3)
    assert planned[mute.login].held == "no_address"
    site.work()
    assert site.mails(f"{person.login}@") == []


def test_a_directory_that_fails_on_the_way_is_asked_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person = guest(site, 3)

    def down(*_: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as away:
        away.setattr(LdapDirectory, "ending", down)
        assert told(site, person) == []
    assert len(told(site, person)) == 1
