"""A record that the portal wrote, changed in every way: in its files, by SQL, by whoever holds the key.

The two controls show what cannot be seen: an untouched record passes, and so does one that the key's holder wrote anew
before anybody had kept a checkpoint or watched.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Connection, text

from audit.checkpoints import Checkpoint, cosign, open_checkpoint
from audit.event import Event
from audit.export import export_tiles, proof
from audit.notes import COSIGNATURE, Note, Signature, VerifierKey
from audit.sealer import Sealer, SealRefused
from audit.serving import checkpoint
from audit.tiles import bundle, unbundle
from audit.tree import leaf_hash
from audit.verify.policy import Policy
from audit.verify.proof_file import Proof, verify_proof
from audit.verify.proofs import VerifyFailed
from audit.verify.whole import Demands, Report, verify_log
from portal.settings.installation import Settings
from tests.audit.audit_samples import LOG_KEY, ORIGIN, VKEY, WITNESS, WITNESS_KEY, Files, Memory, files, unguarded
from tests.portal.site import NEW, Site

SIZE = 600
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is exported is the same
POLICY = Policy.parse(f"witness W1 {VerifierKey.of(WITNESS_KEY, WITNESS, COSIGNATURE)}\nquorum W1\n")
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
FIRST, LEAVES, ABOVE = "tile/entries/000", "tile/0/000", "tile/1/000.p/2"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With the key of the samples, so that a test can sign as its holder."""
    file = tmp_path / "samples.pem"
    file.touch(mode=0o600)
    file.write_bytes(LOG_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    own = settings.audit.model_copy(update={"origin": ORIGIN, "signing_key": file})
    return settings.model_copy(update={"audit": own})


class Kept:
    """What the portal wrote, and what an auditor kept of it on the way."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder = site, folder
        alice = site.person()
        site.browser().recover(alice).send({"new_password": NEW, "new_password_again": NEW})
        self.at_256, self.at_600 = self._grow(256), self._grow(SIZE)
        with site.parts.database.read() as db:
            export_tiles(db, folder / "log")
            self.proof = proof(db, 5)
        root = folder / "log"
        self.files: Files = {str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file()}
        line = cosign(WITNESS_KEY, WITNESS, Note.parse(self.files["checkpoint"]).text, int(site.clock().timestamp()))
        self.files["checkpoint"] += line.line.encode()
        widths = {"tile/entries/000": 256, "tile/entries/001": 256, "tile/entries/002.p/88": 88}
        self.entries = [entry for path, width in widths.items() for entry in unbundle(self.files[path], width)]

    def _grow(self, size: int) -> Checkpoint:
        log, database = self.site.parts.log, self.site.parts.database
        event = Event(kind="login", actor="staff:1")
        with database.write() as tx:
            for _ in range(size - log.size(tx)):
                log.record(tx, event, "failure", "wrong_password")
        self.site.work()
        with database.read() as db:
            signed, _ = open_checkpoint(checkpoint(db) or b"", VKEY)
        assert signed.size == size
        return signed

    def verify(self, log: Files, **demands: Any) -> Report:
        return verify_log(Memory(log), VKEY, Demands(now=self.site.clock(), **demands))

    def rewritten(self, number: int) -> list[bytes]:
        """With another word in one entry, of the same length so that only its content differs."""
        content = list(self.entries)
        content[number] = content[number].replace(b"Sparekey", b"Sparekex", 1)
        assert content[number] != self.entries[number]
        return content


@pytest.fixture
def kept(site: Site, tmp_path: Path) -> Kept:
    return Kept(site, tmp_path)


def flipped(content: bytes, at: int = 40) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def edited(kept: Kept, old: bytes, new: bytes) -> Files:
    assert old in kept.files["checkpoint"]
    return {"checkpoint": kept.files["checkpoint"].replace(old, new, 1)}


def file_edits(kept: Kept) -> dict[str, Files]:
    """What is different in the export, by what was done to it. An empty file stands for one that is gone."""
    one, swapped = files(kept.rewritten(8)), list(kept.entries)
    swapped[10], swapped[12] = swapped[12], swapped[10]
    changed, tail = files(swapped), "tile/entries/002.p/88"
    root = kept.files["checkpoint"].split(b"\n")[2]
    return {
        "one bit in an entry": {FIRST: flipped(kept.files[FIRST])},
        "one bit in a leaf": {LEAVES: flipped(kept.files[LEAVES])},
        "one bit above the leaves": {ABOVE: flipped(kept.files[ABOVE])},
        "an entry and its leaf": {path: one[path] for path in (FIRST, LEAVES)},
        "an entry and every tile above it": {path: one[path] for path in (FIRST, LEAVES, ABOVE)},
        "two entries swapped": {FIRST: changed[FIRST]},
        "two entries and their leaves swapped": {path: changed[path] for path in (FIRST, LEAVES)},
        "the last entry cut": {tail: bundle(kept.entries[512:-1])},
        "a bundle gone": {"tile/entries/001": b""},
        "a bundle too long": {FIRST: kept.files[FIRST] + b"\0\0"},
        "another root": edited(kept, root, b"A" * 43 + b"="),
        "another size": edited(kept, b"\n600\n", b"\n599\n"),
        "a leading zero": edited(kept, b"\n600\n", b"\n0600\n"),
        "another origin": edited(kept, ORIGIN.encode() + b"\n", b"portal.example/other\n"),
        "another key": {"checkpoint": files(kept.entries, STRANGER)["checkpoint"]},
        "all tiles, signed by a stranger": files(kept.rewritten(8), STRANGER),
    }


@ONE_DATABASE
def test_every_edit_of_the_files_is_found(kept: Kept) -> None:
    assert not kept.verify(kept.files, policy=POLICY, earlier=[kept.at_256, kept.at_600]).self_consistent_only
    missed = []
    for what, different in file_edits(kept).items():
        try:
            kept.verify({path: content for path, content in (kept.files | different).items() if content})
        except VerifyFailed:
            continue
        missed.append(what)
    assert not missed


@ONE_DATABASE
def test_whoever_holds_the_key_is_found_by_what_was_kept_or_watched(kept: Kept) -> None:
    inserted = [*kept.entries[:10], kept.entries[10].replace(b"Sparekey", b"Sparekex", 1), *kept.entries[10:]]
    for content, saved in (
        (kept.rewritten(7), kept.at_256),
        (kept.rewritten(300), kept.at_600),
        (kept.entries[:-2], kept.at_600),
        (inserted, kept.at_256),
    ):
        signed_anew = files(content)
        assert kept.verify(signed_anew).self_consistent_only  # the control: alone it looks sound
        with pytest.raises(VerifyFailed):
            kept.verify(signed_anew, earlier=[saved])
        with pytest.raises(VerifyFailed, match="witnesses"):
            kept.verify(signed_anew, policy=POLICY)


@ONE_DATABASE
def test_a_cosignature_cannot_be_moved_in_time_or_left_out(kept: Kept) -> None:
    note = Note.parse(kept.files["checkpoint"])
    line = note.signatures[-1]
    later = (int.from_bytes(line.signature[:8], "big") + 30).to_bytes(8, "big")
    moved = Signature(line.name, line.key_id, later + line.signature[8:])
    for wrong, why in (((*note.signatures[:-1], moved), "does not fit"), (note.signatures[:-1], "witnesses")):
        with pytest.raises(VerifyFailed, match=why):
            kept.verify(kept.files | {"checkpoint": str(Note(note.text, wrong)).encode()}, policy=POLICY)


@ONE_DATABASE
def test_a_proof_is_good_for_one_entry_in_one_place(kept: Kept) -> None:
    good, entry = kept.proof
    assert verify_proof(good.encode(), entry, VKEY)[0] == 5
    told = Proof.parse(good.encode())
    for wrong, body in (
        (told, kept.entries[6]),
        (Proof(6, told.path, told.note), entry),
        (Proof(5, told.path[:-1], told.note), entry),
        (Proof(5, (*told.path, told.path[0]), told.note), entry),
    ):
        with pytest.raises(VerifyFailed):
            verify_proof(str(wrong).encode(), body, VKEY)


ATTACKS: dict[str, list[str]] = {  # on what was signed: the quick look or the full one refuses
    "an entry edited": ["UPDATE audit_entry SET body = :body WHERE idx = 7"],
    "a leaf edited": ["UPDATE audit_entry SET leaf = :leaf WHERE idx = 7"],
    "an entry and its leaf edited": ["UPDATE audit_entry SET body = :body, leaf = :leaf WHERE idx = 7"],
    "the newest signed entry and its leaf edited": [
        "UPDATE audit_entry SET body = :body, leaf = :leaf WHERE idx = 599"
    ],
    "a node edited": ["UPDATE audit_node SET hash = :leaf WHERE n = 1"],
    "an entry taken out": ["DELETE FROM audit_entry WHERE idx = 300"],
    "two entries swapped": [
        "UPDATE audit_entry SET idx = -1 WHERE idx = 10",
        "UPDATE audit_entry SET idx = 10 WHERE idx = 12",
        "UPDATE audit_entry SET idx = 12 WHERE idx = -1",
    ],
    "the end cut off": ["DELETE FROM audit_entry WHERE idx >= 590"],
}
UNSIGNED: dict[str, list[str]] = {  # a second at most after they were written: these are signed as they are then
    "an entry that was not signed yet edited whole": [
        "UPDATE audit_entry SET body = :body, leaf = :leaf WHERE idx = 601"
    ],
    "the last that was not signed yet taken out": ["DELETE FROM audit_entry WHERE idx = 602"],
}


class _Within:
    """Stands for an engine, and does everything in one transaction that nobody else ever sees."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def begin(self) -> Any:
        return nullcontext(self._tx)


@contextmanager
def attacked(kept: Kept, statements: list[str]) -> Iterator[Callable[[], None]]:
    """The tables after an attack, until the block ends; what is given looks at them as the sealer does."""
    body = b'{"metadata":{"correlation_uid":"x"},"unmapped":{"phase":"record"}}'
    state = kept.folder / "attacked.json"
    shutil.copy(kept.site.settings.state / "sealed.json", state)
    sealer = Sealer(ORIGIN, [LOG_KEY], state, kept.site.clock)
    engine = kept.site.parts.database.engine.execution_options(write=True)
    with engine.connect() as tx:
        tx.begin()
        unguarded(tx, *statements, body=body, leaf=leaf_hash(body))

        def look() -> None:
            sealer.full_check(_Within(tx))  # type: ignore[arg-type]
            assert sealer.seal(_Within(tx)), "there was something new"  # type: ignore[arg-type]

        yield look
        tx.rollback()


def test_the_sealer_refuses_every_attack_by_sql_on_what_it_signed(kept: Kept) -> None:
    log, database = kept.site.parts.log, kept.site.parts.database
    with database.write() as tx:
        for _ in range(3):
            log.record(tx, Event(kind="login", actor="staff:2"), "success")
    missed = []
    for what, statements in ATTACKS.items():
        with attacked(kept, statements) as look:
            try:
                look()
            except SealRefused:
                continue
        missed.append(what)
    assert not missed
    for statements in UNSIGNED.values():
        with attacked(kept, statements) as look:
            look()
    with attacked(kept, []) as look:  # the control
        look()
    with database.read() as db:
        assert db.execute(text("SELECT count(*) FROM audit_entry")).scalar_one() == SIZE + 3
