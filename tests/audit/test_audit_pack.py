"""An evidence pack is checked by itself: damaged anywhere it is refused, and never when it is as it was handed out."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import cryptography
import pytest
from audit_samples import LOG_KEY, ORIGIN, VKEY, WITNESS, WITNESS_KEY
from sqlalchemy import Engine, create_engine, select

import audit
from audit.checkpoints import cosign
from audit.event import Event
from audit.evidence import pack
from audit.evidence.files import CHECKPOINT, HANDED_OUT, MANIFEST, entry_file, read_zip, write_zip
from audit.evidence.script import verify_script
from audit.log import AuditLog
from audit.notes import COSIGNATURE, Note, VerifierKey
from audit.sealer import Sealer
from audit.tables import entries, metadata
from audit.verify.pack import verify_pack
from audit.verify.policy import Policy
from audit.verify.proofs import VerifyFailed

ROUNDS = 5000 if os.environ.get("SPAREKEY_CAMPAIGN") else 50
POLICY = Policy.parse(f"witness w {VerifierKey.of(WITNESS_KEY, WITNESS, COSIGNATURE)}\nquorum w\n")
Files = dict[str, bytes]


def handed_out(engine: Engine, log: AuditLog, sealer: Sealer, numbers: list[int]) -> Files:
    """A pack of these entries, with a witness's cosignature."""
    with engine.begin() as tx:
        files = pack.gather(tx, log.keyring, numbers) | {"report.html": b"<!doctype html><p>What happened</p>"}
        files, manifest = pack.with_manifest(files, {"ticket": "41"})
        told = log.record(tx, Event(kind="audit_exported", actor="demo:9", ticket="41", sha256=manifest), "success")
    sealer.seal(engine)
    with engine.begin() as tx:
        made = pack.with_proofs(tx, files, told)
    note = Note.parse(made[CHECKPOINT])
    seen = (*note.signatures, cosign(WITNESS_KEY, WITNESS, note.text, 1_772_000_000))
    cosigned = str(Note(note.text, seen)).encode()
    return {path: content.replace(made[CHECKPOINT], cosigned) for path, content in made.items()}


@pytest.fixture
def made(engine: Engine, log: AuditLog, sealer: Sealer, fill: Callable[[int], None]) -> Files:
    fill(300)
    return handed_out(engine, log, sealer, [0, 1, 2, 255, 256, 299])


def failure(files: Files) -> str:
    """What the verifier says is wrong; empty if nothing is."""
    try:
        verify_pack(files, VKEY, POLICY)
    except VerifyFailed as failed:
        return str(failed)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return repr(error)
    return ""


def test_a_pack_is_sound_as_it_was_handed_out(made: Files) -> None:
    assert read_zip(write_zip(made)) == made
    report = verify_pack(made, VKEY, POLICY)
    assert (report.entries, report.handed_out, report.checkpoint.size) == (6, 300, 301)
    assert report.disclosures == 4 and list(report.witnesses) == ["w"]


def test_each_file_that_is_missing_changed_or_added_is_named(made: Files) -> None:
    for path, content in made.items():
        left = {other: bytes_ for other, bytes_ in made.items() if other != path}
        assert path in failure(left), path
        assert failure({**made, path: content + b"\n"}), path
        assert failure({**made, path: b"X" + content[1:]}), path
    assert "was added" in failure({**made, "entries/more.txt": b""})
    assert "was added" in failure({**made, entry_file(7, "json"): made[entry_file(0, "json")]})


def test_entries_cannot_change_places_nor_a_value_go_to_another_entry(made: Files) -> None:
    def swapped(one: str, two: str) -> Files:
        return {**made, one: made[two], two: made[one]}

    assert failure(swapped(entry_file(0, "json"), entry_file(1, "json")))
    assert failure(swapped(entry_file(0, "disclosed"), entry_file(255, "disclosed")))
    both = swapped(entry_file(0, "json"), entry_file(1, "json"))
    assert failure({**both, entry_file(0, "tlog-proof"): made[entry_file(1, "tlog-proof")]})


def test_a_keeper_who_leaves_out_an_entry_afterwards_is_caught(made: Files) -> None:
    gone = {path: content for path, content in made.items() if "00000255" not in path}
    manifest = json.loads(gone[MANIFEST])
    manifest["files"] = {path: value for path, value in manifest["files"].items() if "00000255" not in path}
    assert (
        failure({**gone, MANIFEST: json.dumps(manifest).encode()}) == f"{MANIFEST} is not the one that was handed out"
    )


