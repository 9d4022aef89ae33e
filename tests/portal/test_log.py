"""What auditors find in the record, what they see of an entry, and what of their own is on record."""

import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import quote

import pytest

from audit.notes import VerifierKey
from audit.reading import Entry
from audit.verify.proof_file import verify_proof
from audit.verify.proofs import VerifyFailed
from portal.auditors.setting_changes import note_changes
from portal.auditors.settings import AuditUnit
from portal.cli.audit import verifier_key_of
from portal.identity import roles_of
from portal.settings.installation import Settings
from tests.portal.site import Browser, Person, Site
from tests.servers.slapd import Slapd


@pytest.fixture
def audun(site: Site) -> Person:
    return site.person(groups=("auditors",), givenName="Audun", sn="Vik", cn="Audun Vik")


@pytest.fixture
def auditor(site: Site, audun: Person) -> Browser:
    """An auditor who has signed in."""
    browser = site.browser().sign_in(audun)
    browser.prove(audun, "totp")
    assert browser.path == "/account"
    return browser


@pytest.fixture
def alice(site: Site) -> Person:
    """Somebody who has signed in, once with a wrong password before."""
    alice = site.person(givenName="Alice", sn="Berg", cn="Alice Berg")
    site.browser().sign_in(alice, "wrong password")
    site.browser().sign_in(alice)
    site.work()
    return alice


def rows(browser: Browser) -> list[str]:
    return [row.get_text(" ", strip=True) for row in browser.main.select("tbody th a.one")]


def test_only_auditors_see_the_log_and_strangers_sign_in(site: Site) -> None:
    carol = site.person(groups=("coordinators",))
    browser = site.browser()
    assert browser.open("/log").path == "/sign-in"
    browser.sign_in(carol)
    browser.prove(carol, "totp")
    for path in ("/log", "/log/0", "/log/0/proof", "/log/0/entry.json"):
        assert browser.open(path).status == 403


def test_somebody_is_found_by_login_and_by_name(site: Site, auditor: Browser, alice: Person) -> None:
    for said in (alice.login, "berg alice"):
        auditor.open(f"/log?person={quote(said)}&kind=login")
        assert rows(auditor) == ["Alice Berg signed in", "Somebody did not get in as Alice Berg"]
    assert rows(auditor.open(f"/log?person={alice.login}&result=failure")) == ["Somebody did not get in as Alice Berg"]


def test_a_name_that_nobody_bears_is_found_where_it_was_tried(site: Site, auditor: Browser) -> None:
    site.browser().open("/sign-in").send({"login": "root", "password": "secret12345"})
    found = auditor.open("/log?person=root&kind=login")
    assert rows(found) == ["Somebody tried to sign in with a name that no account has"]
    assert "nobody by that name" in auditor.open("/log?person=toor").text
    assert auditor.status == 422


def test_what_is_typed_wrong_is_said_and_nothing_is_shown(auditor: Browser, alice: Person) -> None:
    for wrong in ("since=yesterday", "ticket=x", "kind=none", "until=2026-13-01", "source=%00"):
        auditor.open(f"/log?{wrong}")
        assert (auditor.status, rows(auditor)) == (422, []), wrong


def test_a_search_is_on_record_once_however_many_pages_are_read(site: Site, auditor: Browser, alice: Person) -> None:
    for path in ("/log?person=" + alice.login, "/log?before=99999&person=" + alice.login, "/log?person=" + alice.login):
        auditor.open(path)
    found = auditor.open("/log?kind=audit_searched")
    assert rows(found) == ["Audun Vik searched the log"]
    searched = site.entries(alice)
    assert [kind for kind, *_ in searched].count("audit_searched") == 1


def test_one_entry_tells_what_changed_who_agreed_and_proves_itself(site: Site, auditor: Browser, audun: Person) -> None:
    kari = site.person(givenName="Kari", sn="Moe", cn="Kari Moe")
    last = (site.clock().date() + timedelta(days=20) - date(1970, 1, 1)).days + 1
    anna = site.person(cn="Anna Lie", manager=kari.account.dn, shadowExpire=str(last), employeeType="guest")
    old = site.parts.accounts.read(anna.account.id).state.ends_on
    assert old
    until = old + timedelta(days=30)
    asking = site.browser().sign_in(anna).open("/ask/extend-account")
    asking.send({"choice": "other", "until": until.isoformat(), "reason": "The plankton is not counted yet."})
    deciding = site.browser().sign_in(kari).open(f"/approvals/{asking.ticket}")
    deciding.send({"reason": "She is still here."}, button="approve")
    site.work()
    site.work()

    found = auditor.open("/log?text=PLANKTON&result=success&kind=account_extend")
    sentence = f"The account of Anna Lie was given more time, by the same person, as agreed in ticket {asking.ticket}"
    assert rows(found) == [sentence]
    number = int(str(auditor.main.select("tbody th a.one")[0]["href"]).rpartition("/")[2])
    auditor.open(f"/log/{number}")
    assert sentence in auditor.text
    assert [cell.get_text(strip=True) for cell in auditor.main.select("del, ins")] == [long_day(old), long_day(until)]
    for part in (
        f"Kari Moe agreed to ticket {asking.ticket} of Anna Lie",
        "“She is still here.”",
        "Begun: The account of Anna Lie was given more time",
        anna.login,
    ):
        assert part in auditor.text
    proof, entry = (auditor.client.get(f"/log/{number}/{part}").data for part in ("proof", "entry.json"))
    assert verify_proof(proof, entry, VerifierKey.parse(verifier_key_of(site.parts)))[0] == number
    with pytest.raises(VerifyFailed):
        verify_proof(proof, entry[:-1] + b" ", VerifierKey.parse(verifier_key_of(site.parts)))
    kinds = [kind for kind, *_ in site.entries(anna)]
    assert (kinds.count("audit_viewed"), kinds.count("audit_exported")) == (1, 1)


