"""The log as files: all of it for an auditor, or one entry with its proof."""

from pathlib import Path

from sqlalchemy import Connection

from audit import timestamps
from audit.checkpoints import Checkpoint
from audit.notes import Note
from audit.serving import checkpoint, content
from audit.store import StoredHashes, bodies
from audit.tiles import tiles_of
from audit.tree import inclusion_proof
from audit.verify.proof_file import Proof
from audit.verify.timestamp import NOTE, TOKEN


class NotSigned(LookupError):
    """No signed checkpoint covers what was asked for yet."""


def newest(tx: Connection) -> tuple[Checkpoint, bytes]:
    """The newest checkpoint and its note; raises NotSigned."""
    note = checkpoint(tx)
    if note is None:
        raise NotSigned("the log was not signed yet")
    return Checkpoint.parse(Note.parse(note).text), note


def export_tiles(tx: Connection, folder: Path) -> Checkpoint:
    """Write the newest checkpoint and every tile of its size into a folder, which is made; raises NotSigned.

    The checkpoint is written last: a folder that has one is complete.
    """
    signed, note = newest(tx)
    for tile in tiles_of(signed.size):
        there = content(tx, tile)
        if there is not None:  # else its entries were pruned
            _write(folder / tile.path, there)
    stamped = timestamps.newest(tx)
    if stamped:
        _write(folder / NOTE, stamped.note)
        _write(folder / TOKEN, stamped.token)
    _write(folder / "checkpoint", note)
    return signed


def proof(tx: Connection, index: int) -> tuple[str, bytes]:
    """The proof file for an entry under the newest checkpoint, and the entry's bytes, empty once it was pruned.

    Raises NotSigned.
    """
    signed, note = newest(tx)
    if not 0 <= index < signed.size:
        raise NotSigned(f"entry {index} is not under a signed checkpoint yet")
    path = inclusion_proof(StoredHashes(tx), index, signed.size)
    return str(Proof(index, tuple(path), note)), bodies(tx, index, 1)[0]


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
