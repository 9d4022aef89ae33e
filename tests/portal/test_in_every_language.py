"""Whole walks and every mail, read in each language: no English is left, and hours are written as they should be."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from portal.letters import Letters
from tests.portal.site import NEW, Browser, Person, Site
from tests.servers.people import State
from tests.translations import ROOT, TRANSLATED, compile_all, english_left

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, ids=["sqlite"]),
    pytest.mark.parametrize("tag", TRANSLATED),
]
SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-show", "data-todo", "data-done", "data-no", "data-all-fit")
FRAMES = {"letter", "notice", "factor_name"}
MAILS = sorted({path.stem for path in (ROOT / "templates" / "mail").glob("*.txt")} - FRAMES)


@pytest.fixture(autouse=True, scope="session")
def compiled() -> None:
    compile_all()


class Reader:
    """Walks as a person who reads one language only."""

    def __init__(self, site: Site, tag: str) -> None:
        self.tag, self.site, self.browser = tag, site, site.browser()
        self.english = english_left(tag)
        self.browser.open(f"/?language={tag}")

    def reads(self) -> None:
        """The page that is open speaks the language, all of it."""
        page = self.browser.page
        assert page.html is not None and page.html["lang"] == self.tag
        self.understands(*_pieces(page))

    def understands(self, *pieces: str) -> None:
        assert [piece for piece in pieces if self.english(self._without_the_organisation(piece))] == []
        assert [piece for piece in pieces if re.search(r"\d\d:\d\d", piece)] == []  # 08.52, not 08:52

    def _without_the_organisation(self, piece: str) -> str:
        own = self.site.settings.organisation
        for words in (own.name, own.hours, own.place):
            piece = piece.replace(words, "")
        return piece


def _pieces(page: BeautifulSoup) -> Iterator[str]:
    for menu in page.select("[hreflang], script"):
        menu.extract()
    yield from (" ".join(text.split()) for text in page.find_all(string=True) if text.strip() and text != "html")
    yield from (str(thing[name]) for name in SPOKEN for thing in page.select(f"[{name}]"))


@pytest.fixture
def reader(site: Site, tag: str) -> Reader:
    return Reader(site, tag)


def test_what_a_stranger_sees_is_translated(reader: Reader) -> None:
    for path in ("/", "/recover", "/recover/login-name", "/sign-in", "/no-such-page"):
        reader.browser.open(path)
        reader.reads()


def test_a_recovery_is_translated_with_its_mistakes(reader: Reader, site: Site) -> None:
    alice, browser = site.person(state=State.LOCKED), reader.browser
    browser.open("/recover").send({"login": ""})
    reader.reads()
    browser.send({"login": alice.login})
    site.work()
    reader.reads()
    browser.send({"factor": "totp"}).send({"code": "000000"})
    reader.reads()
    browser.send({"code": site.totp(alice)})
    reader.reads()
    browser.prove(alice, "mailed_code")
    reader.reads()
    browser.send({"new_password": "short", "new_password_again": "other"})
    reader.reads()
    assert browser.send({"new_password": NEW, "new_password_again": NEW}).result == "done"
    reader.reads()
    browser.open(str(browser.page.select("a.btn-stop")[0]["href"]))
    reader.reads()
    assert browser.send().status == 200
    reader.reads()


def test_who_has_no_proof_left_reads_on_in_the_same_language(reader: Reader, site: Site) -> None:
    reader.browser.open("/recover").send({"login": site.person().login})
    reader.browser.open("/recover/stuck")
    reader.reads()
    assert reader.browser.send({"text": "Plankton"}).result == "pending"
    reader.reads()
    reader.browser.open(site.parts.links.ticket_path(reader.browser.ticket))
    reader.reads()


def test_the_account_its_proofs_and_history_are_translated(reader: Reader, site: Site) -> None:
    alice, browser = site.person(), reader.browser
    browser.sign_in(alice, "wrong")
    reader.reads()
    browser.sign_in(alice)
    own = ("/contact", "/contact/addresses/new", "/contact/phone", "/keys", "/keys/add")
    for path in ("", "/security", "/security/totp", "/security/codes", "/history", *own):
        assert browser.open(f"/account{path}").status == 200
        reader.reads()
    for path in ("", "/change-password", "/unlock-account", "/anything-else"):
        assert browser.open(f"/ask{path}").status == 200
        reader.reads()


def test_a_ticket_is_translated_for_whoever_asks_and_whoever_decides(reader: Reader, site: Site) -> None:
    alice, browser = site.person(), reader.browser
    browser.sign_in(alice).open("/ask/anything-else").send({"subject": "Monitor", "text": "Plankton"})
    number = browser.ticket
    reader.reads()
    browser.open("/tickets")
    reader.reads()
    browser.open(f"/tickets/{number}")
    reader.reads()
    carol = site.person(groups=("coordinators",))
    _works_the_queue(Reader(site, reader.tag), carol, number)


def _works_the_queue(reader: Reader, carol: Person, number: int) -> None:
    browser: Browser = reader.browser.sign_in(carol).prove(carol, "totp")
    for path in ("/desk", f"/desk/tickets/{number}"):
        browser.open(path)
        reader.reads()
    browser.send()
    reader.reads()
    note = next(i for i, form in enumerate(browser.forms) if str(form["action"]).endswith("/note"))
    browser.send({"text": "Plankton"}, form=note)
    reader.reads()


def test_every_mail_is_translated(reader: Reader, site: Site, tag: str) -> None:
    letters, values = Letters(site.app, site.settings), _values(site)
    reader.understands(
        *(line for mail in MAILS for part in letters.write(mail, tag, values) for line in part.splitlines())
    )


def _values(site: Site) -> dict[str, Any]:
    """What any mail may be given."""
    now = site.clock()
    return {
        "name": "Alice Berg", "login": "aliceb", "at": now, "source": "198.51.100.23", "factor": "totp",
        "was_locked": True, "attempt": "7f3k21qd-99aa", "undo_url": "https://x.example/u", "code": "684 210",
        "valid_until": now, "number": 4711, "subject": "Plankton", "text": "Plankton", "decision": "refused",
        "due": now + timedelta(days=40), "ticket_url": "https://x.example/t", "claim": "aliceb",
        "provider": "Plankton", "shown": "Plankton",
        "fingerprint": "SHA256:Plankton", "old": "a•••@x.example", "new": "", "old_address": "", "stopped": False,
        "new_address": "b•••@x.example", "replaced": True, "cancel_url": "https://x.example/c",
        "changed": now, "failures": 3, "locked": True, "until": "2026-09-30", "ends_on": "2026-03-31", "days_left": 14,
        "person": "Bjørn Åkesson", "why": "Plankton", "password": True, "factor_title": "TOTP",
        "decides": "", "again": False, "bridged": "2026-04-14",
        "staff": "Carol Hansen", "caller_ticket": 4711, "vouch_url": "https://x.example/v",
        "link_url": "https://x.example/l", "export_url": "https://x.example/e",
        "count": 3, "what": "asked", "other": "Bjørn Åkesson", "starts": now, "ends": now, "back": now,
        "gaps": [{"queue": "tier2", "starts": now.isoformat(), "ends": now.isoformat()}],
        "tickets": [{"number": n, "subject": "Plankton", "due": now.isoformat()} for n in (1, 2)],
        "first_day": "2026-04-06", "last_day": "2026-04-17", "done_by": "Carol Hansen", "target": "b@x.example",
        "keep_copy": True, "address": "b@x.example", "gigabytes": 10,
        "box": "a@x.example", "who": "b@x.example", "right": "work", "label": "Plankton", "waits_until": now,
        "reader": "b@x.example", "mailbox_url": "https://x.example/m",
        "person_url": "https://x.example/p", "used": "4.8 GB", "limit": "5 GB",
        "system": "Plankton", "outcome": "success",
        "systems": [
            {"name": "Plankton", "outcome": outcome, "reason": reason, "ticket": 4711}
            for outcome, reason in (
                ("success", ""), ("pending", ""), ("failure", ""), ("failure", "no_account_there"), (None, ""),
            )
        ],
        "note": "Plankton", "lines": ["x.example/audit", "3"], "day": "2026-09-30",
        "reason": "no_factor_left", "recover_url": "https://x.example/r",
    }  # fmt: skip
