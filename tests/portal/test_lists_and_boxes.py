"""Lists, shared mailboxes and app passwords, from the page to the directory and back; and mailboxes nearly full."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.account import Account
from connectors.capabilities import Capability
from connectors.errors import Unavailable
from connectors.mailbox import AppPassword, KeepsAppPasswords, Shares
from connectors.mailboxes.exchange import ExchangeMailbox
from connectors.mailboxes.ldap import LdapMailboxSettings
from connectors.mailboxes.ldap_groups import LdapGroups, LdapGroupsSettings
from portal.actions.end_share import EndShare
from portal.actions.join_list import JoinList
from portal.actions.leave_list import LeaveList
from portal.actions.share_mailbox import ShareMailbox
from portal.results import Denied, Done, Pending
from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for
from tests.connectors.test_ldap_groups import BOX, LIST, LISTS, group
from tests.portal.site import Browser, MovableClock, Person, Site
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing here is the database's
DAY = timedelta(days=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    groups = LdapGroupsSettings(
        name="lists", directory="main", base=LISTS, lists=LIST, open_lists="(businessCategory=open)", boxes=BOX
    )
    box = LdapMailboxSettings(name="attributes", directory="main", domains=("example.org",))
    return settings.model_copy(update={"mailboxes": (box, groups)})


@pytest.fixture
def alice(site: Site) -> Person:
    return site.person()


@pytest.fixture
def bob(site: Site) -> Person:
    """Whoever the lists and boxes belong to."""
    return site.person()


@pytest.fixture
def browser(site: Site, alice: Person) -> Browser:
    return Browser(site).sign_in(alice)


def members(directory: Slapd, dn: str) -> set[str]:
    return {value.decode() for value in directory.entry(dn)["member"]}


def follow(browser: Browser, part: str) -> Browser:
    """Open the first link of the main part whose address has this in it."""
    link = browser.page.select_one(f"main a[href*='{part}']")
    assert link, part
    return browser.open(str(link["href"]))


def with_system(site: Site, name: str, system: Capability) -> Iterator[None]:
    """One more mail system, for one test."""
    named = site.parts.connectors._named
    site.parts.connectors._named = (*named, (name, system))
    site.parts.connectors._kinds.clear()
    yield
    site.parts.connectors._named = named
    site.parts.connectors._kinds.clear()


def approve(site: Site, person: Person, ticket: int) -> str:
    """The page as it was before; what is decided is carried out."""
    at = Browser(site).sign_in(person)
    shown = at.open(f"/approvals/{ticket}").text
    at.send({"reason": "Yes."}, button="approve")
    assert at.status == 200
    site.work()
    return shown


def test_an_open_list_is_joined_at_once_and_left(
    site: Site, alice: Person, bob: Person, browser: Browser, slapd_server: Slapd
) -> None:
    name = f"Choir-{alice.login}"
    dn = group(slapd_server, name, [bob.account.dn], category="open", owner=bob.account.dn)
    browser.open(f"/mailbox/lists?words={name.lower()}")
    assert name in browser.text
    follow(browser, "/join").send()
    assert alice.account.dn in members(slapd_server, dn)
    site.work()
    told = [mail.subject for mail in site.mails(f"{alice.login}@elsewhere.test")]
    assert any(f"{name.lower()}@example.org" in subject for subject in told)
    follow(browser.open("/mailbox/lists"), "/leave").send()
    assert members(slapd_server, dn) == {bob.account.dn}
    assert ("list_left", "outcome", "success", "") in site.entries(alice)


def test_a_list_is_left_by_itself_after_the_last_day(
    site: Site, alice: Person, bob: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    name = f"Course-{alice.login}"
    dn = group(slapd_server, name, [bob.account.dn], category="open", owner=bob.account.dn)
    today = site.parts.today()
    follow(browser.open(f"/mailbox/lists?words={name}"), "/join").send({"until": (today - DAY).isoformat()})
    assert "That day is over." in browser.text
    browser.send({"until": (today + 3 * DAY).isoformat()})
    assert alice.account.dn in members(slapd_server, dn)
    assert "Ends" in browser.open("/mailbox/lists").text
    site.work()
    assert any("It ends by itself after" in mail.text for mail in site.mails(f"{alice.login}@elsewhere.test"))
    clock.move(3 * DAY)
    site.work()
    assert alice.account.dn in members(slapd_server, dn)
    clock.move(DAY)
    site.work()
    assert members(slapd_server, dn) == {bob.account.dn}
    assert ("list_left", "outcome", "success", "") in site.entries(alice)


def test_who_joins_again_without_an_end_stays(
    site: Site, alice: Person, bob: Person, clock: MovableClock, slapd_server: Slapd
) -> None:
    dn = group(slapd_server, f"Again-{alice.login}", [bob.account.dn], category="open", owner=bob.account.dn)
    last = (site.parts.today() + DAY).isoformat()
    named = {"account_id": alice.account.id, "list_id": dn, "address": "again@example.org", "system": "lists"}
    for action in (JoinList(**named, last_day=last), LeaveList(**named), JoinList(**named)):
        assert isinstance(site.parts.desk.submit(alice.principal(at=clock()), action, alice.account), Done)
    clock.move(5 * DAY)
    site.work()
    assert alice.account.dn in members(slapd_server, dn)


def test_the_owner_of_a_closed_list_decides(
    site: Site, alice: Person, bob: Person, browser: Browser, slapd_server: Slapd
) -> None:
    name = f"Heads-{alice.login}"
    dn = group(slapd_server, name, [bob.account.dn], owner=bob.account.dn)
    follow(browser.open(f"/mailbox/lists?words={name}"), "/join").send({"reason": "I lead one."})
    assert browser.result == "pending"
    assert members(slapd_server, dn) == {bob.account.dn}
    site.work()
    assert any("decision" in mail.text or "/approvals/" in mail.text for mail in site.mails(f"{bob.login}@"))
    approve(site, bob, browser.ticket)
    assert alice.account.dn in members(slapd_server, dn)


def test_an_owner_asks_nobody_and_where_there_is_none_the_service_desk_decides(
    site: Site, bob: Person, alice: Person, browser: Browser, slapd_server: Slapd
) -> None:
    own = group(slapd_server, f"Own-{bob.login}", [alice.account.dn], owner=bob.account.dn)
    at = Browser(site).sign_in(bob)
    follow(at.open(f"/mailbox/lists?words=Own-{bob.login}"), "/join").send({"reason": "Mine."})
    assert bob.account.dn in members(slapd_server, own)
    group(slapd_server, f"Orphan-{bob.login}", [bob.account.dn], owner=alice.account.dn)
    follow(browser.open(f"/mailbox/lists?words=Orphan-{bob.login}"), "/join").send({"reason": "x"})
    assert browser.result != "pending"  # it is her own
    orphan = group(slapd_server, f"Nobody-{bob.login}", [bob.account.dn])
    follow(browser.open(f"/mailbox/lists?words=Nobody-{bob.login}"), "/join").send({"reason": "x"})
    assert browser.result == "pending"
    with site.parts.database.read() as db:
        assert site.parts.tickets.get(db, browser.ticket).queue == "coordinators"
    assert alice.account.dn not in members(slapd_server, orphan)


def test_a_shared_mailbox_is_asked_for_agreed_to_used_until_a_day(
    site: Site, alice: Person, bob: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    name = f"Desk-{alice.login}"
    dn = group(slapd_server, name, [bob.account.dn], category="box", owner=bob.account.dn)
    browser.open("/mailbox/shared")
    link = next(a for a in browser.page.select("main a[href*='/ask']") if name in a.get_text())
    last = (site.parts.today() + 3 * DAY).isoformat()
    browser.open(str(link["href"])).send({"right": "work", "until": last, "reason": "I answer there."})
    assert browser.result == "pending"
    site.work()
    shown = approve(site, bob, browser.ticket)
    assert f"{name.lower()}@example.org: May read, file, delete and answer. Ends" in shown and last not in shown
    assert alice.account.dn in members(slapd_server, dn)
    assert f"{name.lower()}@example.org" in browser.open("/mailbox/shared").text
    assert "Ends" in browser.text
    owner = Browser(site).sign_in(bob).open("/mailbox/shared")
    assert alice.account.mail and alice.account.mail in owner.text
    clock.move(5 * DAY)
    site.work()
    assert members(slapd_server, dn) == {bob.account.dn}
    assert ("share_ended", "outcome", "success", "") in site.entries(alice)


def test_an_owner_ends_what_somebody_uses(site: Site, alice: Person, bob: Person, slapd_server: Slapd) -> None:
    name = f"Desk-{bob.login}"
    dn = group(slapd_server, name, [bob.account.dn, alice.account.dn], category="box", owner=bob.account.dn)
    at = Browser(site).sign_in(bob).open("/mailbox/shared")
    link = next(a for a in at.page.select("main a[href*='/end']") if (alice.account.mail or "") in a.get_text())
    at.open(str(link["href"])).send()
    assert members(slapd_server, dn) == {bob.account.dn}


def test_the_desk_holds_whatever_a_page_says_of_others_mailboxes(
    site: Site, alice: Person, bob: Person, clock: MovableClock, slapd_server: Slapd
) -> None:
    name = f"Desk-{alice.login}"
    dn = group(slapd_server, name, [bob.account.dn], category="box", owner=bob.account.dn)
    box, actor = f"{name.lower()}@example.org", alice.principal(at=clock())
    for action in (
        EndShare(account_id=alice.account.id, box=box, who=bob.account.mail or ""),
        ShareMailbox(account_id=alice.account.id, box=box, who=alice.account.mail or "", right="work"),
    ):
        result = site.parts.desk.submit(actor, action, alice.account)
        assert isinstance(result, Denied | Pending)
        assert result.reason == "not_your_mailbox"
    assert members(slapd_server, dn) == {bob.account.dn}


@pytest.fixture
def exchange(site: Site, slapd_server: Slapd) -> Iterator[None]:
    """Beside the groups Exchange's attributes, in the same directory."""
    as_admin = replace(
        settings_for(slapd_server), bind_dn=slapd_server.admin_dn, bind_password=slapd_server.admin_password
    )
    system = ExchangeMailbox(LdapMailboxSettings(name="exchange", directory="main", schema="exchange"), as_admin)
    yield from with_system(site, "exchange", system)


