"""Proof checks after RFC 9162 sections 2.1.3.2 and 2.1.4.2; they share no code with what makes the proofs."""

from collections.abc import Sequence
from hashlib import sha256


class VerifyFailed(Exception):
    """The log, or a proof from it, is not what its keeper says; the message is one line that says what is wrong."""


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises VerifyFailed unless the proof shows `leaf` (32 bytes) at `index` of the tree with this size and root."""
    if not 0 <= index < size:
        raise VerifyFailed(f"entry {index} is not in a log of {size}")
    first, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise VerifyFailed("the proof of inclusion is too long")
        if first & 1 or first == last:
            result = _node(sibling, result)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            result = _node(result, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise VerifyFailed("the proof of inclusion is too short")
    if result != root:
        raise VerifyFailed("the proof of inclusion does not lead to the signed root")


def verify_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raises VerifyFailed unless the proof shows the tree of `old` entries as a prefix of the tree of `size`."""
    if old > size:
        raise VerifyFailed("the log has shrunk")
    if old in (0, size):
        if proof or old_root != (root if old else sha256(b"").digest()):
            raise VerifyFailed("the two roots do not belong to one log")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof:
        raise VerifyFailed("the proof of consistency is missing")
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    _climb(path, first, last, old_root, root)


def _climb(path: Sequence[bytes], first: int, last: int, old_root: bytes, root: bytes) -> None:
    old_result = result = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise VerifyFailed("the proof of consistency is too long")
        if first & 1 or first == last:
            old_result, result = _node(sibling, old_result), _node(sibling, result)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            result = _node(result, sibling)
        first, last = first >> 1, last >> 1
    if last or old_result != old_root or result != root:
        raise VerifyFailed("the two roots do not belong to one log")


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
