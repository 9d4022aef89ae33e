"""Checkpoints (C2SP tlog-checkpoint): a log's name, size and root, signed by its key and cosigned by witnesses."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import (
    COSIGNATURE,
    ML_DSA_44,
    BadNote,
    Note,
    Signature,
    VerifierKey,
    decode64,
    encode64,
    require_signature,
    sign,
)

if TYPE_CHECKING:
    from audit.notes import SigningKey


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

    def signed(self, *keys: "SigningKey", seconds: int = 0) -> Note:
        """The checkpoint as a note with a signature of each of the log's own keys, made `seconds` after 1970 in UTC."""
        return Note(self.text, tuple(self._signature(key, seconds) for key in keys))

    def _signature(self, key: "SigningKey", seconds: int) -> Signature:
        if isinstance(key, Ed25519PrivateKey):
            return sign(key, self.origin, self.text)
        time = seconds.to_bytes(8, "big")
        return Signature(self.origin, VerifierKey.of(key, self.origin).id, time + key.sign(self._subtree(time)))

    def _subtree(self, time: bytes) -> bytes:
        """What an ML-DSA key signs (C2SP tlog-cosignature, subtree/v1): here by the log itself, from entry 0 on."""
        name, zero = self.origin.encode(), (0).to_bytes(8, "big")
        named = bytes([len(name)]) + name
        return b"subtree/v1\n\0" + named + time + named + zero + self.size.to_bytes(8, "big") + self.root

    def require_signature(self, note: Note, key: VerifierKey) -> None:
        """Raises BadNote unless the note carries a good signature, and no bad one, of this key of the log."""
        if key.type != ML_DSA_44:
            require_signature(note, key)
            return
        mine = [line.signature for line in note.signatures if line.by([key])]
        if not mine:
            raise BadNote(f"the note is not signed by {key.name} with the key given")
        for signature in mine:
            key.check(self._subtree(signature[:8]), signature[8:])

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
    if key.type == COSIGNATURE:
        raise BadNote("a witness's key is no log's key")
    note = Note.parse(content)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise BadNote(f"the checkpoint is of {checkpoint.origin}, not of {key.name}")
    checkpoint.require_signature(note, key)
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
