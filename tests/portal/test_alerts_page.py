"""An auditor sees what the watching found, with the entries it is about and how its ticket stands."""

import pytest

from portal.tickets.words import DESK_STATES
from portal.watching.watcher import watcher_of
from tests.portal.site import Site
from tests.portal.watching_year import Writer

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_alerts_stand_in_a_list_with_their_entries_and_tickets(site: Site) -> None:
    audun, alice, bob = site.person(groups=("auditors",)), site.person(), site.person()
    watcher = watcher_of(site.parts)
    watcher.run()
    does = Writer(site.parts.log, site.parts.database)
    for person in (alice, bob):
        does.did("password_reset", person.account.id, person.account.id)
        does.did("forward_outside_set", person.account.id, person.account.id)
    assert watcher.run() == 2
    site.work()
    auditor = site.browser().sign_in(audun).prove(audun, "totp")
    page = auditor.open("/log").open("/log/alerts")
    rows = page.page.select("tbody tr")
    assert len(rows) == 2
    for row in rows:
        told, *named = [str(link["href"]) for link in row.select("a")]
        assert "A new password, then mail to the outside" in row.get_text()
        assert "/log?ticket=" in named.pop()
        assert len(named) == 2 and "forwarded" in auditor.open(named[0]).text
        assert "needs a look" in auditor.open(told).text
    words = rows[0].select_one(".tag")
    assert words and words.get_text(strip=True) == str(DESK_STATES["open"][1])


@ON_SQLITE
def test_only_auditors_see_them_and_that_they_looked_is_on_record(site: Site) -> None:
    audun, alice = site.person(groups=("auditors",)), site.person()
    assert site.browser().sign_in(alice).open("/log/alerts").status == 403
    page = site.browser().sign_in(audun).prove(audun, "totp").open("/log/alerts")
    assert "Nothing has needed a look" in page.text
    assert "searched the log" in page.open("/log?kind=audit_searched").text


@ON_SQLITE
def test_a_text_module_is_no_setting(site: Site) -> None:
    carol = site.person(groups=("coordinators",))
    with site.parts.database.read() as db:
        assert site.parts.service_desk.reply_texts.all(db) == []
    site.parts.service_desk.reply_texts.add(carol.principal(at=site.clock()), "Thanks", {"en": "Thank you."})
    audun = site.person(groups=("auditors",))
    site.work()
    page = site.browser().sign_in(audun).prove(audun, "totp").open("/log")
    assert "The text module Thanks was changed" in page.text
