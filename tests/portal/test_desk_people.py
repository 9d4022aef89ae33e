"""The list of accounts that end soon: for those who extend them, whole as a file, and on record."""

import csv
import io
from datetime import date, timedelta

import pytest

from audit import reading
from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from portal.actions.enable_account import EnableAccount
from portal.actions.freeze_account import FreezeAccount
from portal.actions.require_new_password import RequireNewPassword
from portal.identity import SYSTEM, Principal
from portal.results import Denied, Done, Pending
from tests.portal.site import Browser, Site
from tests.servers.people import State

EPOCH = date(1970, 1, 1)


def ends_in(site: Site, days: int, **more: str) -> str:
    """Somebody whose last day is that many days ahead."""
    last = site.clock().date() + timedelta(days=days)
    return site.person(shadowExpire=str((last - EPOCH).days + 1), **more).login


def at_the_desk(site: Site) -> Browser:
    carol, browser = site.person(groups=("coordinators",)), site.browser()
    return browser.sign_in(carol).prove(carol, "totp")


def test_the_page_shows_who_ends_within_the_time_chosen(site: Site) -> None:
    soon, late, gone = ends_in(site, 3), ends_in(site, 20), ends_in(site, -1)
    desk = at_the_desk(site)
    shown = desk.open("/desk/people").text
    assert soon in shown and late not in shown and gone not in shown
    assert late in desk.open("/desk/people?days=30").text
    assert desk.open("/desk/people?days=15").status == 404


def test_the_first_to_end_stands_on_top(site: Site) -> None:
    last, first = ends_in(site, 6), ends_in(site, 1)
    text = at_the_desk(site).open("/desk/people?days=7").text
    assert text.index(first) < text.index(last)


def test_the_file_has_everybody_and_nothing_a_spreadsheet_would_calculate(site: Site) -> None:
    login = ends_in(site, 3, cn="=1+1")
    answer = at_the_desk(site).client.get("/desk/people/ending.csv?days=7")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = {row[2]: row for row in csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))}
    assert rows[login][1] == "'=1+1"
    assert rows[login][0] == (site.clock().date() + timedelta(days=3)).isoformat()


def test_only_staff_see_it_and_that_they_did_is_on_record(site: Site) -> None:
    alice = site.person()
    assert site.browser().open("/desk/people").path == "/sign-in"
    for path in ("/desk/people", "/desk/people/ending.csv"):
        assert site.browser().sign_in(alice).open(path).status == 403
    at_the_desk(site).open("/desk/people")
    with site.parts.database.read() as db:
        found = reading.find(db, reading.Wanted(5, kinds=("people_listed",)))
    assert len(found) == 1