def test_another_log_s_pack_proves_nothing_here(
    tmp_path: Path, log: AuditLog, fill: Callable[[int], None], made: Files
) -> None:
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    metadata.create_all(other)
    with other.begin() as tx:
        log.record(tx, Event(kind="login", actor="demo:1"), "success")
    foreign = handed_out(other, log, Sealer(ORIGIN, [LOG_KEY], tmp_path / "other.json"), [0])
    assert failure(foreign) == ""
    assert failure({**made, entry_file(0, "json"): foreign[entry_file(0, "json")]})
    assert failure({**foreign, HANDED_OUT: made[HANDED_OUT]})
    other.dispose()


def test_what_was_erased_meanwhile_is_not_in_a_pack_and_the_rest_still_proves(
    engine: Engine, log: AuditLog, sealer: Sealer, fill: Callable[[int], None]
) -> None:
    fill(6)
    with engine.begin() as tx:
        log.erase(tx, "demo:1")
    files = handed_out(engine, log, sealer, [0, 1, 2])
    assert verify_pack(files, VKEY).disclosures == 0


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """The zip file with something done to its bytes."""
    at, end = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    piece = chance.randbytes(chance.randint(1, 40))
    return chance.choice(
        [
            content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :],
            content[:at] + piece + content[at + len(piece) :],
            content[:at] + piece + content[at:],
            content[:at] + content[end:],
            content[:at],
            content + piece,
            content[end:] + content[:end],
            content[:at] + content[at:end] + content[at:],
        ]
    )


def _altered(files: Files, chance: random.Random) -> Files:
    """The files with something done to one or two of them, as somebody would who can write zip files."""
    one, two = chance.sample(sorted(files), 2)
    content = files[one]
    at = chance.randrange(len(content))
    changed = content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    return chance.choice(
        [
            {**files, one: changed},
            {**files, one: changed, two: files[two] + b" "},
            {**files, one: content[:at]},
            {**files, one: files[two], two: content},
            {**files, one: files[two]},
            {path: content for path, content in files.items() if path != one},
            {**files, one + "2": content},
        ]
    )


@pytest.mark.campaign
def test_of_randomly_damaged_packs_not_one_is_missed_and_no_sound_one_refused(made: Files) -> None:
    whole, missed, alarms = write_zip(made), [], 0
    for seed in range(ROUNDS):
        chance = random.Random(seed)
        damaged = _damaged(whole, chance) if seed % 2 else write_zip(_altered(made, chance))
        if damaged == whole:
            alarms += bool(failure(read_zip(damaged)))
            continue
        try:
            found = failure(read_zip(damaged))
        except VerifyFailed as failed:
            found = str(failed)
        if not found:
            missed.append(seed)
        alarms += bool(failure(read_zip(whole)))
    assert (missed, alarms) == ([], 0)


def test_verify_py_needs_nothing_but_python_and_cryptography(made: Files, tmp_path: Path) -> None:
    unpacked, packages = tmp_path / "unpacked", tmp_path / "packages"
    packages.mkdir()
    site = Path(cryptography.__file__).parents[1]
    for needed in [*site.glob("cryptography"), *site.glob("_cffi_backend*"), *site.glob("cffi")]:
        (packages / needed.name).symlink_to(needed)
    for path, content in made.items():
        (unpacked / path).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / path).write_bytes(content)
    zipped, policy = tmp_path / "pack.zip", tmp_path / "policy"
    zipped.write_bytes(write_zip(made))
    policy.write_text(f"witness w {VerifierKey.of(WITNESS_KEY, WITNESS, COSIGNATURE)}\nquorum w\n")

    def run(*arguments: object) -> tuple[int, str]:
        start = "import runpy, sys; _, folder, *sys.argv = sys.argv; sys.path.append(folder)"
        start += "; runpy.run_path(sys.argv[0], run_name='__main__')"
        asked = [sys.executable, "-S", "-I", "-c", start, *map(str, (packages, unpacked / "verify.py", *arguments))]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        return done.returncode, done.stdout + done.stderr

    status, said = run("--key", VKEY, "--policy", policy)
    assert (status, said.splitlines()[0][:12]) == (0, "OK: 6 entrie"), said
    assert run("--key", VKEY, zipped)[0] == 0
    assert run("--key", VerifierKey.of(WITNESS_KEY, ORIGIN), zipped)[0] == 1
    (unpacked / entry_file(2, "json")).write_bytes(b"{}")
    assert run("--key", VKEY)[0] == 1


def test_the_script_holds_the_verifier_s_own_modules_word_for_word() -> None:
    script = verify_script().decode()
    for module in ("notes", "checkpoints", "verify/proofs", "verify/pack"):
        source = (Path(audit.__file__).parent / f"{module}.py").read_text()
        assert source in script
    assert "sqlalchemy" not in script


def test_an_entry_tells_the_manifest_in_clear(engine: Engine, made: Files) -> None:
    with engine.begin() as tx:
        body = tx.execute(select(entries.c.body).where(entries.c.idx == 300)).scalar_one()
    assert sha256(made[MANIFEST]).hexdigest() in bytes(body).decode()
