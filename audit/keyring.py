"""The keys behind pseudonyms, keyed hashes and encrypted personal values, all derived from one."""

import hmac
from collections.abc import Callable
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Keyring:
    """Keyed hashing and encryption under subkeys of one 32-byte key."""

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        if len(key) != 32:
            raise ValueError("the log's key must be 32 bytes")
        self._random = random
        self._lookup = _subkey(key, "lookup")
        self._blind = _subkey(key, "blind")
        self._term = _subkey(key, "term")
        self._cipher = AESGCM(_subkey(key, "disclosure"))

    def lookup(self, account: str) -> bytes:
        """The 32 bytes an account's pseudonym is found under."""
        return hmac.digest(self._lookup, account.encode(), "sha256")

    def blind(self, what: str, value: str) -> str:
        """A value as 128 bits in hex that tell only whether it is the same again; `what` is at most 16 letters."""
        return blake2b(value.encode(), key=self._blind, person=what.encode(), digest_size=16).hexdigest()

    def term(self, what: str, value: str) -> int:
        """A value as the 63 bits it is searched by; `what` is at most 16 letters."""
        return (
            int.from_bytes(blake2b(value.encode(), key=self._term, person=what.encode(), digest_size=8).digest()) >> 1
        )

    def encrypt(self, value: str, place: bytes) -> bytes:
        """A value for the place it is stored at: 12 bytes of nonce, then AES-GCM."""
        nonce = self._random(12)
        return nonce + self._cipher.encrypt(nonce, value.encode(), place)

    def decrypt(self, stored: bytes, place: bytes) -> str:
        """The value back; raises cryptography's InvalidTag for a foreign key, a foreign place or a changed value."""
        return self._cipher.decrypt(stored[:12], stored[12:], place).decode()


def _subkey(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"sparekey audit {purpose}".encode()).derive(key)
