"""What the sealer last signed, in a file of its own: the tables alone cannot say that they were not rolled back."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.notes import decode64, encode64


@dataclass(frozen=True)
class Sealed:
    """A size that was signed, its root, and when."""

    size: int
    root: bytes
    time: datetime


class BrokenState(ValueError):
    """The state file cannot be read; signing without it could sign over lost history."""


class SealState:
    """The state file; every change is on disk before it counts."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other sealer with this file waiting."""
        lock = os.open(f"{self._file}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def load(self) -> Sealed | None:
        """What was signed last, None if nothing ever was; raises BrokenState."""
        try:
            told = json.loads(self._file.read_bytes())
            return Sealed(int(told["size"]), decode64(told["root"]), datetime.fromisoformat(told["time"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenState(f"{self._file.name} cannot be read: {error}") from None

    def save(self, sealed: Sealed) -> None:
        """Replace the file, whole or not at all."""
        told = {"size": sealed.size, "root": encode64(sealed.root), "time": sealed.time.isoformat()}
        new = self._file.with_name(self._file.name + ".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            json.dump(told, opened)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
