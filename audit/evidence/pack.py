"""Makes evidence packs: entries with whatever proves them, in files that can be checked without the portal."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from audit import private, timestamps
from audit.checkpoints import Checkpoint
from audit.evidence.files import CHECKPOINT, HANDED_OUT, HANDED_OUT_PROOF, MANIFEST, Files, entries_of, entry_file
from audit.evidence.script import verify_script
from audit.export import NotSigned, newest
from audit.keyring import Keyring
from audit.notes import Note, encode64
from audit.store import StoredHashes, bodies
from audit.tree import consistency_proof, inclusion_proof
from audit.verify.proof_file import Proof
from audit.verify.timestamp import CONSISTENCY, NOTE, TOKEN

_README = """This is evidence from a transparency log.

report.html    read this first
entries/       each entry as the log holds it, the values kept beside it, and the proof that it is in the log
checkpoint     the log's size and root, signed
manifest.json  the SHA-256 of every file; handed-out.json is the log's own entry about it
timestamped    an earlier checkpoint with an authority's timestamp (timestamp.tsr), if there is one
verify.py      checks all of it:  python verify.py --key KEY

KEY is the log's verifier key. You got it on paper or in a signed mail. Never take it from here.
"""


def gather(tx: Connection, keyring: Keyring, numbers: Sequence[int]) -> dict[str, bytes]:
    """The entries of these numbers to the byte, and the disclosures that still exist."""
    disclosed = private.disclosures(tx, keyring, numbers)
    files = {"README.txt": _README.encode(), "verify.py": verify_script()}
    for number in numbers:
        files[entry_file(number, "json")] = bodies(tx, number, 1)[0]
        if number in disclosed:
            files[entry_file(number, "disclosed")] = _json(disclosed[number])
    stamped = timestamps.newest(tx)
    return files | ({NOTE: stamped.note, TOKEN: stamped.token} if stamped else {})


def with_manifest(files: Files, about: Mapping[str, Any]) -> tuple[dict[str, bytes], str]:
    """The files with a manifest that names all of them, and its SHA-256 for the log."""
    hashes = {path: sha256(content).hexdigest() for path, content in files.items()}
    manifest = _json({"about": dict(about), "files": hashes})
    return {**files, MANIFEST: manifest}, sha256(manifest).hexdigest()


def with_proofs(tx: Connection, files: Files, handed_out: int) -> dict[str, bytes]:
    """The whole pack, once the entry that tells of it is under a signed checkpoint; raises NotSigned before."""
    signed, note = newest(tx)
    if signed.size <= handed_out:
        raise NotSigned(f"entry {handed_out} is not under a signed checkpoint yet")
    source = StoredHashes(tx)

    def proof(number: int) -> bytes:
        return str(Proof(number, tuple(inclusion_proof(source, number, signed.size)), note)).encode()

    proofs = {entry_file(number, "tlog-proof"): proof(number) for number in entries_of(files)}
    told = {HANDED_OUT: bodies(tx, handed_out, 1)[0], HANDED_OUT_PROOF: proof(handed_out)}
    more = {}
    if NOTE in files:
        path = consistency_proof(source, Checkpoint.parse(Note.parse(files[NOTE]).text).size, signed.size)
        more[CONSISTENCY] = b"".join(encode64(one).encode() + b"\n" for one in path)
    return {**files, **proofs, **told, **more, CHECKPOINT: note}


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"