def long_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def test_a_question_becomes_a_ticket_and_its_answer_comes_back(site: Site, auditor: Browser, alice: Person) -> None:
    auditor.open(f"/log?person={alice.login}&result=failure")
    entry = str(auditor.main.select("tbody th a.one")[0]["href"])
    auditor.open(entry).send({"question": ""}, form=1)
    assert auditor.status == 422
    auditor.send({"question": "Was that her?"}, form=1)
    assert auditor.path == entry and "Was that her?" in auditor.text
    auditor.send({"note": "Asked about."}, form=0)
    with site.parts.database.read() as db:
        ticket = site.parts.tickets.get(db, int(re.findall(r"Ticket (\d+)", auditor.text)[-1]))
    assert "Was that her?" in ticket.text and "Somebody did not get in as Alice Berg" in ticket.text
    carol = site.person(groups=("coordinators",), cn="Carol Hansen")
    desk = site.parts.counter
    desk.fulfil(carol.principal(roles=frozenset({"coordinator"}), at=site.clock()), ticket.number, 1, "It was her.")
    assert "It was her." in auditor.open(entry).text
    assert rows(auditor.open(f"/log?person={alice.login}&result=failure&review=no")) == []
    assert len(rows(auditor.open(f"/log?person={alice.login}&result=failure&review=yes"))) == 1
    assert len(rows(auditor.open("/log?kind=audit_asked"))) == 1


def test_a_search_can_be_kept_and_forgotten(auditor: Browser, alice: Person) -> None:
    auditor.open(f"/log?person={alice.login}&result=failure").send({"name": "Alice’s mistakes"})
    assert auditor.answer.request.query_string.decode() == f"person={alice.login}&result=failure"
    link = auditor.open("/log").main.select("#saved ~ ul a")[0]
    assert (link.get_text(), rows(auditor.open(str(link["href"])))) == (
        "Alice’s mistakes",
        ["Somebody did not get in as Alice Berg"],
    )
    auditor.send({}, form=0)
    assert not auditor.main.select("#saved ~ ul a")


def test_an_auditor_does_nothing_else(site: Site) -> None:
    both = site.person(groups=("auditors", "coordinators"))
    assert roles_of(site.parts.accounts.read(both.account.id), site.settings.roles) == {"auditor"}
    browser = site.browser().sign_in(both)
    browser.prove(both, "totp")
    for path in ("/desk", "/desk/people", "/desk/people/find"):
        assert browser.open(path).status == 403


class TestUnits:
    """Alice is of science, Bob of the library, and Audun audits science."""

    @pytest.fixture
    def settings(self, settings: Settings, slapd_server: Slapd) -> Settings:
        unit = AuditUnit(
            name="Science", people=("Science",), auditors=(f"cn=auditors,{slapd_server.groups_base}".upper(),)
        )
        audit = settings.audit.model_copy(update={"units": (unit,)})
        return settings.model_copy(update={"audit": audit})

    def test_its_auditors_see_its_entries_only(self, site: Site, auditor: Browser) -> None:
        alice = site.person(cn="Alice Berg", departmentNumber="Science")
        bob = site.person(cn="Bob Lund", departmentNumber="Library")
        for person in (alice, bob):
            site.browser().sign_in(person)
        site.work()
        assert rows(auditor.open("/log?kind=login")) == ["Alice Berg signed in"]
        assert rows(auditor.open(f"/log?kind=login&person={bob.login}")) == []
        seen = {
            entry.index: auditor.open(f"/log/{entry.index}").status
            for person in (alice, bob)
            for entry in history(site, person)
            if entry.kind == "login"
        }
        assert sorted(seen.values()) == [200, 404]
        assert auditor.client.get("/audit/tile/entries/000.p/1").status_code == 403

    def test_who_audits_no_unit_sees_nothing(self, site: Site) -> None:
        assert site.parts.auditing.units.seen_by(["cn=others,dc=example"]) == ()


def history(site: Site, person: Person) -> list[Entry]:
    with site.parts.database.read() as db:
        return site.parts.log.history(db, person.account.id, 10)


def test_changed_settings_are_on_record_by_name_only(site: Site, auditor: Browser, settings: Settings) -> None:
    note = lambda changed: note_changes(changed, site.parts.database, site.parts.log, site.parts.keys)  # noqa: E731
    assert note(settings) == 0  # the first time there is nothing to compare with
    mail = replace(settings.mail, user="portal", password="hunter2-hunter2")
    assert note(settings.model_copy(update={"mail": mail, "listen": "0.0.0.0:1"})) == 2
    assert note(settings.model_copy(update={"mail": mail})) == 0
    site.work()
    assert rows(auditor.open("/log?kind=settings_changed")) == [
        "The setting mail.user was changed, by the portal itself",
        "The setting mail.password was changed, by the portal itself",
    ]
    assert "hunter2" not in auditor.page.get_text()
