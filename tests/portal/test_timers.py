"""What ends or begins by itself: an address for a while, a forward to the outside that waits, on LDAP attributes."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import Unavailable
from connectors.mailbox import KeepsAliases
from connectors.mailboxes.ldap import LdapMailboxSettings
from portal.actions.add_temporary_alias import AddTemporaryAlias
from portal.actions.set_forwarding import SetForwarding
from portal.results import Denied, Done
from portal.settings.installation import Settings
from portal.timers.tables import timer
from tests.portal.site import Browser, MovableClock, Person, Site
from tests.servers.slapd import Slapd

DAY = timedelta(days=1)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    box = LdapMailboxSettings(name="attributes", directory="main", domains=("example.org",))
    return settings.model_copy(update={"mailboxes": (box,)})


@pytest.fixture
def alice(site: Site) -> Person:
    return site.person()


@pytest.fixture
def browser(site: Site, alice: Person) -> Browser:
    return Browser(site).sign_in(alice)


def waiting(site: Site) -> int:
    with site.parts.database.read() as db:
        return len(db.execute(select(timer)).all())


def aliases(directory: Slapd, person: Person) -> list[bytes]:
    return list(directory.entry(person.account.dn).get("mailAlias", []))


def targets(directory: Slapd, person: Person) -> list[bytes]:
    return list(directory.entry(person.account.dn).get("mailForwardingAddress", []))


def test_an_address_for_a_while_ends_by_itself_and_the_record_says_so(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    browser.open("/mailbox/addresses/temporary").send({"choice": "7"})
    assert browser.path == "/mailbox"
    [address] = aliases(slapd_server, alice)
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d\d@example\.org", address.decode())
    assert address.decode() in browser.text
    assert "Ends by itself after" in browser.text
    site.work()
    clock.move(6 * DAY)
    site.work()
    assert aliases(slapd_server, alice) == [address]
    clock.move(3 * DAY)
    site.work()
    assert aliases(slapd_server, alice) == []
    assert waiting(site) == 0
    assert ("alias_removed", "outcome", "success", "") in site.entries(alice)
    assert any(address.decode() in mail.subject for mail in site.mails(f"{alice.login}@elsewhere.test"))


@ON_SQLITE
def test_an_address_given_up_early_leaves_nothing_to_do(
    site: Site, alice: Person, browser: Browser, slapd_server: Slapd
) -> None:
    browser.open("/mailbox/addresses/temporary").send({"choice": "30"})
    assert waiting(site) == 1
    link = browser.page.select_one("main a.btn-stop[href*=addresses]")
    assert link
    browser.open(str(link["href"])).send()
    assert (aliases(slapd_server, alice), waiting(site)) == ([], 0)


@ON_SQLITE
def test_nobody_chooses_the_address_nor_has_it_for_ever(site: Site, alice: Person, clock: MovableClock) -> None:
    actor, today = alice.principal(at=clock()), site.parts.today()
    for address, day in (("a-b-22@elsewhere.test", today + DAY), ("a-b-22@example.org", today + 91 * DAY)):
        action = AddTemporaryAlias(account_id=alice.account.id, address=address, last_day=day.isoformat())
        result = site.parts.desk.submit(actor, action, alice.account)
        assert isinstance(result, Denied)
        assert result.reason == "alias_misplaced"


def ask_outside(site: Site, browser: Browser, alice: Person, target: str) -> Browser:
    """Until a coordinator has agreed; the coordinator's browser."""
    browser.open("/mailbox/forwarding").send({"address": target, "keep_copy": "y"})
    site.work()
    [letter] = site.mails(target)
    code = re.search(r"\d{3} \d{3}", letter.text)
    assert code
    browser.send({"code": code.group()})
    assert browser.result == "pending"
    carol = site.person(groups=("coordinators",))
    desk = Browser(site).sign_in(carol).prove(carol, "totp")
    desk.open(f"/desk/tickets/{browser.ticket}")
    desk.send({"reason": "Her own address."}, form=len(desk.forms) - 1, button="approve")
    site.work()
    return desk


