"""The walks that depend most on the directory, once more on an Active Directory."""

from datetime import timedelta

import pytest

from connectors.capabilities import SetsEndDate, Severity
from portal.actions.extend_account import ExtendAccount
from portal.doctor.doctor import examine
from portal.results import Pending
from portal.settings.installation import Settings
from tests.connectors.ad_settings import ad_settings
from tests.portal.site import Site
from tests.portal.test_after_the_end import test_the_whole_way_from_ended_to_signed_in  # noqa: F401
from tests.portal.test_recover import (  # noqa: F401
    test_a_locked_person_is_unlocked_by_the_same_step,
    test_a_locked_person_who_knows_the_password_only_unlocks,
    test_an_account_only_people_can_open_becomes_one_ticket,
    test_somebody_whose_password_is_too_young_is_told_the_moment,
)
from tests.portal.test_sign_in import (  # noqa: F401
    test_a_password_that_must_be_changed_leads_through_the_change,
    test_a_refused_sign_in_says_in_the_record_why,
    test_every_failed_sign_in_looks_the_same,
    test_the_forced_change_wants_the_old_password_again,
)
from tests.servers.people import State
from tests.servers.samba import Samba


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only one kind: what is tried here does not depend on the database."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, samba_server: Samba) -> Settings:
    return settings.model_copy(update={"directories": (ad_settings(samba_server),)})


@pytest.fixture
def directory_server(samba_server: Samba) -> Samba:
    return samba_server


@pytest.mark.parametrize(
    ("bad", "told"), [("only-small-letters", "kinds"), ("Zac-77-harias-Ottilie", "name")], ids=["kinds", "name"]
)
def test_what_active_directory_would_refuse_is_told_before_it_is_asked(site: Site, bad: str, told: str) -> None:
    alice, browser = site.person(cn="Ottilie Zacharias"), site.browser()
    browser.recover(alice).send({"new_password": bad, "new_password_again": bad})
    assert browser.step == "ask"
    assert told in browser.text
    assert site.directory.entry(alice.account.dn)["uSNChanged"] == [alice.account.state.revision.encode()]


def test_an_expired_password_is_reset_and_signs_in(site: Site) -> None:
    alice, browser = site.person(state=State.EXPIRED), site.browser()
    good = "Seven-quiet-lamps-4"
    browser.recover(alice).send({"new_password": good, "new_password_again": good})
    assert browser.step == "result"
    assert site.binds(alice, good)


@pytest.mark.parametrize(("attribute", "value"), [("logonHours", b"\0" * 21), ("userWorkstations", b"nowhere")])
def test_limits_of_the_account_show_at_no_sign_in(site: Site, attribute: str, value: bytes) -> None:
    """Whoever tries passwords must not learn from the page which one was right."""
    alice = site.person(**{attribute: value})  # type: ignore[arg-type]
    pages = []
    for password in (site.directory.password, "wrong"):
        browser = site.browser().open("/sign-in")
        browser.send({"login": alice.login, "password": password})
        pages.append(browser.text)
    assert pages[0] == pages[1]


def test_the_portal_s_own_look_around_finds_no_fault(site: Site) -> None:
    assert [f for _, f in examine(site.parts) if f.severity is Severity.FAULT] == []


def test_day_by_day_an_account_is_kept_until_somebody_answers(site: Site, samba_server: Samba) -> None:
    host = site.person()
    person = site.person(manager=host.account.dn)
    last = site.parts.today() + timedelta(days=2)
    connector = site.parts.connectors.able_to(SetsEndDate, person.account)
    assert connector
    connector.set_end_date(person.account, last)
    wish = ExtendAccount(account_id=person.account.id, until=last + timedelta(days=90), reason="still here")
    result = site.parts.desk.submit(person.principal(at=site.clock()), wish)
    assert isinstance(result, Pending)
    for _ in range(12):
        site.clock.move(timedelta(days=1))
        site.parts.silence.run()
        site.work()
        state = site.parts.accounts.read(person.account.id).state
        assert not state.ended and state.ends_on and state.ends_on >= site.parts.today()
    with site.parts.database.read() as db:
        waiting = site.parts.tickets.get(db, result.ticket)
    assert waiting.queue == "coordinators"
    desk = site.person().principal(at=site.clock(), roles=frozenset({"coordinator"}))
    site.parts.approvals.approve(desk, waiting.number, waiting.version, "looked at")
    site.work()
    assert site.parts.accounts.read(person.account.id).state.ends_on == last + timedelta(days=90)
