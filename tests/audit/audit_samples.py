"""Keys, names and small trees that several tests of the log share."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from audit.checkpoints import Checkpoint, cosign
from audit.notes import Note, VerifierKey
from audit.tiles import ENTRIES, bundle, tiles_of
from audit.tree import TILE, fold, leaf_hash, root
from audit.verify.proofs import VerifyFailed

ORIGIN = "portal.example/audit"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
WITNESS = "witness.example/w1"
VKEY = VerifierKey.of(LOG_KEY, ORIGIN)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIZE = 600
Files = dict[str, bytes]


def numbered(count: int) -> list[bytes]:
    """The entries of the published vectors: {"n":0}, {"n":1} and so on."""
    return [b'{"n":%d}' % number for number in range(count)]


class Hashes:
    """A hash source over a plain list of entries."""

    def __init__(self, entries: list[bytes]) -> None:
        self.levels = [[leaf_hash(entry) for entry in entries]]
        while len(self.levels[-1]) >= TILE:
            row = self.levels[-1]
            self.levels.append([fold(row[i : i + TILE]) for i in range(0, len(row) - TILE + 1, TILE)])

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        return self.levels[level][first : first + count]


def entry(number: int, phase: str = "record", correlation: int | None = None, activity: int = 4) -> bytes:
    uid = f"{number if correlation is None else correlation:08x}-0000-4000-8000-000000000000"
    body = {
        "metadata": {"correlation_uid": uid, "logged_time": int(NOW.timestamp() * 1000)},
        "activity_id": activity,
        "unmapped": {"phase": phase},
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def entries(size: int = SIZE) -> list[bytes]:
    """Intents and outcomes in turn."""
    return [entry(n, "outcome" if n % 2 else "intent", n // 2 * 2) for n in range(size)]


def note(content: list[bytes], key: Ed25519PrivateKey = LOG_KEY, witnessed: bool = False) -> bytes:
    signed = Checkpoint(ORIGIN, len(content), root(Hashes(content), len(content))).signed(key)
    seen = (cosign(WITNESS_KEY, WITNESS, signed.text, int(NOW.timestamp()) - 60),) if witnessed else ()
    return str(Note(signed.text, (*signed.signatures, *seen))).encode()


def files(content: list[bytes], key: Ed25519PrivateKey = LOG_KEY, witnessed: bool = False) -> Files:
    hashes = Hashes(content)
    made = {"checkpoint": note(content, key, witnessed)}
    for tile in tiles_of(len(content)):
        low = tile.number * 256
        if tile.level == ENTRIES:
            made[tile.path] = bundle(content[low : low + tile.width])
        else:
            made[tile.path] = b"".join(hashes.hashes(tile.level, low, tile.width))
    return made


def unguarded(tx: Connection, *statements: str, **values: object) -> None:
    """Change rows as an administrator of the database can, who just drops the triggers."""
    if tx.dialect.name == "sqlite":
        for name in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            tx.execute(text(f"DROP TRIGGER {name}"))
    else:
        tx.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in statements:
        names = [name for name in values if f":{name}" in statement]
        tx.execute(text(statement), {name: values[name] for name in names})


@dataclass
class Memory:
    """A log in memory."""

    files: Files

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise VerifyFailed(f"{path} is missing")
        return self.files[path]
