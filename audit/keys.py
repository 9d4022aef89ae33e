"""The log's signing key in a file that only its owner can read."""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from audit.notes import VerifierKey

if TYPE_CHECKING:
    from audit.notes import SigningKey


class KeyFileRefused(Exception):
    """The file is no signing key, or others can read it."""


def generate_key(file: Path) -> Ed25519PrivateKey:
    """Make a signing key in a new file (PEM, PKCS 8, mode 0600); raises FileExistsError rather than replace one."""
    key = Ed25519PrivateKey.generate()
    _write(file, key)
    return key


def generate_post_quantum_key(file: Path) -> None:
    """The same with ML-DSA-44 (FIPS 204), which quantum computers are thought not to break."""
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    _write(file, MLDSA44PrivateKey.generate())


def _write(file: Path, key: "SigningKey") -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        opened.flush()
        os.fsync(opened.fileno())


def load_key(file: Path) -> Ed25519PrivateKey:
    """The signing key in a file; raises KeyFileRefused, or OSError if it cannot be read."""
    key = load_any_key(file)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileRefused(f"{file.name} is not an Ed25519 key")
    return key


def load_any_key(file: Path) -> "SigningKey":
    """The same for a key of either kind that signs checkpoints."""
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyFileRefused(f"{file.name} can be read by others: its mode must be 0600")
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileRefused(f"{file.name} is not a private key in PEM") from None
    if isinstance(key, Ed25519PrivateKey) or type(key).__name__.startswith("MLDSA44"):
        return key  # type: ignore[return-value]  # the other kind is known only where cryptography has it
    raise KeyFileRefused(f"{file.name} is neither an Ed25519 nor an ML-DSA-44 key")


def verifier_key(key: "SigningKey", origin: str) -> str:
    """What auditors get on paper to verify the log `origin` with."""
    return str(VerifierKey.of(key, origin))
