"""The installation's secrets in files that only their owner can read, made once."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.keys import generate_key, load_key


def ensure_secret(path: Path) -> None:
    """A file with 64 random hex digits."""
    if not path.exists():
        write(path, secrets.token_hex(32).encode())


def ensure_signing_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs the log's checkpoints. Raises audit.keys.KeyFileRefused if the file holds something else."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return load_key(path) if path.exists() else generate_key(path)


def write(path: Path, content: bytes) -> None:
    """Write a secret whole or not at all, readable by its owner only from the first byte on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".part")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
