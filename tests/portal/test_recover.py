"""The main job: a forgotten password is reset on a real directory, with a record."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.demo.mail import Mail
from tests.portal.site import NEW, Site
from tests.servers.people import PASSWORD, State

RESET = {"new_password": NEW, "new_password_again": NEW}


@pytest.mark.parametrize(
    "proofs", [("totp", "mailed_code"), ("mailed_code", "recovery_code"), ("recovery_code", "totp")]
)
def test_two_independent_proofs_and_the_new_password_counts(site: Site, proofs: tuple[str, ...]) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice, *proofs).send(RESET)
    assert browser.result == "done"
    assert site.binds(alice, NEW)
    assert not site.binds(alice, PASSWORD)


def test_the_record_has_each_proof_the_intent_and_the_outcome(site: Site) -> None:
    alice = site.person()
    site.browser().recover(alice).send(RESET)
    assert site.entries(alice) == [
        ("proof", "record", "success", ""),
        ("proof", "record", "success", ""),
        ("password_reset", "intent", None, ""),
        ("password_reset", "outcome", "success", ""),
    ]


def test_one_proof_is_not_enough(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice, "totp")
    assert browser.step == "choose"
    assert browser.open("/recover/password").step == "choose"


def test_the_channel_that_counts_already_is_no_longer_offered(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice, "totp")
    assert [i["value"] for i in browser.page.select("input[name=factor]")] == ["mailed_code", "recovery_code"]
    assert browser.open("/recover/prove/totp").step == "choose"


def test_a_locked_person_is_unlocked_by_the_same_step(site: Site) -> None:
    alice, browser = site.person(state=State.LOCKED), site.browser()
    assert not site.binds(alice, PASSWORD)
    browser.recover(alice).send(RESET)
    assert browser.result == "done"
    assert site.binds(alice, NEW)


def test_a_locked_person_who_knows_the_password_only_unlocks(site: Site) -> None:
    alice, browser = site.person(state=State.LOCKED), site.browser()
    browser.recover(alice).send(form=2)
    assert browser.result == "done"
    assert site.binds(alice, PASSWORD)


def test_notices_go_to_every_address_in_the_persons_language(site: Site) -> None:
    alice = site.person(preferredLanguage="nb")
    site.browser().recover(alice).send(RESET)
    site.work()
    notices = [m for m in site.mails(alice.login) if "/undo/" in m.text and "192" not in m.recipient][-2:]
    assert {m.recipient for m in notices} == {f"{alice.login}@example.org", f"{alice.login}@elsewhere.test"}
    assert all(NEW not in m.text for m in notices)
    assert all("127.0.0.1" in m.text for m in notices)


def test_a_password_the_portal_can_see_is_bad_never_reaches_the_directory(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    for bad in ("short", f"{alice.login}-is-my-name", "password1234567"):
        browser.send({"new_password": bad, "new_password_again": bad})
        assert (browser.status, browser.step) == (422, "ask")
    assert ("password_reset", "intent", None, "") not in site.entries(alice)
    assert browser.send(RESET).result == "done"


def test_a_password_used_before_is_explained_and_another_goes_through(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice).send({"new_password": PASSWORD, "new_password_again": PASSWORD})
    assert browser.step == "ask"
    assert "used this password before" in browser.text or "the password you have now" in browser.text
    assert site.binds(alice, PASSWORD)
    assert browser.send(RESET).result == "done"


def test_somebody_whose_password_is_too_young_is_told_the_moment(site: Site) -> None:
    alice, browser = site.person(state=State.YOUNG), site.browser()
    browser.recover(alice)
    assert browser.result == "failed"
    assert "When it works from" in browser.text
    assert not browser.page.select("[name=new_password]")
    browser.client.post("/recover/password", data=RESET)
    assert not site.binds(alice, NEW)
    assert browser.send().main.has_attr("data-ticket")  # what cannot wait is kept for people


@pytest.mark.parametrize("state", [State.DISABLED])
def test_an_account_only_people_can_open_becomes_one_ticket(site: Site, state: State) -> None:
    alice = site.person(state=state)
    first, second = site.browser().recover(alice), site.browser()
    assert first.result == "pending"
    site.clock.move(timedelta(minutes=2))
    second.recover(alice, "totp", "recovery_code")
    assert second.ticket == first.ticket
    assert not site.binds(alice, NEW)


def test_only_looking_at_the_page_of_the_password_opens_no_ticket(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    site.directory.replace(alice.account.dn, {"pwdAccountLockedTime": "000001010000Z"})  # disabled since
    for _ in range(2):
        assert browser.open("/recover/password").result == "failed"
    with site.parts.database.read() as db:
        assert site.parts.tickets.of(db, alice.account.id) == []
    browser.send()
    with site.parts.database.read() as db:
        assert [t.reason for t in site.parts.tickets.of(db, alice.account.id)] == ["disabled"]


def test_the_same_answer_for_a_name_nobody_has(site: Site) -> None:
    alice = site.person()
    pages = []
    for login in (alice.login, "nobody-at-all", "*)(uid=*", f"uid={alice.login},ou=people"):
        browser = site.browser().open("/recover").send({"login": login})
        site.work()
        browser.send({"factor": "totp"}).send({"code": "123456"})
        pages.append((browser.status, browser.path, browser.text))
    assert len(set(pages)) == 1


def test_the_address_is_shown_masked_and_only_after_another_proof(site: Site) -> None:
    alice = site.person()
    first = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    assert "elsewhere.test" not in first.send({"factor": "mailed_code"}).text
    second = site.browser().recover(alice, "totp")
    assert f"{alice.login[0]}•••@elsewhere.test" in second.send({"factor": "mailed_code"}).text


def test_each_code_counts_once(site: Site) -> None:
    alice, used = site.person(), site.person()
    code = site.totp(alice)
    paper = alice.codes[0]
    alice.codes = [paper]
    site.browser().recover(alice, "totp", "recovery_code")
    again = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    assert again.send({"factor": "totp"}).send({"code": code}).status == 422
    again.open("/recover/choose").send({"factor": "recovery_code"})
    assert again.send({"code": paper}).status == 422
    assert used.codes  # somebody else's codes are untouched


def test_a_mailed_code_dies_with_time_with_use_and_with_a_newer_one(site: Site, later: Callable[..., None]) -> None:
    alice = site.person()
    browser = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    browser.send({"factor": "mailed_code"})
    site.work()
    old = site.code(alice)
    browser.send(form=1)
    site.work()
    new = site.code(alice)
    assert old == new or browser.send({"code": old}).status == 422
    later(minutes=11)
    assert browser.send({"code": new}).status == 422


def test_a_walk_ends_after_its_time(site: Site, later: Callable[..., None]) -> None:
    alice, browser = site.person(), site.browser()
    browser.recover(alice)
    later(minutes=31)
    assert browser.send(RESET).step == "identify"
    assert site.binds(alice, PASSWORD)


def test_a_reset_signs_out_and_kills_every_open_walk(site: Site) -> None:
    alice = site.person()
    inside = site.browser().sign_in(alice)
    assert inside.path == "/account"
    other = site.browser().recover(alice, "recovery_code")
    site.browser().recover(alice).send(RESET)
    assert inside.open("/account").path == "/sign-in"
    assert other.open("/recover/choose").step == "identify"


def test_the_user_name_is_mailed_to_the_addresses_on_file(site: Site) -> None:
    alice = site.person()
    for address in (f"{alice.login}@example.org", "nobody@example.org"):
        browser = site.browser().open("/recover/login-name").send({"address": address})
        assert (browser.status, browser.result) == (200, "done")
    site.work()
    mails: list[Mail] = site.mails(alice.login)
    assert mails
    assert all(alice.login in m.text for m in mails)