@ON_SQLITE
def test_a_forward_outside_waits_in_the_portal_where_the_mail_system_cannot(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    target = f"{alice.login}@home.example"
    ask_outside(site, browser, alice, target)
    assert targets(slapd_server, alice) == []
    assert "Begins" in browser.open("/mailbox").text
    assert ("forward_outside_set", "outcome", "pending", "held") in site.entries(alice)
    told = [mail.text for mail in site.mails(f"{alice.login}@elsewhere.test") if target in mail.subject]
    assert any("It begins on" in text for text in told)
    assert any(target in mail.text for mail in site.mails("desk@example.org"))
    clock.move(timedelta(hours=23))
    site.work()
    assert targets(slapd_server, alice) == []
    clock.move(timedelta(hours=2))
    site.work()
    assert targets(slapd_server, alice) == [target.encode()]
    assert ("forward_outside_set", "outcome", "success", "") in site.entries(alice)


@ON_SQLITE
@pytest.mark.parametrize("how", ["button", "link"])
def test_what_waits_is_stopped_by_its_owner(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd, how: str
) -> None:
    target = f"{alice.login}@home.example"
    ask_outside(site, browser, alice, target)
    if how == "button":
        browser.open("/mailbox")
        link = browser.page.select_one("main a.btn-stop[href*=forwarding]")
        assert link
        browser.open(str(link["href"])).send()
    else:
        [mail] = [one for one in site.mails(f"{alice.login}@elsewhere.test") if target in one.subject]
        undo = re.search(r"https?://\S+/undo/\S+", mail.text)
        assert undo
        page = Browser(site).open(undo.group().removeprefix(site.settings.base))
        assert "Asked for, with a time of waiting before it begins" in page.text
        assert target in page.text
        page.send()
    assert waiting(site) == 0
    clock.move(3 * DAY)
    site.work()
    assert targets(slapd_server, alice) == []


@ON_SQLITE
def test_not_me_takes_back_what_has_begun_meanwhile(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    """The link in the mail about the wish works longer than the wish waits."""
    target = f"{alice.login}@home.example"
    ask_outside(site, browser, alice, target)
    first = next(m.text for m in site.mails(f"{alice.login}@elsewhere.test") if target in m.subject)
    clock.move(DAY + timedelta(hours=1))
    site.work()
    assert targets(slapd_server, alice) == [target.encode()]
    undo = re.search(r"https?://\S+/undo/\S+", first)
    assert undo
    Browser(site).open(undo.group().removeprefix(site.settings.base)).send()
    assert targets(slapd_server, alice) == []


@ON_SQLITE
def test_not_me_takes_back_what_was_given(site: Site, alice: Person, clock: MovableClock, slapd_server: Slapd) -> None:
    bob = site.person()
    action = SetForwarding(account_id=alice.account.id, target=bob.account.mail or "", keep_copy=True)
    assert isinstance(site.parts.desk.submit(alice.principal(at=clock()), action, alice.account), Done)
    assert targets(slapd_server, alice)
    site.work()
    mail = site.mails(f"{alice.login}@elsewhere.test")[-1]
    undo = re.search(r"https?://\S+/undo/\S+", mail.text)
    assert undo
    Browser(site).open(undo.group().removeprefix(site.settings.base)).send()
    assert targets(slapd_server, alice) == []


@ON_SQLITE
def test_a_forward_has_an_end_even_where_the_mail_system_has_no_dates(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    bob = site.person()
    until = site.parts.today() + DAY
    browser.open("/mailbox/forwarding").send(
        {"address": bob.account.mail, "keep_copy": "y", "until": until.isoformat()}
    )
    assert "Ends" in browser.text
    clock.move(3 * DAY)
    site.work()
    assert targets(slapd_server, alice) == []


@ON_SQLITE
def test_what_cannot_be_done_is_tried_again_and_becomes_a_ticket_in_the_end(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.open("/mailbox/addresses/temporary").send({"choice": "7"})
    connector = site.parts.connectors.able_to(KeepsAliases, alice.account)
    tried = []

    def down(*_: object) -> None:
        tried.append(clock())
        raise Unavailable("the mail system is being moved")

    monkeypatch.setattr(connector, "remove_alias", down)
    clock.move(9 * DAY)
    for _ in range(60):
        site.work()
        clock.move(timedelta(minutes=30))
    assert 4 <= len(tried) <= 12  # growing pauses
    assert waiting(site) == 0
    with site.parts.database.read() as db:
        found = [t for t in site.parts.tickets.of(db, alice.account.id) if t.action == "remove_alias"]
    assert len(found) == 1


@ON_SQLITE
def test_the_end_comes_even_for_an_account_that_is_switched_off(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    browser.open("/mailbox/addresses/temporary").send({"choice": "7"})
    slapd_server.replace(alice.account.dn, {"pwdAccountLockedTime": ["000001010000Z"]})
    clock.move(9 * DAY)
    site.work()
    assert (aliases(slapd_server, alice), waiting(site)) == ([], 0)


def test_two_workers_end_a_thing_once(site: Site, alice: Person, browser: Browser, clock: MovableClock) -> None:
    browser.open("/mailbox/addresses/temporary").send({"choice": "7"})
    clock.move(9 * DAY)
    with site.parts.database.read() as db:
        [one] = site.parts.timers.due(db)
    with site.parts.database.write() as tx:
        assert site.parts.timers.take(tx, one)
        assert not site.parts.timers.take(tx, one)
        assert not site.parts.timers.take(tx, replace(one, tries=5))
        tx.execute(update(timer).values(next=clock()))
