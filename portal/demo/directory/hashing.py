"""Salted password hashes. The people are invented, so the hash is quick; a real directory takes a slow one."""

import base64
import hashlib
import hmac

SCHEME = b"{SSHA512}"
SALT_LENGTH = 16
_DIGEST_LENGTH = 64


def hashed(password: bytes, salt: bytes) -> bytes:
    """The password as OpenLDAP's pw-sha2 module stores it: scheme, base64 of digest and salt."""
    return SCHEME + base64.b64encode(hashlib.sha512(password + salt).digest() + salt)


def fits(password: bytes, stored: bytes) -> bool:
    """Whether this is the password behind the stored hash."""
    if not stored.startswith(SCHEME):
        return False
    raw = base64.b64decode(stored[len(SCHEME) :])
    digest, salt = raw[:_DIGEST_LENGTH], raw[_DIGEST_LENGTH:]
    return hmac.compare_digest(digest, hashlib.sha512(password + salt).digest())


def looks_hashed(password: bytes) -> bool:
    """Whether a client sends a hash in place of a password, which keeps the policy from looking at it."""
    return password.startswith(b"{") and b"}" in password
