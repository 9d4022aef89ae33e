"""The auditor's command says OK or FAIL in one line, and runs where nothing but `cryptography` is installed."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from audit_samples import VKEY, WITNESS, WITNESS_KEY
from sqlalchemy import Engine

from audit.checkpoints import cosign, open_checkpoint
from audit.export import export_tiles, proof
from audit.notes import COSIGNATURE, VerifierKey
from audit.sealer import Sealer
from audit.verify.command import main

KEY = ["--key", str(VKEY)]


@pytest.fixture
def exported(engine: Engine, fill: Callable[[int], None], sealer: Sealer, tmp_path: Path) -> Path:
    for size, name in ((300, "old"), (300, "log")):
        fill(size)
        sealer.seal(engine)
        with engine.begin() as tx:
            export_tiles(tx, tmp_path / name)
    with engine.begin() as tx:
        text, entry = proof(tx, 5)
    (tmp_path / "five.tlog-proof").write_text(text)
    (tmp_path / "five.json").write_bytes(entry)
    return tmp_path


def test_a_sound_log_is_ok_and_says_how_little_that_proves(exported: Path, clock, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["verify", str(exported / "log"), *KEY], clock.now) == 0

    said = capsys.readouterr().out
    assert said.startswith("OK: portal.example/audit, 600 entries") and "Only self-consistency was proved" in said


def test_an_earlier_checkpoint_proves_more(exported: Path, clock, capsys) -> None:  # type: ignore[no-untyped-def]
    old = ["--checkpoint", str(exported / "old" / "checkpoint")]

    assert main(["verify", str(exported / "log"), *KEY, *old], clock.now) == 0
    assert "self-consistency" not in capsys.readouterr().out


def test_a_log_that_shrank_fails_in_one_line(exported: Path, clock, capsys) -> None:  # type: ignore[no-untyped-def]
    newer = ["--checkpoint", str(exported / "log" / "checkpoint")]

    assert main(["verify", str(exported / "old"), *KEY, *newer], clock.now) == 1
    assert capsys.readouterr().out == "FAIL: the log has 300 entries, but once had 600: it was cut\n"


def test_a_proof_can_be_checked_without_the_log(exported: Path, clock, capsys) -> None:  # type: ignore[no-untyped-def]
    files = ["--proof", str(exported / "five.tlog-proof"), "--entry", str(exported / "five.json")]

    assert main(["verify", *KEY, *files], clock.now) == 0
    assert capsys.readouterr().out == "OK: the entry is number 5 of the 600 entries of portal.example/audit\n"
    (exported / "five.json").write_bytes(b"{}")
    assert main(["verify", *KEY, *files], clock.now) == 1


def test_a_policy_asks_for_its_witness(exported: Path, clock, capsys) -> None:  # type: ignore[no-untyped-def]
    policy, checkpoint = exported / "policy", exported / "log" / "checkpoint"
    witness = VerifierKey.of(WITNESS_KEY, WITNESS, COSIGNATURE)
    policy.write_text(f"# ours\nlog {VKEY}\nwitness W1 {witness}\ngroup all any W1\nquorum all\n")
    asked = ["verify", str(exported / "log"), *KEY, "--policy", str(policy)]

    assert main(asked, clock.now) == 1
    _, note = open_checkpoint(checkpoint.read_bytes(), VKEY)
    checkpoint.write_text(str(note) + cosign(WITNESS_KEY, WITNESS, note.text, int(clock.now.timestamp())).line)
    assert main(asked, clock.now) == 0
    assert "Seen by W1 at 2026-03-01 12:00:00 UTC" in capsys.readouterr().out


BAD_POLICIES = ["", "quorum W1", "witness W1 x", "quorum none\nquorum none", "hm", "witness none x+1+y", f"log {VKEY}"]
BAD_GROUPS = ["group g 1 W1\nquorum g", "group g 0\nquorum g", f"witness W1 {VKEY}\nquorum W1"]


@pytest.mark.parametrize("policy", [*BAD_POLICIES, *BAD_GROUPS])
def test_a_policy_that_cannot_be_read_fails(exported: Path, clock, policy: str) -> None:  # type: ignore[no-untyped-def]
    (exported / "policy").write_text(policy)

    assert main(["verify", str(exported / "log"), *KEY, "--policy", str(exported / "policy")], clock.now) == 1


@pytest.mark.parametrize("arguments", [[], ["--proof", "p"], ["--entry", "e"]])
def test_a_question_that_makes_no_sense_is_status_two(arguments: list[str], clock) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SystemExit, match="2"):
        main(["verify", *KEY, *arguments], clock.now)


@pytest.mark.parametrize("key", ["nonsense", str(VKEY)[:-4] + "AAAA", str(VKEY).replace("9c", "9d")])
def test_a_key_that_is_none_fails(exported: Path, clock, key: str) -> None:  # type: ignore[no-untyped-def]
    assert main(["verify", str(exported / "log"), "--key", key], clock.now) == 1


@pytest.fixture
def address(exported: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(exported / "log")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_a_log_is_verified_at_the_address_it_is_served_at(address: str, clock, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["verify", address + "/", *KEY], clock.now) == 0
    assert main(["verify", address + "/nowhere", *KEY], clock.now) == 1
    assert "FAIL: checkpoint cannot be read: HTTP Error 404" in capsys.readouterr().out


def test_the_command_needs_no_more_than_the_standard_library_and_cryptography(exported: Path) -> None:
    watched = (
        "import runpy, sys\n"
        "class Only:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in sys.stdlib_module_names | {'audit', 'cryptography', '_cffi_backend'}:\n"
        "            raise ImportError('the verifier must not import ' + name)\n"
        "sys.meta_path.insert(0, Only())\n"
        "sys.argv[0] = 'audit'\n"
        "runpy.run_module('audit', run_name='__main__')\n"
    )
    asked = ["verify", str(exported / "log"), *KEY, "--open-minutes", "1e7"]
    run = subprocess.run([sys.executable, "-c", watched, *asked], capture_output=True, text=True, timeout=60)

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("OK:")
