"""Checkpoints (C2SP tlog-checkpoint): a log's name, size and root, signed by its key and cosigned by witnesses."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import (
    COSIGNATURE,
    ED25519,
    BadNote,
    Note,
    Signature,
    VerifierKey,
    decode64,
    encode64,
    require_signature,
    sign,
)


@dataclass(frozen=True)
class Checkpoint:
    """What a log commits itself to: under this origin there are `size` entries, and `root` is their tree's."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"

    def signed(self, key: Ed25519PrivateKey) -> Note:
        """The checkpoint as a note with the log's own signature."""
        return Note(self.text, (sign(key, self.origin, self.text),))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a checkpoint's text; raises BadNote for anything but origin, size and root."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise BadNote("the checkpoint is not origin, size and root")
        root = decode64(lines[2])
        if len(root) != 32:
            raise BadNote("the checkpoint's root is not a SHA-256 hash")
        return cls(lines[0], int(lines[1]), root)


def open_checkpoint(content: bytes, key: VerifierKey) -> tuple[Checkpoint, Note]:
    """The checkpoint in a note; raises BadNote unless it is of this key's log and signed by this key."""
    if key.type != ED25519:
        raise BadNote("a witness's key is no log's key")
    note = Note.parse(content)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise BadNote(f"the checkpoint is of {checkpoint.origin}, not of {key.name}")
    require_signature(note, key)
    return checkpoint, note


def cosign(key: Ed25519PrivateKey, name: str, text: str, seconds: int) -> Signature:
    """A witness's cosignature (C2SP cosignature v1) over a checkpoint's text, made `seconds` after 1970 in UTC."""
    verifier = VerifierKey.of(key, name, COSIGNATURE)
    return Signature(name, verifier.id, seconds.to_bytes(8, "big") + key.sign(_cosigned(text, seconds)))


def cosigned_at(note: Note, witness: VerifierKey) -> datetime | None:
    """When this witness last cosigned the note, or None; raises BadNote if a line of its key does not fit."""
    if witness.type != COSIGNATURE:
        raise BadNote("a log's key is no witness's key")
    newest: datetime | None = None
    for line in note.signatures:
        if line.by([witness]) is None:
            continue
        seconds = int.from_bytes(line.signature[:8], "big")
        witness.check(_cosigned(note.text, seconds), line.signature[8:])
        try:
            moment = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            raise BadNote(f"the cosignature of {witness.name} has no possible time") from None
        newest = moment if newest is None else max(newest, moment)
    return newest


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
