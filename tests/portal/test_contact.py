"""My private addresses and telephone: proved by the new address, told to the old ones, in force after a wait."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.portal.site import NEW, Browser, Person, Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, ids=["sqlite"])
HERE = "/account/contact"
LATER = "a.berg@new.example"


def code_at(site: Site, address: str) -> str:
    """The newest code mailed to an address."""
    return [m for m in site.mails(address) if re.match(r"\d{3} \d{3} ", m.subject)][-1].subject[:7]


def ask(site: Site, browser: Browser, new: str = LATER, link: str = "Add an address") -> Browser:
    """Walk from the list of addresses to the page that wants the code."""
    browser.open(HERE)
    found = next(a for a in browser.page.select("main a.btn") if a.get_text(" ", strip=True).startswith(link))
    browser.open(str(found["href"])).send({"address": new})
    site.work()
    return browser


def add(site: Site, browser: Browser, new: str = LATER, link: str = "Add an address") -> Browser:
    """Ask for a change and prove the new address."""
    return ask(site, browser, new, link).send({"code": code_at(site, new)})


def addresses(site: Site, person: Person) -> set[str]:
    return set(site.parts.accounts.read(person.account.id).recovery_mail)


def first(person: Person) -> str:
    return f"{person.login}@elsewhere.test"


def stop_link(site: Site, address: str) -> str:
    told = [m for m in site.mails(address) if m.subject == "Your private addresses are about to change"]
    return str(re.findall(r"http://localhost:8080(/undo/address/\S+)", told[-1].text)[0])


def changes(site: Site, person: Person) -> list[tuple[str, str | None]]:
    return [(kind, outcome) for kind, phase, outcome, _ in site.entries(person) if phase != "intent" and "addr" in kind]


@pytest.fixture
def alice(site: Site) -> Person:
    return site.person()


@pytest.fixture
def browser(site: Site, alice: Person) -> Browser:
    return site.browser().sign_in(alice)


def test_a_new_address_is_proved_waits_and_comes_into_force(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    add(site, browser)
    assert browser.path == HERE and "A change is waiting" in browser.text and LATER in browser.text
    site.work()
    assert addresses(site, alice) == {first(alice)}
    told = {m.recipient for m in site.mails() if m.subject == "Your private addresses are about to change"}
    assert told == {first(alice), f"{alice.login}@example.org"}
    later(hours=47, minutes=59)
    site.work()
    assert addresses(site, alice) == {first(alice)}
    later(minutes=2)
    site.work()
    assert addresses(site, alice) == {first(alice), LATER}
    told = {m.recipient for m in site.mails() if m.subject == "Your private addresses were changed"}
    assert told == {first(alice), LATER, f"{alice.login}@example.org"}
    assert changes(site, alice) == [("address_asked", "success"), ("address_change", "success")]
    site.work()
    assert changes(site, alice) == [("address_asked", "success"), ("address_change", "success")]


def test_codes_go_to_the_old_address_until_then_and_to_the_new_one_after(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    add(site, browser, link="Replace")
    site.work()
    before = len(site.mails(LATER))
    site.browser().recover(alice, "totp", "mailed_code")
    assert len(site.mails(LATER)) == before
    later(hours=49)
    site.work()
    assert addresses(site, alice) == {LATER}
    assert any(m.subject == "Your private addresses were changed" for m in site.mails(first(alice)))
    stranger = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    stranger.send({"factor": "mailed_code"})
    site.work()
    assert stranger.send({"code": code_at(site, LATER)}).step == "choose"


def test_an_address_is_removed_after_the_wait_and_never_the_last_one(
    site: Site, browser: Browser, alice: Person, later: Callable[..., None]
) -> None:
    assert "Remove" not in browser.open(HERE).text
    add(site, browser)
    site.work()
    later(hours=49)
    site.work()
    browser.sign_in(alice).open(HERE)
    links = {str(a["href"]) for a in browser.page.select("main a.btn-stop")}
    assert len(links) == 2
    browser.open(links.pop()).send()
    assert "is removed" in browser.text
    assert len(addresses(site, alice)) == 2
    site.work()
    later(hours=49)
    site.work()
    assert len(addresses(site, alice)) == 1


def test_the_owner_stops_it_by_the_link_without_signing_in(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    add(site, browser)
    site.work()
    stranger = site.browser().open(stop_link(site, first(alice)))
    assert stranger.status == 200 and LATER not in stranger.text and "a•••@new.example" in stranger.text
    assert "A change is waiting" in browser.open(HERE).text  # looking changed nothing
    assert stranger.send().result == "done"
    assert "This was not me" in stranger.page.get_text()
    assert "A change is waiting" not in browser.open(HERE).text
    site.work()
    assert [m.subject for m in site.mails(first(alice))][-1] == "Your private addresses stay as they are"
    later(hours=50)
    site.work()
    assert addresses(site, alice) == {first(alice)}
    assert changes(site, alice) == [("address_asked", "success"), ("address_cancelled", "success")]
    again = site.browser().open(stop_link(site, first(alice)))
    assert again.status == 410 and not again.forms


def test_a_link_that_comes_too_late_says_so_and_leads_to_the_lock(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    add(site, browser)
    site.work()
    later(hours=49)
    site.work()
    late = site.browser().open(stop_link(site, first(alice)))
    assert late.status == 410
    assert "in force already" in late.text
    lock = str(late.page.select("main a.btn-stop")[0]["href"])
    assert str(late.open(late.path).page.select("main a.btn-stop")[0]["href"]) == lock
    assert site.browser().open(lock).forms
    later(hours=72)
    assert not late.open(late.path).page.select("main a.btn-stop")
    assert site.browser().open(lock).status == 410


@pytest.mark.parametrize("token", ["x", "IjEi.x", "é", "%00", "W10.abc"])
def test_a_link_that_was_not_made_here_does_nothing(site: Site, token: str) -> None:
    assert site.browser().open(f"/undo/address/{token}").status in (404, 410)


def test_the_signed_in_owner_stops_it_on_the_page(site: Site, alice: Person, browser: Browser) -> None:
    add(site, browser).send()
    assert "A change is waiting" not in browser.text
    assert changes(site, alice)[-1] == ("address_cancelled", "success")


def test_nobody_stops_the_change_of_somebody_else(site: Site, browser: Browser) -> None:
    add(site, browser)
    bob = site.browser().sign_in(site.person())
    action = str(browser.forms[0]["action"])
    add(site, bob, "bob@new.example")
    token = bob.forms[0].select("input")[0]["value"]
    bob.client.post(action, data={"csrf_token": token})
    assert "A change is waiting" in browser.open(HERE).text


def test_the_newer_of_two_changes_takes_the_place_of_the_older_and_says_so(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    add(site, browser)
    site.work()
    old_link = stop_link(site, first(alice))
    add(site, browser, "second@new.example")
    assert "second@new.example" in browser.text and LATER not in browser.text
    assert "took the place of an earlier change" in browser.text
    site.work()
    assert "takes the place of an earlier change" in site.mails(first(alice))[-1].text
    assert site.browser().open(old_link).status == 410
    later(hours=49)
    site.work()
    assert addresses(site, alice) == {first(alice), "second@new.example"}


@pytest.mark.parametrize("how", ["reset", "not me"])
def test_a_new_password_or_a_cry_of_theft_stops_it(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None], how: str
) -> None:
    add(site, browser)
    site.work()
    if how == "reset":
        site.browser().recover(alice).send({"new_password": NEW, "new_password_again": NEW})
    else:
        site.browser().open(str(browser.open("/account/history").page.select("main a.btn-stop")[0]["href"])).send()
    later(hours=50)
    site.work()
    assert addresses(site, alice) == {first(alice)}
    assert any(m.subject == "Your private addresses stay as they are" for m in site.mails(first(alice)))


def test_the_time_runs_only_once_the_owner_has_been_told(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    add(site, browser)
    later(hours=60)  # nobody has carried the mails meanwhile
    site.work()
    assert addresses(site, alice) == {first(alice)}
    later(hours=47)
    site.work()
    assert addresses(site, alice) == {first(alice)}
    later(hours=2)
    site.work()
    assert addresses(site, alice) == {first(alice), LATER}


# What somebody might try


def test_a_wrong_code_changes_nothing_and_ten_are_too_many(site: Site, alice: Person, browser: Browser) -> None:
    ask(site, browser)
    wrong = "000000" if code_at(site, LATER) != "000 000" else "111111"
    for _ in range(10):
        assert browser.send({"code": wrong}).status == 422
    form = browser.page
    browser.send({"code": code_at(site, LATER)})
    assert browser.status == 429 and form
    assert changes(site, alice) == []


def test_a_code_works_once(site: Site, browser: Browser) -> None:
    ask(site, browser)
    code, here = code_at(site, LATER), browser.path
    other = site.browser()
    other.client, other.page = browser.client, browser.page
    browser.send({"code": code})
    assert browser.path == HERE
    other.answer = browser.answer
    assert other.open(here).path == HERE  # the walk is over


def test_a_code_for_one_address_does_not_prove_another(site: Site, browser: Browser) -> None:
    ask(site, browser)
    code = code_at(site, LATER)
    ask(site, browser, "second@new.example")
    assert browser.send({"code": code}).status == 422


def test_a_code_for_an_address_is_no_way_into_the_account(site: Site, alice: Person, browser: Browser) -> None:
    ask(site, browser)
    code = code_at(site, LATER)
    stranger = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    stranger.send({"factor": "mailed_code"})
    assert stranger.send({"code": code}).status == 422
    assert browser.send({"code": code}).path == HERE  # it stays good for what it is


def test_a_walk_to_an_address_is_of_no_use_to_anybody_else(site: Site, browser: Browser) -> None:
    ask(site, browser)
    theirs, bob = browser.path, site.browser().sign_in(site.person())
    assert bob.open(theirs).path == HERE


def test_a_recovery_code_by_mail_does_not_prove_a_new_address(site: Site, alice: Person, browser: Browser) -> None:
    stranger = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    stranger.send({"factor": "mailed_code"})
    site.work()
    ask(site, browser)
    assert browser.send({"code": site.code(alice)}).status == 422


def test_a_stolen_session_changes_nothing(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    browser.open(HERE)
    pages = [str(a["href"]) for a in browser.page.select("main a.btn")] + [f"{HERE}/phone"]
    later(minutes=6)
    for page in pages:
        assert browser.open(page).step == "choose"
    assert addresses(site, alice) == {first(alice)}


def test_who_proves_the_address_late_proves_who_it_is_again_and_loses_nothing(
    site: Site, alice: Person, browser: Browser, later: Callable[..., None]
) -> None:
    ask(site, browser)
    later(minutes=6)
    browser.send({"code": code_at(site, LATER)})
    assert browser.step == "choose"
    browser.prove(alice, "password")
    assert "The address is proved" in browser.text
    assert browser.send().path == HERE
    assert "A change is waiting" in browser.text


def test_a_new_password_ends_a_walk_to_a_new_address(site: Site, alice: Person, browser: Browser) -> None:
    ask(site, browser)
    code = code_at(site, LATER)
    site.browser().recover(alice).send({"new_password": NEW, "new_password_again": NEW})
    assert browser.open(browser.path).path in (HERE, "/sign-in")
    assert changes(site, alice) == [] and code


def test_an_address_somebody_else_has_too_is_taken_without_a_word(site: Site, browser: Browser) -> None:
    site.person(mailAlternateAddress="both@new.example")
    add(site, browser, "both@new.example")
    assert "A change is waiting" in browser.text


def test_neither_a_person_nor_an_address_is_mailed_flat(site: Site, browser: Browser) -> None:
    for _ in range(7):
        ask(site, browser)
    assert len(site.mails(LATER)) == 5


def test_a_protected_account_is_left_to_people(site: Site) -> None:
    root, browser = site.person(groups=("admins",)), site.browser()
    browser.sign_in(root).prove(root, "totp")
    assert add(site, browser).result == "pending"
    assert addresses(site, root) == {first(root)}


def test_what_is_wrong_with_an_address_is_said_beside_it(site: Site, browser: Browser, alice: Person) -> None:
    for wrong in ("nonsense", f"{alice.login}+me@example.org", first(alice).upper()):
        assert ask(site, browser, wrong).status == 422
        assert browser.page.select_one("#address[aria-invalid=true]")


# The telephone


def test_a_telephone_number_is_set_told_shown_and_taken_away(site: Site, alice: Person, browser: Browser) -> None:
    browser.open(f"{HERE}/phone").send({"phone": "+47 55 50 10 10"})
    assert browser.path == HERE and "+47 55 50 10 10" in browser.text
    assert site.parts.accounts.read(alice.account.id).phone == "+4755501010"
    site.work()
    assert {m.recipient for m in site.mails() if m.subject == "Your telephone number was changed"} == {
        first(alice),
        f"{alice.login}@example.org",
    }
    assert browser.open(f"{HERE}/phone").send({"phone": "12"}).status == 422
    browser.open(f"{HERE}/phone").send({"phone": ""})
    assert site.parts.accounts.read(alice.account.id).phone == ""


def test_nothing_is_offered_where_the_directory_has_no_place_for_it(site: Site, browser: Browser) -> None:
    rules = dict(site.settings.rules)
    site.settings.rules.clear()
    try:
        for path in (HERE, f"{HERE}/phone", f"{HERE}/addresses/new", "/account/keys", "/account/keys/add"):
            assert browser.open(path).status == 404
        assert "What we know about you" not in browser.open("/account").text
    finally:
        site.settings.rules.update(rules)


def test_old_changes_are_forgotten(site: Site, browser: Browser, later: Callable[..., None]) -> None:
    from portal.housekeeping import sweep
    from portal.tables import address_change

    add(site, browser).send()
    sweep(site.parts.database, site.clock() + timedelta(days=29))
    with site.parts.database.read() as db:
        assert db.execute(address_change.select()).first()
    sweep(site.parts.database, site.clock() + timedelta(days=31))
    with site.parts.database.read() as db:
        assert not db.execute(address_change.select()).first()
