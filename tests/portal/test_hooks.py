"""Commands of the installation's own before and after an action: real programs, run as the portal runs them."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.capabilities import Severity
from portal.actions.reset_password import ResetPassword
from portal.doctor.doctor import examine
from portal.hooks import MOST_CHARACTERS, run
from portal.results import Denied, Done
from portal.settings.installation import Settings
from portal.settings.worker import Hook
from tests.portal.site import NEW, OpenSite, Person, Site
from tests.servers.people import PASSWORD

With = Callable[..., Site]


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Writes a program and gives its path."""

    def write(body: str) -> str:
        path = tmp_path / f"hook-{len(list(tmp_path.glob('hook-*')))}"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture
def site_with(settings: Settings, open_site: OpenSite) -> With:
    """The portal with these hooks."""
    return lambda *hooks: open_site(settings.model_copy(update={"hooks": hooks}))


def hook(command: str, when: str = "before", **more: Any) -> Hook:
    return Hook.model_validate({"name": "test", "when": when, "command": (command,), "seconds": 2} | more)


def reset(site: Site, person: Person) -> Any:
    action = ResetPassword(account_id=person.account.id, new_password=NEW)
    return site.parts.desk.submit(person.principal(at=site.clock()), action)


def test_a_hook_that_says_no_refuses_in_its_own_words(site_with: With, program: Callable[[str], str]) -> None:
    site = site_with(hook(program("echo 'First hand in <b>your key</b>.'; exit 3")))
    person = site.person()
    browser = site.browser().recover(person)
    browser.send({"new_password": NEW, "new_password_again": NEW})
    assert (browser.result, browser.status) == ("denied", 403)
    assert "First hand in <b>your key</b>" in browser.text  # as text, not as markup
    assert site.binds(person, PASSWORD) and not site.binds(person, NEW)
    assert ("hook_run", "record", "failure", "exit_3") in site.entries(person)
    assert site.entries(person)[-1] == ("password_reset", "outcome", "failure", "refused_by_hook")


def test_a_hook_that_agrees_is_recorded_and_the_action_is_done(site_with: With, program: Callable[[str], str]) -> None:
    site = site_with(hook(program("cat >/dev/null")))
    person = site.person()
    assert isinstance(reset(site, person), Done)
    assert site.binds(person, NEW)
    assert ("hook_run", "record", "success", "") in site.entries(person)


@pytest.mark.parametrize("body", ["sleep 30", "sleep 30 & wait"])
def test_a_hook_that_takes_too_long_is_ended_and_nothing_is_changed(
    site_with: With, program: Callable[[str], str], body: str
) -> None:
    site = site_with(hook(program(body), seconds=0.3))
    person = site.person()
    began = time.monotonic()
    result = reset(site, person)
    assert time.monotonic() - began < 5
    assert isinstance(result, Denied) and result.reason == "hook_failed"
    assert site.binds(person, PASSWORD)


def test_a_hook_that_cannot_be_started_refuses_and_the_doctor_names_it(site_with: With, tmp_path: Path) -> None:
    site = site_with(hook(str(tmp_path / "nothing")))
    result = reset(site, site.person())
    assert isinstance(result, Denied) and result.reason == "hook_failed"
    assert "test" in {f.subject for _, f in examine(site.parts) if f.severity is Severity.FAULT}


def test_a_hook_is_told_who_what_and_whom_but_never_a_secret(
    site_with: With, program: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "must not leave")
    site = site_with(hook(program(f"cat >{tmp_path}/told; env >{tmp_path}/env")))
    person = site.person()
    reset(site, person)
    told = json.loads((tmp_path / "told").read_text())
    assert (told["action"], told["when"], told["account"]["login"]) == ("reset_password", "before", person.login)
    assert told["actor"]["id"] == person.account.id
    assert NEW not in (tmp_path / "told").read_text() and PASSWORD not in (tmp_path / "told").read_text()
    assert "must not leave" not in (tmp_path / "env").read_text()


def test_a_hook_of_another_action_is_not_asked(site_with: With, program: Callable[[str], str]) -> None:
    site = site_with(hook(program("exit 1"), actions=("change_password",)))
    assert isinstance(reset(site, site.person()), Done)


def test_a_hook_after_an_action_runs_in_the_worker(
    site_with: With, program: Callable[[str], str], tmp_path: Path
) -> None:
    site = site_with(hook(program(f"cat >>{tmp_path}/told"), when="after"))
    person = site.person()
    result = reset(site, person)
    assert not (tmp_path / "told").exists()  # nobody waits for it
    site.work()
    told = json.loads((tmp_path / "told").read_text())
    assert (told["attempt"], told["outcome"], told["action"]) == (result.attempt, "success", "reset_password")
    assert NEW not in (tmp_path / "told").read_text()
    assert ("hook_run", "record", "success", "") in site.entries(person)


def test_a_hook_that_asks_for_another_try_gets_it(
    site_with: With, program: Callable[[str], str], tmp_path: Path, later: Callable[..., None]
) -> None:
    site = site_with(hook(program(f"test -e {tmp_path}/ready || exit 75"), when="after"))
    person = site.person()
    reset(site, person)
    site.work()
    assert not [entry for entry in site.entries(person) if entry[0] == "hook_run"]
    (tmp_path / "ready").touch()
    later(minutes=1)
    site.work()
    assert [entry for entry in site.entries(person) if entry[0] == "hook_run"] == [
        ("hook_run", "record", "success", "")
    ]


def test_a_hook_that_fails_after_an_action_is_recorded_once(
    site_with: With, program: Callable[[str], str], later: Callable[..., None]
) -> None:
    site = site_with(hook(program("exit 2"), when="after"))
    person = site.person()
    assert isinstance(reset(site, person), Done)
    for _ in range(2):
        site.work()
        later(minutes=20)
    assert [entry for entry in site.entries(person) if entry[0] == "hook_run"] == [
        ("hook_run", "record", "failure", "exit_2")
    ]


def test_a_hook_that_never_stops_talking_is_cut_short(program: Callable[[str], str]) -> None:
    ran = run(hook(program("yes sorry | tr -d '\\n'")), {})
    assert ran.message == ("sorry" * MOST_CHARACTERS)[:MOST_CHARACTERS]


def test_what_a_hook_leaves_running_is_ended(program: Callable[[str], str], tmp_path: Path) -> None:
    ran = run(hook(program(f"(sleep 1; touch {tmp_path}/late) >/dev/null & exit 0")), {})
    assert ran.status == 0
    time.sleep(1.5)
    assert not (tmp_path / "late").exists()
