"""A witness (C2SP tlog-witness): remembers the newest checkpoint of each log, and cosigns only what continues it.

Its folder holds its key, the keys of the logs it knows, and for each log the last checkpoint it cosigned. Whoever loses
the folder must give up the key with it: a witness that has forgotten would cosign a second history.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoints import Checkpoint, cosign
from audit.durable import locked, replace
from audit.keys import generate_key, load_key
from audit.notes import COSIGNATURE, BadNote, Note, VerifierKey, decode64
from audit.tree import EMPTY_ROOT
from audit.verify.proofs import VerifyFailed, verify_consistency

MOST_BYTES = 64 * 1024  # of a request: 63 hashes, and a note with some signatures
_MOST_HASHES = 63


class NoWitness(Exception):
    """The folder is not a witness's, or it has lost what it must remember."""


class Answer(NamedTuple):
    """What is answered to a request."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class _Request(NamedTuple):
    old: int
    proof: list[bytes]
    note: Note
    checkpoint: Checkpoint


def make(folder: Path, name: str) -> VerifierKey:
    """Make a new witness in a folder that does not exist yet; returns its verifier key."""
    VerifierKey.of(
        Ed25519PrivateKey.generate(), name
    )  # a name that cannot stand in a note fails before anything is made
    folder.mkdir(mode=0o700, parents=True)
    key = generate_key(folder / "witness.pem")
    replace(folder / "name", f"{name}\n".encode())
    return VerifierKey.of(key, name, COSIGNATURE)


class Witness:
    """The witness in a folder; raises NoWitness if there is none."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        try:
            self._key = load_key(folder / "witness.pem")
            self.name = (folder / "name").read_text().strip()
        except OSError as error:
            raise NoWitness(f"{folder} holds no witness: {error.strerror}") from None
        self._folder = folder
        self._clock = clock
        self._one_at_a_time = threading.Lock()

    @property
    def key(self) -> VerifierKey:
        """What auditors put into their policy, and the portal into its settings."""
        return VerifierKey.of(self._key, self.name, COSIGNATURE)

    def know(self, log: VerifierKey) -> None:
        """Cosign checkpoints of this log from now on; a second key of a log is one more it may sign with."""
        file = self._file(log.name)
        with locked(file):
            keys = [] if not file.exists() else self._remembered(log.name)[0]
            last = None if not file.exists() else self._remembered(log.name)[1]
            self._remember(log.name, [*keys, *([] if log in keys else [log])], last)

    def logs(self) -> list[tuple[str, Checkpoint | None]]:
        """The logs it knows, each with the checkpoint it cosigned last."""
        origins = [file.read_text().partition("+")[0] for file in sorted(self._folder.glob("log-*")) if not file.suffix]
        return [(origin, self._remembered(origin)[1]) for origin in origins if origin]

    def add_checkpoint(self, body: bytes) -> Answer:
        """Judge one request; what is cosigned is remembered on disk before it is answered."""
        try:
            asked = _read(body)
        except (BadNote, ValueError):
            return Answer(400, "The request is malformed.\n")
        origin = asked.checkpoint.origin
        if not self._file(origin).exists():
            return Answer(404, "This log is not known here.\n")
        with self._one_at_a_time, locked(self._file(origin)):
            keys, last = self._remembered(origin)
            if not _signed(asked, keys):
                return Answer(403, "The checkpoint is not signed with a key of this log.\n")
            refusal = _judge(asked, last or Checkpoint(origin, 0, EMPTY_ROOT))
            if refusal:
                return refusal
            line = cosign(self._key, self.name, asked.note.text, int(self._clock().timestamp())).line
            self._remember(origin, keys, asked.checkpoint)
        return Answer(200, line)

    def _file(self, origin: str) -> Path:
        return self._folder / f"log-{sha256(origin.encode()).hexdigest()[:32]}"

    def _remembered(self, origin: str) -> tuple[list[VerifierKey], Checkpoint | None]:
        """The keys of a log, one a line, and after an empty line its last checkpoint."""
        try:
            keys, _, last = self._file(origin).read_text().partition("\n\n")
            return [VerifierKey.parse(line) for line in keys.splitlines()], Checkpoint.parse(last) if last else None
        except (BadNote, OSError, UnicodeDecodeError):
            raise NoWitness(f"what was remembered of {origin} cannot be read") from None

    def _remember(self, origin: str, keys: list[VerifierKey], last: Checkpoint | None) -> None:
        lines = "".join(f"{key}\n" for key in keys)
        replace(self._file(origin), f"{lines}\n{last.text if last else ''}".encode())


def _read(body: bytes) -> _Request:
    """A request's parts; raises BadNote or ValueError if it is malformed."""
    above, gap, content = body.partition(b"\n\n")
    first, *lines = above.decode("ascii").split("\n")
    word, _, number = first.partition(" ")
    whole = number.isascii() and number.isdigit() and len(number) < 20 and str(int(number)) == number
    if not gap or word != "old" or not whole or len(lines) > _MOST_HASHES:
        raise ValueError("malformed")
    proof = [decode64(line) for line in lines]
    note = Note.parse(content)
    checkpoint = Checkpoint.parse(note.text)
    if any(len(part) != 32 for part in proof) or int(number) > checkpoint.size:
        raise ValueError("malformed")
    return _Request(int(number), proof, note, checkpoint)


def _signed(asked: _Request, keys: list[VerifierKey]) -> bool:
    """Whether one of the log's keys signed it, and none of them badly."""
    good = False
    for key in keys:
        if not any(line.by([key]) for line in asked.note.signatures):
            continue
        try:
            asked.checkpoint.require_signature(asked.note, key)
        except BadNote:
            return False
        good = True
    return good


def _judge(asked: _Request, last: Checkpoint) -> Answer | None:
    """None if the checkpoint continues what was cosigned last, else the refusal."""
    new = asked.checkpoint
    if asked.old != last.size or (new.size == last.size and new.root != last.root):
        return Answer(409, f"{last.size}\n", "text/x.tlog.size")
    try:
        verify_consistency(last.size, new.size, last.root, new.root, asked.proof)
    except VerifyFailed as failure:
        return Answer(422, f"{failure}\n")
    if new.size == 0 and new.root != EMPTY_ROOT:
        return Answer(422, "The root of an empty log is another one.\n")
    return None
