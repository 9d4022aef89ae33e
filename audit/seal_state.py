"""What the sealer last signed, in a file of its own: the tables alone cannot say that they were not rolled back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.checkpoints import Checkpoint
from audit.durable import locked, replace
from audit.notes import decode64, encode64


@dataclass(frozen=True)
class Sealed:
    """What was signed last, and when."""

    checkpoint: Checkpoint
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
        with locked(self._file):
            yield

    def load(self) -> Sealed | None:
        """What was signed last, None if nothing ever was; raises BrokenState."""
        try:
            told = json.loads(self._file.read_bytes())
            checkpoint = Checkpoint(str(told["origin"]), int(told["size"]), decode64(told["root"]))
            return Sealed(checkpoint, datetime.fromisoformat(told["time"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenState(f"{self._file.name} cannot be read: {error}") from None

    def save(self, sealed: Sealed) -> None:
        """Replace the file, whole or not at all."""
        signed = sealed.checkpoint
        told = {
            "origin": signed.origin,
            "size": signed.size,
            "root": encode64(signed.root),
            "time": sealed.time.isoformat(),
        }
        replace(self._file, json.dumps(told).encode())
