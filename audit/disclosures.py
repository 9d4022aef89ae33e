"""Salted disclosures (RFC 9901): personal values of which an entry holds only the hash."""

import base64
import json
from hashlib import sha256


def disclosure(salt: bytes, name: str, value: str) -> str:
    """The disclosure of a named value; the salt is 16 random bytes."""
    return _text(json.dumps([_text(salt), name, value]).encode())


def digest(disclosed: str) -> str:
    """What an entry says of a disclosure: SHA-256 in base64url."""
    return _text(sha256(disclosed.encode("ascii")).digest())


def read(disclosed: str) -> tuple[str, str]:
    """Name and value of a disclosure."""
    _, name, value = json.loads(base64.urlsafe_b64decode(disclosed + "=" * (-len(disclosed) % 4)))
    return name, value


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
