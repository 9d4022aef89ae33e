"""The page of a new password: rules before typing, a suggestion kept nowhere, the strength, and leaks."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.passwords.breach_build import build
from portal.passwords.breaches import BreachFile
from tests.portal.site import NEW, Site
from tests.servers.people import PASSWORD, State


def suggested(page: object) -> str:
    field = page.select_one("#suggestion")  # type: ignore[attr-defined]
    return str(field["value"]) if field else ""


def test_a_suggestion_is_shown_filled_in_and_works(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice).send({"suggest": "yes"}, form=1)
    made = suggested(browser.page)
    assert (browser.status, len(made.split("-"))) == (200, 6)
    assert [f["value"] for f in browser.page.select("[type=password]")] == [made, made]
    assert made not in browser.answer.request.url
    assert "no-store" in browser.answer.headers["Cache-Control"]
    browser.send({"new_password": made, "new_password_again": made})
    assert browser.result == "done"
    assert site.binds(alice, made)


def test_a_suggestion_is_written_down_nowhere(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/ask/change-password").send({"suggest": "yes"}, form=1)
    made = suggested(browser.page)
    browser.open("/ask/change-password")
    assert made
    assert made not in browser.text + caplog.text
    assert not suggested(browser.page)


def test_the_strength_is_told_to_somebody_who_chooses_and_to_nobody_else(site: Site) -> None:
    alice, browser, stranger = site.person(), site.browser(), site.browser()
    browser.recover(alice)
    token = browser.page.select_one("[name=csrf_token]")
    assert token
    told = browser.client.post("/password/strength", data={"csrf_token": token["value"], "new_password": "password"})
    assert told.get_json() == {"part": 0.03, "words": "Very easy to guess"}
    stranger.open("/sign-in")
    token = stranger.page.select_one("[name=csrf_token]")
    assert token
    refused = stranger.client.post("/password/strength", data={"csrf_token": token["value"], "new_password": "x"})
    assert refused.status_code == 403


def test_what_was_sent_is_rated_without_a_script(site: Site) -> None:
    browser = site.browser().recover(site.person())
    browser.send({"new_password": "abc123", "new_password_again": "abc123"})
    assert browser.status == 422
    assert browser.page.select_one("[data-strength-words]").get_text() == "Very easy to guess"  # type: ignore[union-attr]


def test_a_leaked_password_is_refused_with_the_number_before_the_directory_is_asked(site: Site, tmp_path: Path) -> None:
    alice, browser = site.person(), site.browser()
    words = tmp_path / "words"
    words.write_text(f"{NEW}\n")
    build(words, tmp_path / "leaks")
    site.parts.leaks._file = BreachFile(tmp_path / "leaks")
    browser.recover(alice)
    assert "not among those that have turned up in leaks" in browser.text
    browser.send({"new_password": NEW, "new_password_again": NEW})
    assert "has turned up in known leaks" in browser.text
    assert browser.page.select_one("li.no")
    assert not site.binds(alice, NEW)


def test_the_same_password_again_is_refused_before_the_directory_is_asked(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    old = "Passw0rd-that-is-old" if len(PASSWORD) < 15 else PASSWORD
    browser.sign_in(alice).open("/ask/change-password")
    browser.send({"password": old, "new_password": old, "new_password_again": old})
    assert "That is the password you have now" in browser.text
    assert [kind for kind, *_rest in site.entries(alice) if kind == "password_change"] == []


def test_a_change_that_is_too_early_shows_the_time_and_no_form(site: Site) -> None:
    alice, browser = site.person(state=State.YOUNG), site.browser()
    browser.sign_in(alice).open("/ask/change-password")
    assert browser.result == "failed"
    assert "When it works from" in browser.text
    assert not browser.page.select("main form input[type=password]")
    site.clock.move(timedelta(hours=2))
    assert browser.sign_in(alice).open("/ask/change-password").step == "ask"


def test_a_lock_that_passes_by_itself_says_when(site: Site) -> None:
    alice = site.person(state=State.LOCKED)
    page = site.browser().recover(alice)
    ends = site.parts.accounts.read(alice.account.id).state.unlocks_at
    assert (ends is not None) == ("By itself it is open again" in page.text)
