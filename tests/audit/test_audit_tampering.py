"""Whoever changes the log in whatever way is found out by the verifier; the two controls show what it cannot know."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from audit_samples import (
    NOW,
    ORIGIN,
    SIZE,
    VKEY,
    WITNESS,
    WITNESS_KEY,
    Files,
    Hashes,
    Memory,
    entries,
    entry,
    files,
    note,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.checkpoints import Checkpoint
from audit.notes import COSIGNATURE, Note, Signature, VerifierKey
from audit.tiles import ENTRIES, bundle, tiles_of, unbundle
from audit.tree import inclusion_proof, root
from audit.verify.policy import Policy
from audit.verify.proof_file import Proof, verify_proof
from audit.verify.proofs import VerifyFailed
from audit.verify.sources import Folder
from audit.verify.whole import Demands, Report, verify_log

POLICY = Policy.parse(f"witness W1 {VerifierKey.of(WITNESS_KEY, WITNESS, COSIGNATURE)}\nquorum W1\n")


def verify(log: Files, **demands: object) -> Report:
    return verify_log(Memory(log), VKEY, Demands(now=NOW, **demands))  # type: ignore[arg-type]


def saved(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root(Hashes(entries()), size))


def flip(log: Files, path: str, at: int = 40) -> None:
    log[path] = log[path][:at] + bytes([log[path][at] ^ 1]) + log[path][at + 1 :]


def put_entry(log: Files, number: int, changed: bytes, *, up_to: int) -> None:
    """Rewrite an entry in its bundle and, level by level, in the tiles above it."""
    content = entries()
    content[number] = changed
    new, kinds = files(content), (ENTRIES, 0, 1)
    for path in (path for path in new if path != "checkpoint"):
        kind = next(tile.level for tile in tiles_of(SIZE) if tile.path == path)
        if kind in kinds[: up_to + 1]:
            log[path] = new[path]


def swap(log: Files, *paths: str) -> None:
    content = entries()
    content[10], content[12] = content[12], content[10]
    new = files(content)
    log.update({path: new[path] for path in paths})


def edit(log: Files, old: bytes, new: bytes) -> None:
    assert old in log["checkpoint"]
    log["checkpoint"] = log["checkpoint"].replace(old, new, 1)


def cut_last(log: Files) -> None:
    log["tile/entries/002.p/88"] = bundle(unbundle(log["tile/entries/002.p/88"], 88)[:-1])


BUNDLE, LEAVES, ABOVE = "tile/entries/000", "tile/0/000", "tile/1/000.p/2"
CHANGED = entry(8, "intent", 8, 3)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
TAMPERING: dict[str, Callable[[Files], object]] = {
    "one bit in an entry": lambda log: flip(log, BUNDLE),
    "one bit in a leaf": lambda log: flip(log, LEAVES),
    "one bit above the leaves": lambda log: flip(log, ABOVE),
    "an entry and its leaf": lambda log: put_entry(log, 8, CHANGED, up_to=1),
    "an entry and all tiles above it": lambda log: put_entry(log, 8, CHANGED, up_to=2),
    "two entries swapped": lambda log: swap(log, BUNDLE),
    "two entries and their leaves swapped": lambda log: swap(log, BUNDLE, LEAVES),
    "the last entry cut": cut_last,
    "a bundle missing": lambda log: log.pop("tile/entries/001"),
    "a tile missing": lambda log: log.pop("tile/0/001"),
    "a bundle too long": lambda log: log.update({BUNDLE: log[BUNDLE] + b"\0\0"}),
    "a tile too long": lambda log: log.update({LEAVES: log[LEAVES] + b"\0"}),
    "the checkpoint missing": lambda log: log.pop("checkpoint"),
    "another root": lambda log: edit(log, log["checkpoint"].split(b"\n")[2], b"A" * 43 + b"="),
    "another size": lambda log: edit(log, b"\n600\n", b"\n599\n"),
    "a leading zero": lambda log: edit(log, b"\n600\n", b"\n0600\n"),
    "another origin": lambda log: edit(log, b"portal.example/audit\n", b"portal.example/other\n"),
    "another key": lambda log: log.update(checkpoint=note(entries(), OTHER_KEY)),
    "no signature": lambda log: log.update(checkpoint=log["checkpoint"].partition(b"\n\n")[0] + b"\n\n"),
    "an extension line": lambda log: edit(log, b"=\n\n", b"=\nmore\n\n"),
}


@pytest.mark.parametrize("change", TAMPERING)
def test_a_changed_log_fails(change: str) -> None:
    log = files(entries())
    TAMPERING[change](log)

    with pytest.raises(VerifyFailed):
        verify(log)


def test_control_an_untouched_log_passes_with_all_that_was_saved() -> None:
    report = verify(files(entries(), witnessed=True), earlier=[saved(n) for n in (0, 1, 256, 300, 600)], policy=POLICY)

    assert (report.checkpoint.size, report.earlier, list(report.witnesses)) == (SIZE, 5, ["W1"])
    assert not report.self_consistent_only


def test_control_a_log_rewritten_by_the_holder_of_the_key_passes_if_nothing_was_saved() -> None:
    content = entries()
    content[8], content[9] = (entry(n, phase, 8, 3) for n, phase in ((8, "intent"), (9, "outcome")))

    assert verify(files(content)).self_consistent_only


def rewritten(number: int) -> list[bytes]:
    content = entries()
    content[number] += b" "
    return content


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (rewritten(7), 256),
        (rewritten(300), 600),
        (entries()[:598], 600),
        ([*entries()[:10], entry(9999), *entries()[10:]], 256),
    ],
    ids=["an old entry rewritten", "a newer entry rewritten", "the tail cut", "an entry inserted"],
)
def test_the_holder_of_the_key_is_found_out_by_a_saved_checkpoint(content: list[bytes], kept: int) -> None:
    verify(files(content))
    with pytest.raises(VerifyFailed):
        verify(files(content), earlier=[saved(kept)])


def test_the_holder_of_the_key_cannot_do_without_the_witness() -> None:
    with pytest.raises(VerifyFailed, match="witnesses"):
        verify(files(rewritten(7)), policy=POLICY)


def test_a_cosignature_with_its_time_moved_fails() -> None:
    log = files(entries(), witnessed=True)
    parsed = Note.parse(log["checkpoint"])
    line = parsed.signatures[1]
    later = (int.from_bytes(line.signature[:8], "big") + 30).to_bytes(8, "big")
    log["checkpoint"] = log["checkpoint"].replace(
        line.line.encode(), Signature(line.name, line.key_id, later + line.signature[8:]).line.encode()
    )

    with pytest.raises(VerifyFailed, match="does not fit"):
        verify(log, policy=POLICY)


def test_a_cosignature_of_two_days_ago_is_too_old_unless_any_age_will_do() -> None:
    log, later = files(entries(), witnessed=True), NOW + timedelta(days=2)

    with pytest.raises(VerifyFailed, match="too old"):
        verify_log(Memory(log), VKEY, Demands(now=later, policy=POLICY))
    assert verify_log(Memory(log), VKEY, Demands(now=later, policy=POLICY, freshness=None)).witnesses


def test_an_unknown_signature_is_passed_over_and_a_bad_one_of_a_known_key_is_not() -> None:
    log = files(entries())
    foreign = VerifierKey.of(OTHER_KEY, "else.example")
    log["checkpoint"] += Signature("else.example", foreign.id, b"x" * 64).line.encode()
    verify(log)
    log["checkpoint"] += Signature(ORIGIN, VKEY.id, b"x" * 64).line.encode()

    with pytest.raises(VerifyFailed):
        verify(log)


BROKEN_PROMISES = {
    "an outcome without its intent": [entry(0, "outcome")],
    "two outcomes": [entry(0, "intent", 1), entry(1, "outcome", 1), entry(2, "outcome", 1)],
    "an intent twice": [entry(0, "intent", 1), entry(1, "intent", 1)],
    "an outcome of another kind": [entry(0, "intent", 1), entry(1, "outcome", 1, 12)],
    "an outcome before its intent": [entry(0, "outcome", 1), entry(1, "intent", 1)],
}


@pytest.mark.parametrize("broken", BROKEN_PROMISES)
def test_a_log_whose_attempts_do_not_pair_fails(broken: str) -> None:
    with pytest.raises(VerifyFailed):
        verify(files(BROKEN_PROMISES[broken]))


def test_an_intent_is_waited_for_and_then_fails() -> None:
    log = files([entry(0), entry(1, "intent", 1)])

    assert verify(log).open_intents == [1]
    with pytest.raises(VerifyFailed, match="entry 1 is an intent"):
        verify_log(Memory(log), VKEY, Demands(now=NOW + timedelta(minutes=11)))


def test_entries_in_another_form_are_counted() -> None:
    assert verify(files([b"{}", b"not even JSON", b'{"unmapped":{"phase":"intent"}}', entry(3)])).others == 3


def proof_of(number: int) -> Proof:
    return Proof(number, tuple(inclusion_proof(Hashes(entries()), number, SIZE)), note(entries(), witnessed=True))


def test_a_proof_holds_for_its_entry_and_place_alone() -> None:
    good, body = proof_of(5), entries()[5]
    assert verify_proof(str(good).encode(), body, VKEY, POLICY)[0] == 5
    assert verify_proof(str(good).replace("@v1\n", "@v1\nextra aGk=\n").encode(), body, VKEY)[0] == 5
    for wrong in (
        Proof(6, good.path, good.note),
        Proof(5, good.path[:-1], good.note),
        Proof(5, (*good.path, good.path[0]), good.note),
        Proof(5, good.path, note(entries()[:599])),
        Proof(5, good.path, note(entries(), OTHER_KEY)),
        Proof(SIZE, good.path, good.note),
    ):
        with pytest.raises(VerifyFailed):
            verify_proof(str(wrong).encode(), body, VKEY)
    with pytest.raises(VerifyFailed):
        verify_proof(str(good).encode(), entries()[6], VKEY)
    with pytest.raises(VerifyFailed, match="witnesses"):
        verify_proof(str(Proof(5, good.path, note(entries()))).encode(), body, VKEY, POLICY)


@pytest.mark.parametrize(
    ("old", "new"),
    [("@v1", "@v2"), ("index 5", "index 05"), ("index 5", "index \u0665"), ("index", "extra !\nindex"), ("\n\n", "\n")],
)
def test_a_malformed_proof_fails(old: str, new: str) -> None:
    with pytest.raises(VerifyFailed):
        verify_proof(str(proof_of(5)).replace(old, new, 1).encode(), entries()[5], VKEY)


SOUND = files(entries())


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.data())
def test_random_damage_to_any_file_fails(path: str, data: st.DataObject) -> None:
    content = SOUND[path]
    at, end = sorted((data.draw(st.integers(0, len(content))), data.draw(st.integers(0, len(content)))))
    damaged = content[:at] + data.draw(st.binary(max_size=40)) + content[end:]
    if damaged == content:
        return

    with pytest.raises(VerifyFailed):
        verify(SOUND | {path: damaged})


def test_a_folder_is_read_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    for path, content in SOUND.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    verify_log(Folder(tmp_path), VKEY, Demands(now=NOW))
    (tmp_path / LEAVES).unlink()

    with pytest.raises(VerifyFailed, match="tile/0/000 cannot be read"):
        verify_log(Folder(tmp_path), VKEY, Demands(now=NOW))
