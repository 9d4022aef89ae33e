"""Keys, names and small trees that several tests of the log share."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import VerifierKey
from audit.tree import TILE, fold, leaf_hash

ORIGIN = "portal.example/audit"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
WITNESS = "witness.example/w1"
VKEY = VerifierKey.of(LOG_KEY, ORIGIN)


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
