"""The Merkle tree of RFC 6962 section 2.1: leaf and node hashes, roots, and the proofs made from them."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol

TILE = 256  # hashes in a full tile, and entries in a full bundle
EMPTY_ROOT = sha256(b"").digest()


class HashSource(Protocol):
    """Where stored hashes come from: level 0 are leaves, hash i of level L is the root of full tile i of level L-1."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Exactly `count` neighbouring hashes of 32 bytes; raises MissingHashes if there are fewer."""


class MissingHashes(LookupError):
    """The source does not hold hashes it must hold."""


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte hash of one entry as the tree holds it."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The same for many: a call for each would cost a tenth of a verification."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash over two neighbouring subtrees."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over at least one neighbouring hash of equal height; an odd last one moves up unchanged."""
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) & 1 else []
        row = [sha256(b"\x01%b%b" % pair).digest() for pair in zip(row[::2], row[1::2], strict=False)] + odd
    return row[0]


def root(source: HashSource, size: int) -> bytes:
    """The root of the tree over the first `size` entries."""
    return _subtree(source, 0, size) if size else EMPTY_ROOT


def inclusion_proof(source: HashSource, index: int, size: int) -> list[bytes]:
    """The audit path of entry `index` in the tree of `size` entries, from the leaf's sibling up.

    Raises ValueError if the tree holds no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return [_subtree(source, *span) for span in reversed(path)]


def consistency_proof(source: HashSource, old: int, size: int) -> list[bytes]:
    """The proof that the tree of `old` entries is a prefix of the tree of `size` entries.

    Empty if there is nothing to prove (old is 0 or equal to size); raises ValueError if old is larger.
    """
    if not 0 <= old <= size:
        raise ValueError(f"no tree of {size} can grow from one of {old}")
    if old in (0, size):
        return []
    low, high, whole, path = 0, size, True, []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, whole = middle, False
    if not whole:
        path.append((low, high))
    return [_subtree(source, *span) for span in reversed(path)]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _subtree(source: HashSource, low: int, high: int) -> bytes:
    count = high - low
    if count & (count - 1) == 0 and low % count == 0:
        level = (count.bit_length() - 1) // 8
        span = TILE**level
        return fold(source.hashes(level, low // span, count // span))
    middle = low + _split(count)
    return node_hash(_subtree(source, low, middle), _subtree(source, middle, high))


class Frontier:
    """A tree read from left to right that remembers only the roots of its complete subtrees."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []

    def push(self, subtree: bytes, height: int = 0) -> None:
        """Add the root of the next complete subtree of 2**height entries."""
        while self._peaks and self._peaks[-1][0] == height:
            subtree = node_hash(self._peaks.pop()[1], subtree)
            height += 1
        self._peaks.append((height, subtree))

    def root(self, more: Sequence[bytes] = ()) -> bytes:
        """The root over everything pushed and, after it, `more` leaves, which are not kept."""
        if more:
            longer = Frontier()
            longer._peaks = self._peaks.copy()
            for leaf in more:
                longer.push(leaf)
            return longer.root()
        if not self._peaks:
            return EMPTY_ROOT
        result = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            result = node_hash(peak, result)
        return result
