"""The list of accounts that end soon: for those who extend them, whole as a file, and on record."""

import csv
import io
from datetime import date, timedelta

import pytest

from audit import reading
from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from tests.portal.site import Browser, Site

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
