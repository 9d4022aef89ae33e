"""A reader of tlog-tiles logs written from the texts of C2SP and RFC 6962 alone: it shares nothing with the product.

c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint, c2sp.org/signed-note; RFC 6962, 2.1.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotTheLog(Exception):
    """Something is not as the texts say."""


def read_log(folder: Path, key: str) -> list[bytes]:
    """All entries, once the signature, every tile and the root of the log in this folder have been checked."""
    size, root = _checkpoint((folder / "checkpoint").read_text(encoding="utf-8"), key)
    entries = [entry for number, width in _widths(size) for entry in _bundle(folder, number, width)]
    level, hashes = 0, [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
    _demand(_merkle(hashes) == root, "the root is not that of the entries")
    while hashes:
        for number, width in _widths(len(hashes)):
            wanted = b"".join(hashes[256 * number : 256 * number + width])
            _demand(_file(folder, str(level), number, width) == wanted, f"tile {level}/{number}")
        full = len(hashes) // 256
        level, hashes = level + 1, [_merkle(hashes[256 * n : 256 * n + 256]) for n in range(full)]
    return entries


def _checkpoint(note: str, key: str) -> tuple[int, bytes]:
    name, key_id, material = key.split("+", 2)
    body, signatures = note.rsplit("\n\n", 1)
    origin, size, root = body.split("\n")
    raw = base64.b64decode(material)
    _demand(raw[0] == 1 and origin == name, "origin or kind of key")
    _demand(hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == key_id, "the key's own hash")
    mine = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.split(" ")[1] == name]
    signed = next((one[4:] for one in mine if one[:4].hex() == key_id), b"")
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signed, (body + "\n").encode())  # raises InvalidSignature
    return int(size), base64.b64decode(root)


def _bundle(folder: Path, number: int, width: int) -> Iterator[bytes]:
    content = _file(folder, "entries", number, width)
    for _ in range(width):
        length = int.from_bytes(content[:2], "big")
        _demand(0 < length <= len(content) - 2, f"bundle {number} is too short")
        yield content[2 : 2 + length]
        content = content[2 + length :]
    _demand(not content, f"bundle {number} is too long")


def _widths(count: int) -> Iterator[tuple[int, int]]:
    yield from ((number, min(256, count - 256 * number)) for number in range(-(-count // 256)))


def _file(folder: Path, level: str, number: int, width: int) -> bytes:
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return (folder / "tile" / level / (path if width == 256 else f"{path}.p/{width}")).read_bytes()


def _merkle(leaves: list[bytes]) -> bytes:
    """The definition: split at the largest power of two below the count."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _merkle(leaves[:split]) + _merkle(leaves[split:])).digest()


def _demand(so: bool, what: str) -> None:
    if not so:
        raise NotTheLog(what)
