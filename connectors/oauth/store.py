"""Tokens in files, shared by all processes of one installation on one machine."""

import fcntl
import hashlib
import json
import os
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from connectors.errors import Unavailable
from connectors.oauth.tokens import Token

_POLL_SECONDS = 0.02
_OLD_SECONDS = 24 * 3600  # no token we know of is good that long


class TokenFiles:
    """One file for each token, readable by its owner only and sealed with `key` (32 bytes), so that a copy of the
    folder, as in a backup, opens nothing. Safe for threads and processes; each machine fetches tokens of its own.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._box = Fernet(urlsafe_b64encode(key))
        self._swept = 0.0

    def load(self, key: str) -> Token | None:
        try:
            value, expires_at = json.loads(self._box.decrypt(self._file(key).read_bytes()))
        except (OSError, InvalidToken, ValueError):
            return None  # there is none, or nobody can use it: another is fetched
        return Token(value, datetime.fromisoformat(expires_at))

    def save(self, key: str, token: Token) -> None:
        """A full disk costs the next process a token of its own, not the page somebody waits for."""
        file = self._file(key)
        part = file.with_suffix(f".{secrets.token_hex(8)}")
        with suppress(OSError):
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(self._box.encrypt(json.dumps([token.value, token.expires_at.isoformat()]).encode()))
            part.replace(file)
            self._sweep(file.stat().st_mtime)

    @contextmanager
    def locked(self, key: str, seconds: float) -> Iterator[None]:
        """Raises Unavailable when somebody else is at it for longer than that."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / f"{_digest(key)[:2]}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor, seconds)
            yield
        finally:
            os.close(descriptor)

    def _file(self, key: str) -> Path:
        return self._folder / f"{_digest(key)}.token"

    def _sweep(self, now: float) -> None:
        """Take away what nobody can use any more: one file for each mailbox would add up."""
        if now - self._swept < _OLD_SECONDS:
            return
        self._swept = now
        for file in self._folder.glob("*.token*"):
            with suppress(OSError):
                if now - file.stat().st_mtime > _OLD_SECONDS:
                    file.unlink()


def _lock(descriptor: int, seconds: float) -> None:
    """The kernel lets go of it when its process dies."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Unavailable("another process has been fetching a token for too long") from None
            time.sleep(_POLL_SECONDS)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
