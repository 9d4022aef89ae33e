"""My SSH keys: added, listed, told of and removed; and a private key leaves no trace."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.portal.site import Browser, Person, Site
from tests.portal.test_ssh_keys import keygen

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, ids=["sqlite"])


def add(browser: Browser, key: str) -> Browser:
    return browser.open("/account/keys/add").send({"key": key})


def test_a_key_is_added_listed_told_and_removed(site: Site, tmp_path: Path) -> None:
    alice, browser = site.person(), site.browser()
    public, _private, told = keygen(tmp_path)
    browser.sign_in(alice)
    assert "No keys yet" in browser.open("/account/keys").text
    add(browser, public)
    assert (browser.path, browser.status) == ("/account/keys", 200)
    assert "laptop" in browser.text and told.split()[1] in browser.text and "ED25519 256" in browser.text
    assert site.parts.accounts.read(alice.account.id).ssh_keys == (public,)
    assert "1 key" in browser.open("/account").text
    site.work()
    assert {m.recipient for m in site.mails() if m.subject == "An SSH key was added to your account"} == {
        f"{alice.login}@elsewhere.test",
        f"{alice.login}@example.org",
    }
    assert told.split()[1] in site.mails(alice.login)[-1].text
    browser.open(_remove_url(browser.open("/account/keys"))).send()
    assert "No keys yet" in browser.text
    assert site.parts.accounts.read(alice.account.id).ssh_keys == ()
    assert [e[:3] for e in site.entries(alice) if e[0].startswith("ssh_key")] == [
        (kind, phase, outcome)
        for kind in ("ssh_key_add", "ssh_key_remove")
        for phase, outcome in (("intent", None), ("outcome", "success"))
    ]


def _remove_url(browser: Browser) -> str:
    return str(browser.page.select("main a.btn-stop")[0]["href"])


def test_a_private_key_is_refused_warned_of_and_kept_nowhere(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    alice, browser = site.person(), site.browser()
    _public, private, _told = keygen(tmp_path)
    add(browser.sign_in(alice), private)
    assert browser.status == 422
    assert "Do not use that private key any more" in browser.text
    secret = private.splitlines()[2]
    assert secret not in browser.answer.get_data(as_text=True)
    assert secret not in caplog.text + "".join(capfd.readouterr())
    site.work()
    with site.parts.database.read() as db:
        for table in ("operation", "ticket"):
            assert secret not in str(db.execute(text(f"SELECT * FROM {table}")).all())
    assert not [e for e in site.entries(alice) if e[0].startswith("ssh_key")]


@pytest.mark.parametrize("comment", ["laptop", "another name"])
def test_the_same_key_is_not_added_twice(site: Site, tmp_path: Path, comment: str) -> None:
    alice, browser = site.person(), site.browser()
    public, _private, _told = keygen(tmp_path)
    add(browser.sign_in(alice), public)
    add(browser, public.replace("laptop", comment))
    assert browser.status == 422 and "You have this key already." in browser.text
    assert site.parts.accounts.read(alice.account.id).ssh_keys == (public,)


def test_there_is_an_end_to_how_many(site: Site, tmp_path: Path) -> None:
    public, _private, _told = keygen(tmp_path)
    alice, browser = _with_keys(site, 20), site.browser()
    browser.sign_in(alice)
    assert "There can be 20 at most" in browser.open("/account/keys").text
    add(browser, public)
    assert browser.status == 422 and len(site.parts.accounts.read(alice.account.id).ssh_keys) == 20


def _with_keys(site: Site, number: int) -> Person:
    alice = site.person()
    lines = [f"not quite a key {n}" for n in range(number)]
    site.directory.replace(alice.account.dn, {"sshPublicKey": lines})
    return alice


def test_what_somebody_else_has_stored_is_shown_as_it_is_and_can_be_removed(site: Site, tmp_path: Path) -> None:
    public, _private, told = keygen(tmp_path)
    alice, browser = site.person(), site.browser()
    site.directory.replace(alice.account.dn, {"sshPublicKey": [f'from="10.1.2.3" {public}']})
    browser.sign_in(alice).open("/account/keys")
    assert told.split()[1] in browser.text
    browser.open(_remove_url(browser)).send()
    assert site.parts.accounts.read(alice.account.id).ssh_keys == ()


def test_a_stolen_session_adds_no_key(site: Site, tmp_path: Path, later: Callable[..., None]) -> None:
    public, _private, _told = keygen(tmp_path)
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/account/keys/add")
    later(minutes=6)
    assert browser.send({"key": public}).step == "choose"
    assert site.parts.accounts.read(alice.account.id).ssh_keys == ()
    browser.prove(alice, "password")
    assert browser.path == "/account/keys/add"
    assert browser.send({"key": public}).path == "/account/keys"


def test_nobody_removes_the_key_of_somebody_else(site: Site) -> None:
    alice, bob = _with_keys(site, 1), site.person()
    theirs = _remove_url(site.browser().sign_in(alice).open("/account/keys"))
    assert site.browser().sign_in(bob).open(theirs).status == 404


def test_protected_people_have_theirs_added_by_people(site: Site, tmp_path: Path) -> None:
    public, _private, _told = keygen(tmp_path)
    root, browser = site.person(groups=("admins",)), site.browser()
    browser.sign_in(root).prove(root, "totp")
    assert add(browser, public).result == "pending"
    assert site.parts.accounts.read(root.account.id).ssh_keys == ()
