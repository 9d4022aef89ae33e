"""Public SSH keys: what is taken, what is not and why, and that a private key leaves no trace."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from portal.ssh_keys import Fault, NotAKey, parse, stored
from tests.portal.site import Browser, Person, Site


def keygen(folder: Path, kind: str = "ed25519", bits: str = "", comment: str = "laptop") -> tuple[str, str, str]:
    """A new pair: public line, private text, and what ssh-keygen -l says of it."""
    file = folder / f"{kind}{bits}-{comment}"
    size = ["-b", bits] if bits else []
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", comment, "-f", file], check=True)
    public = file.with_suffix(".pub") if file.suffix else Path(f"{file}.pub")
    told = subprocess.run(["ssh-keygen", "-l", "-f", public], check=True, capture_output=True, text=True).stdout
    return public.read_text().strip(), file.read_text(), told


def fault(line: str, least: int = 3072) -> Fault:
    with pytest.raises(NotAKey) as caught:
        parse(line, least_rsa_bits=least)
    return caught.value.fault


@pytest.mark.parametrize(("kind", "bits"), [("ed25519", ""), ("rsa", "3072"), ("ecdsa", "256"), ("ecdsa", "521")])
def test_a_key_is_told_as_ssh_keygen_tells_it(tmp_path: Path, kind: str, bits: str) -> None:
    public, _private, told = keygen(tmp_path, kind, bits)
    key = parse(f"  {public}\n", least_rsa_bits=3072)
    assert told.split() == [str(key.bits), key.fingerprint, "laptop", f"({key.name})"]
    assert key.line == public


def test_a_short_rsa_key_is_taken_only_where_the_settings_say_so(tmp_path: Path) -> None:
    public, _private, _told = keygen(tmp_path, "rsa", "2048")
    assert fault(public) is Fault.SHORT
    assert parse(public, least_rsa_bits=2048).bits == 2048


def test_what_is_no_single_public_key_is_refused_for_what_it_is(tmp_path: Path) -> None:
    public, private, _told = keygen(tmp_path)
    kind, blob, _comment = public.split()
    assert fault(private) is Fault.PRIVATE
    assert fault("PuTTY-User-Key-File-3: ssh-ed25519") is Fault.PRIVATE
    assert fault(f"{public}\n{public}") is Fault.LINES
    assert fault(f"{kind} {blob[:30]}\n{blob[30:]}") is Fault.LINES
    assert fault("---- BEGIN SSH2 PUBLIC KEY ----") is Fault.LINES
    assert fault(f'from="10.0.0.0/8",command="sh" {public}') is Fault.OPTIONS
    assert fault("ssh-ed25519-cert-v01@openssh.com AAAA") is Fault.CERTIFICATE
    assert fault("ssh-dss AAAAB3NzaC1kc3MAAACBAP old") is Fault.KIND
    assert fault("ssh-unheard-of AAAA") is Fault.KIND
    for broken in (kind, f"{kind} ", f"{kind} {blob[:-8]}", f"ssh-rsa {blob}", f"{kind} {blob}AAAA", f"{kind} é", blob):
        assert fault(broken) is Fault.BROKEN, broken


def test_a_comment_is_kept_short_and_printable(tmp_path: Path) -> None:
    public, _private, _told = keygen(tmp_path)
    kind, blob, _comment = public.split()
    key = parse(f"{kind} {blob} Åse\x1b[31m\u202e " + "x" * 500, least_rsa_bits=3072)
    assert key.comment.startswith("Åse[31m xxx") and len(key.comment) == 100


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_a_key_or_refused(anything: str) -> None:
    with pytest.raises(NotAKey):
        parse(anything, least_rsa_bits=2048)
    stored(anything)


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