def test_a_directory_that_does_not_answer_is_named_and_the_page_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = at_the_desk(site)

    def down(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(LdapDirectory, "ending", down)
    assert desk.open("/desk/people").status == 200
    assert "main" in desk.text and "not complete" in desk.text


def found(site: Site, desk: Browser, login: str) -> Browser:
    return desk.open("/desk/people/find").send({"claim": login})


def test_a_coordinator_finds_a_person_sees_how_the_account_stands_and_that_is_on_record(site: Site) -> None:
    alice = site.person(state=State.LOCKED)
    desk = found(site, at_the_desk(site), alice.login)
    assert desk.path == f"/desk/people/{alice.account.id}"
    assert "Locked" in desk.text and alice.login in desk.text
    assert ("account_viewed", "record", "success", "") in site.entries(alice)
    assert found(site, desk, "nobody-at-all").status == 422
    assert desk.open("/desk/people/main:no-such-id").status == 404


def test_who_was_looked_at_reads_it_in_the_history(site: Site) -> None:
    alice = site.person()
    found(site, at_the_desk(site), alice.login)
    site.work()
    assert "The service desk looked at your account" in site.browser().sign_in(alice).open("/account/history").text


def test_a_coordinator_asks_for_a_new_password_and_the_person_chooses_it_at_the_next_sign_in(site: Site) -> None:
    alice = site.person()
    desk = found(site, at_the_desk(site), alice.login).send(form=1)  # behind the button for a call
    assert desk.result == "done"
    assert site.parts.accounts.read(alice.account.id).state.must_change
    site.work()
    assert any("new password" in m.subject for m in site.mails(f"{alice.login}@example.org"))
    browser = site.browser().sign_in(alice)
    assert browser.step == "ask" and browser.page.find("input", {"name": "new_password"})
    assert ("password_change_required", "outcome", "success", "") in site.entries(alice)


def test_a_coordinator_lets_somebody_in_again_who_had_the_account_locked(site: Site) -> None:
    alice, carol = site.person(), site.person(groups=("coordinators",))
    system = Principal(account_id=SYSTEM, login=SYSTEM, name="")
    assert isinstance(site.parts.desk.submit(system, FreezeAccount(account_id=alice.account.id)), Done)
    path = f"/desk/people/{alice.account.id}"
    desk = site.browser().sign_in(carol).prove(carol, "totp").open(path)
    assert desk.page.find("a", href=f"{path}/enable")
    desk.open(f"{path}/enable")
    assert desk.send({"reason": ""}).status == 422
    desk.send({"reason": "We talked to her."})
    assert desk.result == "done" and not site.parts.accounts.read(alice.account.id).state.disabled
    site.work()
    (mail,) = [m for m in site.mails(f"{alice.login}@example.org") if "sign in again" in m.subject]
    assert "We talked to her." in mail.text
    assert ("enable", "outcome", "success", "") in site.entries(alice)
    assert not desk.open(path).page.find("a", href=f"{path}/enable")
    assert desk.open(f"{path}/enable").answer.request.path == path  # nothing is left to do there


def test_only_staff_switches_an_account_on_and_nobody_a_protected_one(site: Site) -> None:
    alice, boss = site.person(state=State.DISABLED), site.person(groups=("admins",), state=State.DISABLED)
    wish = EnableAccount(account_id=alice.account.id, reason="", done_by="")
    refused = site.parts.desk.submit(site.person().principal(at=site.clock()), wish)
    assert isinstance(refused, Denied) and refused.reason == "not_staff"
    carol = site.person(groups=("coordinators",)).principal(at=site.clock(), roles=frozenset({"coordinator"}))
    protected = site.parts.desk.submit(carol, EnableAccount(account_id=boss.account.id, reason="", done_by=""))
    assert isinstance(protected, Pending) and protected.reason == "protected"
    assert site.parts.accounts.read(boss.account.id).state.disabled


def test_only_staff_and_nobody_for_himself_asks_for_a_new_password(site: Site) -> None:
    alice, boss = site.person(), site.person(groups=("admins",))
    wish = RequireNewPassword(account_id=alice.account.id)
    carol = site.person(groups=("coordinators",)).principal(at=site.clock(), roles=frozenset({"coordinator"}))
    for actor in (alice.principal(at=site.clock()), site.person().principal(at=site.clock())):
        refused = site.parts.desk.submit(actor, wish)
        assert isinstance(refused, Denied) and refused.reason == "not_staff"
    own = site.parts.desk.submit(carol, RequireNewPassword(account_id=carol.account_id))
    assert isinstance(own, Denied) and own.reason == "not_staff"
    protected = site.parts.desk.submit(carol, RequireNewPassword(account_id=boss.account.id))
    assert isinstance(protected, Pending) and protected.reason == "protected"
    with site.parts.database.read() as db:  # carol's own wish: the protected person hears nothing of it
        assert site.parts.tickets.get(db, protected.ticket).requester_id == carol.account_id
    old = carol.__class__(**{**carol.__dict__, "proved_at": site.clock() - timedelta(minutes=6)})
    stale = site.parts.desk.submit(old, wish)
    assert isinstance(stale, Denied) and stale.reason == "fresh_proof"
    assert not site.parts.accounts.read(alice.account.id).state.must_change
