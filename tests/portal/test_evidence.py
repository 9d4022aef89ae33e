"""A view of the log leaves as a file: short ones at once, long ones and packs by the worker, only for whoever asked."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from audit.evidence.files import read_zip
from audit.keys import load_key, verifier_key
from audit.notes import VerifierKey
from audit.verify.pack import verify_pack
from portal.evidence import exporting
from portal.record.tables import export, export_part
from portal.settings.installation import Settings
from tests.portal.site import Browser, Person, Site
from tests.portal.watching_year import Writer

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def auditor(site: Site) -> Person:
    return site.person(groups=("auditors",))


@pytest.fixture
def browser(site: Site, auditor: Person) -> Browser:
    return site.browser().sign_in(auditor).prove(auditor, "totp")


@pytest.fixture
def does(site: Site) -> Writer:
    return Writer(site.parts.log, site.parts.database)


def work(site: Site, passes: int = 6) -> None:
    """What the worker does while some seconds pass."""
    for _ in range(passes):
        site.work()
        site.clock.move(timedelta(seconds=2))


def exported(site: Site) -> list[tuple[str, str | None]]:
    """What the record tells of exports: the view, and the digest of a pack."""
    with site.parts.database.read() as db:
        log = site.parts.log
        found = [log.entry(db, number) for number in range(log.size(db))]
    told = [entry for entry in found if entry.kind == "audit_exported"]
    return [(entry.disclosures["object"], entry.event["unmapped"].get("sha256")) for entry in told]


def ask(browser: Browser, format: str, filters: str = "") -> Browser:
    return browser.open(f"/log/export?{filters}").send({"format": format})


def test_beside_every_file_stands_the_checkpoint_that_holds_the_log_to_it(site: Site, browser: Browser) -> None:
    site.work()
    note = browser.client.get("/audit/checkpoint").text
    shown = browser.open("/log/export").main.select_one("details pre")
    assert shown and shown.text.strip() == note.strip()


def test_a_short_view_comes_at_once_safe_for_spreadsheets_and_is_on_record(
    site: Site, browser: Browser, does: Writer
) -> None:
    alice = site.person()
    does.did("password_reset", alice.account.id, alice.account.id, reason="=HYPERLINK(1) lost", source="192.0.2.7")
    filters = f"person={alice.login}&kind=password_reset"
    answer = ask(browser, "csv", filters).answer
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [(row["Kind"], row["In their own words"]) for row in rows] == [("password_reset", "'=HYPERLINK(1) lost")]
    assert rows[0]["Whom it is about"] == alice.account.name

    event = json.loads(ask(browser, "jsonl", filters).answer.get_data(as_text=True).splitlines()[0])
    assert event["unmapped"]["kind"] == "password_reset" and event["user"]["uid_alt"] == alice.account.id
    assert exported(site) == [(filters, None)] * 2


def test_a_long_view_is_made_by_the_worker_piece_by_piece_and_announced(
    site: Site, browser: Browser, auditor: Person, does: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "A_TIME", 10)
    object.__setattr__(site.parts.settings.exports, "at_once", 5)
    for number in range(35):
        does.did("unlock", "demo:staff", f"demo:{number}")
    page = ask(browser, "jsonl", "kind=unlock")
    assert "Being written" in page.text and page.path == "/log/export"
    does.did("unlock", "demo:staff", "demo:later")  # not in it: it came after the question
    work(site)

    page = browser.open("/log/export")
    assert "Ready" in page.text and "35 entries" in page.text
    link = str(page.main.select_one("a[href^='/log/export/']")["href"])  # type: ignore[index]
    told = [json.loads(line)["unmapped"]["tlog"]["index"] for line in browser.open(link).answer.text.splitlines()]
    assert told == sorted(told, reverse=True) and len(set(told)) == 35
    assert [mail for mail in site.mails(auditor.login) if "export" in mail.subject]

    other = site.person(groups=("auditors",))
    assert site.browser().sign_in(other).prove(other, "totp").open(link).status == 404
    with site.parts.database.read() as db:
        stored = db.execute(select(export_part.c.content)).scalars().first()
    assert stored and b"unlock" not in stored


def test_an_evidence_pack_of_one_person_proves_itself(
    site: Site, browser: Browser, settings: Settings, does: Writer
) -> None:
    alice, bob = site.person(), site.person()
    for person in (alice, bob, alice):
        does.did("password_reset", person.account.id, person.account.id, source="192.0.2.7")
    filters = f"person={alice.login}"
    ask(browser, "zip", filters)
    work(site)
    page = browser.open("/log/export")
    link = str(page.main.select_one("a[href^='/log/export/']")["href"])  # type: ignore[index]
    files = read_zip(browser.client.get(link).get_data())

    key = verifier_key(load_key(settings.audit.signing_key), settings.audit.origin)
    report = verify_pack(files, VerifierKey.parse(key))
    assert (report.entries, report.disclosures) == (4, 4)  # two intents, two outcomes, and where each came from
    html = files["report.html"].decode()
    assert alice.account.name in html and bob.account.name not in html and "<svg" in html and "<script" not in html
    assert "http" not in html
    ((view, digest),) = exported(site)
    assert view == filters and digest


@ON_SQLITE
def test_a_pack_waits_for_the_signature_and_says_so_when_none_comes(
    site: Site, browser: Browser, does: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    does.did("unlock", "demo:staff", "demo:1")
    ask(browser, "zip", "kind=unlock")
    monkeypatch.setattr(site, "_sealer", type("Nobody", (), {"seal": lambda *_: None})())
    work(site, 2)
    assert "Waits for the signature" in browser.open("/log/export").text
    site.clock.move(timedelta(minutes=61))
    work(site, 2)
    with site.parts.database.read() as db:
        assert db.execute(select(export.c.state)).scalar_one() == "failed"


@ON_SQLITE
def test_a_pack_of_too_much_is_refused_with_the_way_out(
    site: Site, browser: Browser, does: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_IN_PACK", 3)
    for number in range(5):
        does.did("unlock", "demo:staff", f"demo:{number}")
    ask(browser, "zip", "kind=unlock")
    work(site, 2)
    assert "Ask for one person" in browser.open("/log/export").text


@ON_SQLITE
def test_files_are_deleted_when_their_days_are_over(site: Site, browser: Browser, does: Writer) -> None:
    from portal.housekeeping import sweep

    does.did("unlock", "demo:staff", "demo:1")
    ask(browser, "zip", "kind=unlock")
    work(site)
    for days, left in ((6, 1), (2, 0)):
        site.clock.move(timedelta(days=days))
        sweep(site.parts.database, site.clock())
        with site.parts.database.read() as db:
            assert db.execute(select(func.count()).select_from(export)).scalar_one() == left
            assert bool(db.execute(select(func.count()).select_from(export_part)).scalar_one()) == bool(left)


@ON_SQLITE
def test_only_auditors_get_here(site: Site) -> None:
    alice = site.person()
    assert site.browser().sign_in(alice).open("/log/export").status == 403
    assert site.browser().open("/log/export").path == "/sign-in"


@ON_SQLITE
def test_everybody_takes_his_own_history_along_and_nothing_of_others(site: Site, does: Writer) -> None:
    alice, bob = site.person(), site.person()
    does.did("password_reset", alice.account.id, alice.account.id, source="192.0.2.7")
    does.did("unlock", bob.account.id, alice.account.id, source="198.51.100.9")
    does.did("unlock", bob.account.id, bob.account.id)
    browser = site.browser().sign_in(alice)
    table = browser.open("/account/history").open("/account/history/file").answer.get_data(as_text=True)
    lines = browser.open("/account/history/file?format=jsonl").answer.get_data(as_text=True)
    events = [json.loads(line) for line in lines.splitlines()]

    assert [event["unmapped"]["kind"] for event in events] == ["login", "unlock", "password_reset"]
    assert "192.0.2.7" in lines and "192.0.2.7" in table
    assert "198.51.100.9" not in lines + table and bob.account.id not in lines
    assert len(list(csv.reader(io.StringIO(table)))) == 4
