"""Public SSH keys: what is taken, what is not and why."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.own_data.ssh_keys import Fault, NotAKey, parse, stored


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
