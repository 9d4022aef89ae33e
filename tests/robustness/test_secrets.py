"""After a run of every flow no password, code, factor secret or cookie stands in any file, log or mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest

from tests.robustness.browser import Browser
from tests.robustness.record import wait_until_sealed
from tests.robustness.searching import forms, found
from tests.servers.deployment import Deployment, Person, deployment
from tests.servers.people import PASSWORD, State
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd


@dataclass
class Life:
    """Everything secret that was typed, shown or kept while people used the portal."""

    made: Deployment
    typed: set[str] = field(default_factory=lambda: {PASSWORD})
    mailed: set[str] = field(default_factory=set)

    def forget(self, person: Person, *names: str) -> None:
        """A recovery with a code by mail, all sorts of wrong answers, and a new password that is refused at first."""
        at = Browser(self.made.url)
        at.identify("My-secret-password-typed-as-a-name")
        at.identify(person.login)
        at.send({"factor": "mailed_code"})
        at.send({"code": "wrong-code-typed-here"})
        code = self.made.code(person)
        self.mailed.add(code)
        self.typed |= {"My-secret-password-typed-as-a-name", "wrong-code-typed-here", at.cookie()}
        at.send({"code": code.replace(" ", "")})
        paper = person.codes.pop()
        at.prove("recovery_code", paper)
        self.typed |= {paper, paper.replace("-", ""), person.secret, *person.codes}
        for new in ("short-7", f"{person.login}-is-my-name-9", *names):
            at.choose(new)
            self.typed.add(new)
        assert at.page.about("result") == "done", at.page.text
        person.password = names[-1]

    def manage(self, person: Person) -> None:
        """Sign in, wrong and right; a new phone and new codes; another password."""
        at = Browser(self.made.url)
        at.open("/sign-in")
        at.send({"login": person.login, "password": "Wrong-password-typed-1"})
        at.sign_in(person)
        self.typed |= {"Wrong-password-typed-1", at.cookie()}
        at.open("/account/security/totp")
        secret = self._shown_secret(at)
        at.send({"label": "New phone", "code": pyotp.TOTP(secret).now()})
        at.open("/account/security/codes")
        shown = re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", at.send(action="/account/security/codes").text)
        assert len(shown) == 10
        at.open("/ask/change-password")
        new = "Change-of-mind-river-7"
        at.send({"password": "Wrong-password-typed-2", "new_password": new, "new_password_again": new})
        at.send({"password": person.password, "new_password": new, "new_password_again": new})
        assert at.page.about("result") == "done", at.page.text
        self.typed |= {secret, *shown, new, "Wrong-password-typed-2", at.cookie()}

    def must_change(self, person: Person) -> None:
        at, new = Browser(self.made.url), "Forced-change-meadow-3"
        at.sign_in(person)
        assert at.page.path == "/sign-in/expired"
        at.send({"password": person.password, "new_password": new, "new_password_again": new})
        assert self.made.directory.binds(person.account.dn, new)
        self.typed |= {new, at.cookie()}

    def give_up(self, person: Person) -> None:
        at = Browser(self.made.url)
        at.identify(person.login)
        at.open("/recover/stuck")
        at.send({"text": "I have lost everything."})
        self.typed.add(at.cookie())

    def _shown_secret(self, at: Browser) -> str:
        shown = re.search(r"\b(?:[A-Z2-7]{4} ?){8}\b", at.page.text)
        assert shown, at.page.text
        return shown[0].replace(" ", "")


@pytest.fixture(scope="module")
def life(slapd_server: Slapd) -> Iterator[Life]:
    with deployment(slapd_server, options={"": 'log_level = "debug"\n'}) as made:
        made.start()
        lived = Life(made)
        person = made.person()
        lived.forget(person, "Blue-harbour-lantern-9")
        lived.manage(person)
        lived.must_change(made.person(state=State.MUST_CHANGE))
        lived.give_up(made.person())
        wait_until(lambda: made.parts().outbox.waiting()[0] == 0, seconds=20, what="an empty outbox")
        wait_until_sealed(made)
        yield lived


@pytest.fixture(scope="module")
def files(life: Life, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Database and journal, job queue, logs, and the log as tiles."""
    out = tmp_path_factory.mktemp("export")
    assert life.made.portal("audit", "export", "--tiles", str(out / "log")).returncode == 0
    written = [*life.made.files(), *(path for path in out.rglob("*") if path.is_file())]
    names = {path.name for path in written}
    assert {"portal.db", "portal.db-wal", "jobs.db", "checkpoint"} <= names
    assert any(name.startswith("web-") for name in names)
    return written


def test_no_file_of_the_portal_holds_anything_secret(life: Life, files: list[Path]) -> None:
    assert len(life.typed) > 20
    assert found({secret for secret in life.typed | life.mailed if secret}, files) == []
    assert found({code.replace(" ", "") for code in life.mailed}, files) == []


def test_the_same_search_finds_what_is_there(life: Life, files: list[Path], tmp_path: Path) -> None:
    """A control: the log's name stands in the database, and each encoding of a secret is found where it is planted."""
    assert {name for _, name in found({"test.invalid/audit"}, files)} & {"portal.db", "portal.db-wal"}
    for number, form in enumerate(forms("Blue-harbour-lantern-9")):
        planted = tmp_path / f"{number}.bin"
        planted.write_bytes(b'{"x":"' + form + b'"}')
        assert found({"Blue-harbour-lantern-9"}, [planted]) != [], form


def test_a_code_stands_in_the_one_mail_that_carried_it_and_nothing_else_secret_in_any(life: Life) -> None:
    texts = [f"{mail.subject}\n{mail.text}" for mail in life.made.mails()]
    assert len(texts) > 5
    for code in life.mailed:
        assert sum(code in text or code.replace(" ", "") in text for text in texts) == 1
    assert [secret for secret in life.typed if secret and any(secret in text for text in texts)] == []


def test_log_lines_are_json_and_name_nobody(life: Life) -> None:
    lines = [line for line in life.made.logs().splitlines() if "test.invalid" not in line]
    assert not [line for line in lines if "Traceback" in line or "@example.org" in line]
