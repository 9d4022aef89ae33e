"""My mailbox, from the page to a real Dovecot and back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.mailbox import Forwards, SharesMailboxes
from connectors.mailboxes.doveadm import DoveadmSettings
from connectors.mailboxes.ldap import LdapMailboxSettings
from connectors.mailboxes.sieve_client import ManageSieveSettings
from portal.actions.forward_outside import ForwardOutside
from portal.actions.remove_forwarding import RemoveForwarding
from portal.actions.set_forwarding import SetForwarding
from portal.demo.mail import Mailbag
from portal.mailboxes.forward_guard import Place
from portal.results import Denied, Done, Pending
from portal.settings.installation import Settings
from portal.tables import operation
from tests.portal.site import Browser, MovableClock, Person, Site
from tests.servers.dovecot import API_KEY, DOMAIN, MASTER, MASTER_PASSWORD, Dovecot
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing here is the database's
TEXT = 'I am away.\n"; discard; #'
PARTNER, FORBIDDEN = "partner.local", "forbidden.example"


@pytest.fixture
def settings(settings: Settings, dovecot_server: Dovecot) -> Settings:
    """With the mailboxes on a Dovecot."""
    sieve = ManageSieveSettings(
        name="post",
        host="127.0.0.1",
        port=dovecot_server.sieve_port,
        ca_file=Path(dovecot_server.ca_file),
        user=MASTER,
        password=MASTER_PASSWORD,
        domains=(DOMAIN,),
    )
    quota = DoveadmSettings(
        name="room",
        url=f"http://127.0.0.1:{dovecot_server.doveadm_port}",
        key=API_KEY,
        domains=(DOMAIN,),
        shared_prefix="shared/",
    )
    attributes = LdapMailboxSettings(
        name="attributes", directory="main", domains=(DOMAIN,), without=("auto_reply", "forwards")
    )
    rules = settings.mailbox.model_copy(update={"trusted": (PARTNER,), "refused": (FORBIDDEN,)})
    return settings.model_copy(update={"mailboxes": (sieve, quota, attributes), "mailbox": rules})


@pytest.fixture
def alice(site: Site, dovecot_server: Dovecot) -> Person:
    """Somebody with a mailbox."""
    return site.person(mail=dovecot_server.mailbox())


@pytest.fixture
def browser(site: Site, alice: Person) -> Browser:
    return Browser(site).sign_in(alice)


def went(server: Dovecot, sent: Mailbag, address: str, sender: str) -> list[str]:
    """Deliver one mail; to whom mail leaves because of it."""
    before = {mail.id for mail in sent.all()}
    server.deliver(address, sender=sender)
    return [mail.recipient for mail in sent.all() if mail.id not in before]


def test_an_auto_reply_is_previewed_set_seen_told_and_turned_off(
    site: Site, alice: Person, browser: Browser, dovecot_server: Dovecot, sent_by_dovecot: Mailbag
) -> None:
    today = site.parts.today()
    fields = {
        "starts": (today - timedelta(days=1)).isoformat(),
        "ends": (today + timedelta(days=1)).isoformat(),
        "subject": "Away",
        "text": TEXT,
        "outside": "same",
        "days": "7",
    }
    browser.open("/mailbox/auto-reply").send(fields, button="preview")
    assert "I am away." in browser.text
    assert "Nothing is saved yet" in browser.text
    assert site.parts.forwards.mailboxes.of(alice.account).mailbox.auto_reply is None  # type: ignore[union-attr]
    browser.send(fields)
    assert browser.path == "/mailbox"
    assert "I am away." in browser.text
    assert "On until" in browser.text
    assert went(dovecot_server, sent_by_dovecot, alice.account.mail or "", "bob@outside.test") == ["bob@outside.test"]
    site.work()
    assert any("auto reply is set" in mail.subject for mail in site.mails(f"{alice.login}@elsewhere.test"))
    browser.open("/mailbox/auto-reply/off").send()
    assert "Off" in browser.text
    assert went(dovecot_server, sent_by_dovecot, alice.account.mail or "", "cat@outside.test") == []
    kinds = [(kind, phase, outcome) for kind, phase, outcome, _ in site.entries(alice) if kind.startswith("auto")]
    assert ("auto_reply_set", "intent", None) in kinds
    assert ("auto_reply_set", "outcome", "success") in kinds
    assert ("auto_reply_removed", "outcome", "success") in kinds
    with site.parts.database.read() as db:  # no text of a mail is written down
        written = [row.details for row in db.execute(select(operation)).all() if row.action == "set_auto_reply"]
    assert written
    assert all("away" not in str(details) for details in written)


def test_what_cannot_be_is_said_beside_the_field(browser: Browser) -> None:
    browser.open("/mailbox/auto-reply")
    for fields, words in (
        ({"text": ""}, "Write what people get"),
        ({"text": "x", "ends": "2001-01-01"}, "That day is over"),
        ({"text": "x", "starts": "2100-02-01", "ends": "2100-01-01"}, "before the first"),
        ({"text": "x", "outside": "other"}, "Write the text for people outside"),
        ({"text": "x", "subject": "a\r\nBcc: b@x.test"}, "cannot be typed"),
        ({"text": "x" * 5001}, "5000"),
    ):
        browser.send({"outside": "same", "days": "7"} | fields)
        assert browser.status == 422
        assert words in browser.text


def test_mail_is_forwarded_inside_at_once_and_stopped(
    site: Site, alice: Person, browser: Browser, dovecot_server: Dovecot, sent_by_dovecot: Mailbag
) -> None:
    target = f"bob@{PARTNER}"
    browser.open("/mailbox/forwarding").send({"address": target, "keep_copy": "y"})
    assert browser.path == "/mailbox"
    assert target in browser.text
    assert went(dovecot_server, sent_by_dovecot, alice.account.mail or "", "x@outside.test") == [target]
    site.work()
    assert any(target in mail.subject for mail in site.mails(f"{alice.login}@elsewhere.test"))
    connector = site.parts.connectors.able_to(Forwards, alice.account)  # what settles it after a crash
    assert SetForwarding.look(connector, {"target": target.upper()}, alice.account) == "success"
    assert SetForwarding.look(connector, {"target": "x@y.example"}, alice.account) == "failure"
    assert RemoveForwarding.look(connector, {"target": target}, alice.account) == "failure"
    link = browser.page.select_one("main a.btn-stop[href*=forwarding]")
    assert link
    browser.open(str(link["href"])).send()
    assert target not in browser.text
    assert went(dovecot_server, sent_by_dovecot, alice.account.mail or "", "x@outside.test") == []


def test_an_address_outside_agrees_others_agree_and_it_waits(
    site: Site,
    alice: Person,
    browser: Browser,
    clock: MovableClock,
    dovecot_server: Dovecot,
    sent_by_dovecot: Mailbag,
) -> None:
    target = f"{alice.login}@home.example"
    browser.open("/mailbox/forwarding").send({"address": target, "keep_copy": "y"})
    assert browser.path != "/mailbox"
    site.work()
    [letter] = site.mails(target)
    browser.send({"code": "000000"})
    assert "attempt" in browser.text or browser.status == 422
    code = re.search(r"\d{3} \d{3}", letter.text)
    assert code
    browser.send({"code": code.group()})
    assert browser.result == "pending"
    assert went(dovecot_server, sent_by_dovecot, alice.account.mail or "", "x@outside.test") == []
    carol = site.person(groups=("coordinators",))
    desk = Browser(site).sign_in(carol).prove(carol, "totp")
    desk.open(f"/desk/tickets/{browser.ticket}")
    assert target in desk.text
    desk.send({"reason": "Her own address."}, form=len(desk.forms) - 1, button="approve")
    site.work()
    browser.open("/mailbox")
    assert target in browser.text
    assert "Begins" in browser.text or went(
        dovecot_server, sent_by_dovecot, alice.account.mail or "", "y@outside.test"
    ) == [target]


def test_the_desk_holds_whatever_a_page_says(site: Site, alice: Person, clock: MovableClock) -> None:
    actor, account = alice.principal(at=clock()), alice.account
    submit = site.parts.desk.submit

    def inside(target: str) -> object:
        return submit(actor, SetForwarding(account_id=account.id, target=target, keep_copy=True), account)

    def outside(target: str) -> object:
        return submit(actor, ForwardOutside(account_id=account.id, target=target, keep_copy=True), account)

    for result, reason in (
        (inside("x@evil.test"), "forward_misplaced"),
        (outside(f"x@{DOMAIN}"), "forward_misplaced"),
        (inside(account.mail or ""), "forward_loop"),
        (inside((account.mail or "").replace("@", "+lists@").upper()), "forward_loop"),
    ):
        assert isinstance(result, Denied)
        assert result.reason == reason
    assert isinstance(outside(f"x@{FORBIDDEN}"), Pending)  # a ticket, as no refusal is a dead end
    assert isinstance(outside("x@home.test"), Pending)
    assert site.parts.forwards.mailboxes.of(account).mailbox.forwards == ()  # type: ignore[union-attr]
    place = site.parts.forwards.place  # domains are compared without tricks
    assert place(f"x@{DOMAIN.upper()}") is Place.INSIDE
    assert place(f"x@{DOMAIN}.evil.test") is Place.OUTSIDE
    assert place(f"x@evil{DOMAIN}") is Place.OUTSIDE
    assert place(f'"x@{DOMAIN}"@evil.test') is Place.OUTSIDE
    assert place(f"x@{FORBIDDEN}") is Place.REFUSED


def test_a_circle_over_several_people_is_refused(
    site: Site, alice: Person, clock: MovableClock, dovecot_server: Dovecot
) -> None:
    bob, cat = (site.person(mail=dovecot_server.mailbox()) for _ in range(2))
    for one, other in ((bob, cat), (cat, alice)):
        action = SetForwarding(account_id=one.account.id, target=other.account.mail or "", keep_copy=True)
        assert isinstance(site.parts.desk.submit(one.principal(at=clock()), action, one.account), Done)
    action = SetForwarding(account_id=alice.account.id, target=bob.account.mail or "", keep_copy=True)
    result = site.parts.desk.submit(alice.principal(at=clock()), action, alice.account)
    assert isinstance(result, Denied)
    assert result.reason == "forward_loop"


def test_a_coordinator_answers_for_somebody_absent_who_is_told_why(
    site: Site, alice: Person, dovecot_server: Dovecot, sent_by_dovecot: Mailbag
) -> None:
    carol = site.person(groups=("coordinators",))
    desk = Browser(site).sign_in(carol).prove(carol, "totp")
    desk.open(f"/desk/people/{alice.account.id}")
    assert "Set an auto reply" in desk.text
    desk.open(f"/desk/people/{alice.account.id}/absence")
    desk.send({"text": "Ill.", "outside": "same", "days": "7", "reason": "Her manager rang."})
    assert desk.result == "done"
    assert went(dovecot_server, sent_by_dovecot, alice.account.mail or "", "z@outside.test") == ["z@outside.test"]
    site.work()
    told = [mail.text for mail in site.mails(f"{alice.login}@elsewhere.test")]
    assert any("Her manager rang." in text for text in told)
    assert not any("Ill." in text for text in told)


def test_the_page_tells_how_full_it_is_and_what_cannot_be_asked(
    site: Site, alice: Person, browser: Browser, dovecot_server: Dovecot
) -> None:
    dovecot_server.deliver(alice.account.mail or "", sender="x@outside.test", text="x" * 900)
    assert "of 10 MB used" in browser.open("/mailbox").text
    assert "Something else about your mailbox" in browser.text


def test_whoever_has_no_mailbox_here_has_no_page(site: Site) -> None:
    bob = Browser(site).sign_in(site.person(mail="bob@elsewhere.test"))
    assert bob.open("/mailbox").status == 404
    assert bob.open(f"/desk/people/{site.person().account.id}/absence").status in (403, 404)


def test_other_addresses_and_more_room_are_agreed_to_and_come_true(
    site: Site, alice: Person, browser: Browser, slapd_server: Slapd
) -> None:
    own, domain = f"{alice.login}.too", (alice.account.mail or "").rpartition("@")[2]
    browser.open("/mailbox/addresses/add").send({"label": own, "domain": domain, "reason": "A course."})
    numbers = [browser.ticket]
    browser.open("/mailbox/size").send({"choice": "10", "reason": "Pictures."})
    numbers.append(browser.ticket)
    carol = site.person(groups=("coordinators",))
    desk = Browser(site).sign_in(carol).prove(carol, "totp")
    for number, words in zip(numbers, (f"{own}@{domain}", "10 GB"), strict=True):
        desk.open(f"/desk/tickets/{number}")
        assert words in desk.text
        desk.send({"reason": "Fine."}, form=len(desk.forms) - 1, button="approve")
    site.work()
    assert slapd_server.entry(alice.account.dn)["mailQuota"] == [b"10240"]
    assert f"{own}@{domain}" in browser.open("/mailbox").text
    link = browser.page.select_one("main a.btn-stop[href*=addresses]")
    assert link
    browser.open(str(link["href"])).send()
    assert f"{own}@{domain}" not in browser.text


def test_a_colleague_is_let_in_until_a_day_and_shown_among_the_ways(
    site: Site, alice: Person, browser: Browser, clock: MovableClock, dovecot_server: Dovecot
) -> None:
    bob, today = site.person(mail=dovecot_server.mailbox()), site.parts.today()
    browser.open("/mailbox/shared/add")
    for fields, words in (
        ({"address": alice.login}, "That is you"),
        ({"address": "nobody"}, "Nobody here has that address"),
        ({"address": bob.login, "until": "2001-01-01"}, "That day is over"),
    ):
        browser.send({"right": "read"} | fields)
        assert (browser.status, words in browser.text) == (422, True)
    until = (today + timedelta(days=2)).isoformat()
    browser.send({"address": bob.login, "right": "read", "until": until})
    assert browser.path == "/mailbox/shared"
    assert bob.account.mail and bob.account.mail in browser.text
    assert "May use your mailbox" in browser.open("/mailbox").text
    connector = site.parts.connectors.able_to(SharesMailboxes, alice.account)
    assert connector
    assert [one.who for one in connector.shares(alice.account).mine] == [bob.account.mail]
    assert (alice.account.mail or "") in Browser(site).sign_in(bob).open("/mailbox/shared").text
    clock.move(timedelta(days=4))
    site.work()
    assert connector.shares(alice.account).mine == ()
    assert ("share_ended", "outcome", "success", "") in site.entries(alice)
