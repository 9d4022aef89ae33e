"""What the doctor found, on a page for administrators: only for them, in their language, without a secret."""

from dataclasses import replace

from connectors.capabilities import UnlocksAccount
from connectors.findings import fault, say
from portal.doctor.checkup import PATIENCE, Checkup
from portal.doctor.reach import reach
from tests.portal.site import Browser, MovableClock, Site
from tests.servers.people import PASSWORD


def administrator(site: Site) -> Browser:
    person = site.person(groups=("admins",))
    return site.browser().sign_in(person).prove(person, "totp")


def test_only_administrators_see_it(site: Site) -> None:
    assert site.browser().open("/desk/connectors").path == "/sign-in"
    someone = site.person(groups=("coordinators",))
    coordinator = site.browser().sign_in(someone).prove(someone, "totp")
    assert coordinator.open("/desk/connectors").status == 403
    assert site.browser().client.post("/desk/connectors").status_code in (302, 400)


def test_an_administrator_lets_it_look_and_reads_what_was_found(site: Site) -> None:
    browser = administrator(site).open("/desk/connectors")
    assert "Nobody has looked yet" in browser.text
    browser.send()
    assert "It is being looked at" in browser.text
    site.work()
    browser.open("/desk/connectors")
    assert "Last looked at: today" in browser.text
    assert "Connector main" in browser.text and "reached, encryption verified" in browser.text
    assert "The portal does it" in browser.text and "Becomes a ticket" in browser.text
    assert site.settings.ldap[0].bind_password not in browser.answer.get_data(as_text=True)
    assert PASSWORD not in browser.text


def test_what_was_found_can_be_said_in_any_language(site: Site) -> None:
    Checkup(site.parts).begin()
    site.work()
    findings = [f for one in Checkup(site.parts).latest() for f in one.findings]
    assert any(getattr(f.message, "words", "") == "%(url)s: reached, encryption verified" for f in findings)


def test_asking_twice_looks_once(site: Site) -> None:
    checkup = Checkup(site.parts)
    checkup.begin()
    first = checkup.latest()
    checkup.begin()
    assert checkup.latest() == first and not any(one.done for one in first)
    site.work()
    assert all(one.done for one in checkup.latest())


def test_a_look_that_never_ended_may_be_begun_anew(site: Site, clock: MovableClock) -> None:
    checkup = Checkup(site.parts)
    checkup.begin()
    asked = checkup.latest()[0].asked
    clock.move(PATIENCE)
    checkup.begin()
    assert checkup.latest()[0].asked > asked


def test_what_is_broken_stands_with_the_people_it_concerns(site: Site) -> None:
    base = site.settings.ldap[0].people_bases[0]
    finding = fault(say("right"), say("none"), "", base=base, stops=(UnlocksAccount,))
    (served,) = reach(site.parts, {"main": [finding]})
    assert "unlock_account" in served.broken and "reset_password" in served.works
    (elsewhere,) = reach(site.parts, {"main": [replace(finding, base="ou=others")]})
    assert elsewhere.broken == () and "anything_else" in elsewhere.by_people