def mailbox_of(directory: Slapd, person: Person) -> str:
    """The address of somebody whose mail Exchange takes."""
    directory.replace(person.account.dn, {"proxyAddresses": [f"SMTP:{person.account.mail}"]})
    return person.account.mail or ""


@pytest.mark.usefixtures("exchange")
def test_all_systems_are_asked_and_each_does_what_is_its_own(
    site: Site, alice: Person, bob: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    own, colleague = mailbox_of(slapd_server, alice), mailbox_of(slapd_server, bob)
    name = f"Desk-{alice.login}"
    dn = group(slapd_server, name, [bob.account.dn, alice.account.dn], category="box", owner=bob.account.dn)
    last = (site.parts.today() + 3 * DAY).isoformat()
    browser.open("/mailbox/shared/add").send({"address": colleague, "right": "send", "until": last})
    assert slapd_server.entry(alice.account.dn)["publicDelegates"] == [bob.account.dn.encode()]
    page = browser.open("/mailbox/shared").text
    assert f"{name.lower()}@example.org" in page
    assert colleague in page
    assert "Ends" in page
    assert own in Browser(site).sign_in(bob).open("/mailbox/shared").text
    assert colleague not in browser.open("/mailbox").text  # nobody reads along
    site.work()
    [told] = site.mails(colleague)
    assert told.subject == f"You may use the mailbox {own}"
    assert "You may write in its name." in told.text
    assert "It ends by itself" in told.text
    assert "/undo/" not in told.text
    clock.move(5 * DAY)
    site.work()
    assert "publicDelegates" not in slapd_server.entry(alice.account.dn)
    assert site.mails(colleague)[-1].subject == f"You may use the mailbox {own} no longer"
    assert alice.account.dn in members(slapd_server, dn)
    assert ("share_ended", "outcome", "success", "") in site.entries(alice)


@pytest.mark.usefixtures("exchange")
def test_whoever_leaves_a_mailbox_is_missed_by_its_owner_only(
    site: Site, alice: Person, bob: Person, browser: Browser, slapd_server: Slapd
) -> None:
    own, colleague = mailbox_of(slapd_server, alice), mailbox_of(slapd_server, bob)
    slapd_server.replace(bob.account.dn, {"publicDelegates": [alice.account.dn]})
    follow(browser.open("/mailbox/shared"), "/end").send()
    site.work()
    assert [mail.subject for mail in site.mails(colleague)] == [f"{own} may use the mailbox {colleague} no longer"]
    assert len(site.mails(own)) == 1  # the notice of her own doing


@pytest.mark.usefixtures("exchange")
def test_a_system_that_is_silent_hides_no_other(
    alice: Person, bob: Person, browser: Browser, slapd_server: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague = mailbox_of(slapd_server, bob)
    slapd_server.replace(alice.account.dn, {"publicDelegates": [bob.account.dn]})

    def silent(_self: object, _account: object) -> Shares:
        raise Unavailable("down")

    monkeypatch.setattr(LdapGroups, "shares", silent)
    page = browser.open("/mailbox/shared").text
    assert "What you see may not be everything" in page
    assert colleague in page
    follow(browser, "/end").send()
    assert "publicDelegates" not in slapd_server.entry(alice.account.dn)


@pytest.mark.usefixtures("exchange")
def test_nobody_is_let_further_in_than_the_system_can(
    site: Site, alice: Person, bob: Person, clock: MovableClock, slapd_server: Slapd
) -> None:
    own, colleague = mailbox_of(slapd_server, alice), mailbox_of(slapd_server, bob)
    for system in ("exchange", "lists"):
        action = ShareMailbox(account_id=alice.account.id, box=own, who=colleague, right="work", system=system)
        result = site.parts.desk.submit(alice.principal(at=clock()), action, alice.account)
        assert isinstance(result, Denied | Pending)
        assert result.reason == "not_your_mailbox"


@pytest.mark.usefixtures("exchange")
def test_whoever_of_the_two_ends_a_share_nobody_hears_of_its_last_day(
    site: Site, alice: Person, bob: Person, clock: MovableClock, slapd_server: Slapd
) -> None:
    own, colleague = mailbox_of(slapd_server, alice), mailbox_of(slapd_server, bob)
    named = {"box": own, "who": colleague, "system": "exchange"}
    last = (site.parts.today() + 3 * DAY).isoformat()
    share = ShareMailbox(account_id=alice.account.id, right="send", last_day=last, **named)
    assert isinstance(site.parts.desk.submit(alice.principal(at=clock()), share, alice.account), Done)
    ended = EndShare(account_id=bob.account.id, **named)
    assert isinstance(site.parts.desk.submit(bob.principal(at=clock()), ended, bob.account), Done)
    site.work()
    told = len(site.mails(f"{alice.login}@elsewhere.test"))
    clock.move(5 * DAY)
    site.work()
    assert len(site.mails(f"{alice.login}@elsewhere.test")) == told
    assert site.entries(alice).count(("share_ended", "outcome", "success", "")) == 0


class Programs(KeepsAppPasswords):
    """A mail system that has app passwords."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}

    def app_passwords(self, account: Account) -> tuple[AppPassword, ...]:
        return tuple(AppPassword(id=name, name=name) for name in self.there)

    def add_app_password(self, account: Account, name: str, password: str) -> None:
        self.there[name] = password

    def remove_app_password(self, account: Account, password_id: str) -> None:
        self.there.pop(password_id, None)


@pytest.fixture
def programs(site: Site) -> Iterator[Programs]:
    system = Programs()
    for _ in with_system(site, "programs", system):
        yield system


def test_an_app_password_is_shown_once_listed_and_removed(
    site: Site, alice: Person, browser: Browser, programs: Programs
) -> None:
    browser.open("/mailbox/app-passwords")
    assert "No app passwords yet" in browser.text
    browser.open("/mailbox/app-passwords/add").send({"label": "Thunderbird"})
    password = programs.there["Thunderbird"]
    assert re.fullmatch(r"(\w{5}-){3}\w{5}", password)
    assert password in browser.text
    assert browser.answer.headers["Cache-Control"] == "no-store"
    site.work()
    assert not any(password in mail.text for mail in site.mails())
    assert password not in browser.open("/mailbox/app-passwords").text
    assert "Thunderbird" in browser.text
    follow(browser, "/remove").send()
    assert programs.there == {}
    assert ("app_password_added", "outcome", "success", "") in site.entries(alice)


def test_a_mailbox_nearly_full_is_told_once_until_there_was_room(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, slapd_server: Slapd
) -> None:
    def fill(used: int) -> int:
        slapd_server.replace(alice.account.dn, {"mailQuota": ["1000"], "mailQuotaUsed": [str(used)]})
        clock.move(timedelta(hours=7))
        site.parts.fullness.run()
        site.work()
        return len([one for one in site.mails(f"{alice.login}@elsewhere.test") if "nearly full" in one.subject])

    assert [fill(used) for used in (800, 950, 990, 880, 960, 700, 950)] == [0, 1, 1, 1, 1, 1, 2]
    assert "nearly full" in Browser(site).sign_in(alice).open("/mailbox").text


def test_where_nothing_is_offered_there_is_no_page(site: Site, alice: Person, browser: Browser) -> None:
    assert browser.open("/mailbox/app-passwords").status == 404
    assert browser.open("/mailbox/shared/add").status == 404  # groups hold no one's own mailbox
    assert browser.open("/mailbox/lists/x/join").status == 404
    stranger = site.parts.desk.submit(
        replace(alice.principal(at=site.clock()), account_id="main:x"),
        EndShare(account_id=alice.account.id, box="a@example.org", who=alice.account.mail or ""),
        alice.account,
    )
    assert not isinstance(stranger, Done)
