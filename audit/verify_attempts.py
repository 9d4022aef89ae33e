"""The promise behind every change: each intent has exactly one outcome, and no outcome comes without its intent.

Bodies have sorted keys and no spaces, and a quotation mark inside a JSON text is always escaped. So a key can be found
by its bytes, which is twenty times faster than parsing a million entries.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from audit.verify_proofs import VerifyFailed

_PHASE = b'"phase":"'
_CORRELATION = b'"metadata":{"correlation_uid":"'
_TYPE = b'"type_uid":'
_UUID = 36


class Attempts:
    """Reads entries in order and remembers the intents that are still open."""

    def __init__(self) -> None:
        self.others = 0  # entries that say nothing of an attempt
        self._open: dict[bytes, tuple[int, bytes]] = {}

    def add(self, first: int, entries: Sequence[bytes]) -> None:
        """Read entries, the first of which has this index; raises VerifyFailed at one that breaks the promise."""
        for number, entry in enumerate(entries, start=first):
            at = entry.rfind(_PHASE) + len(_PHASE)
            phase = entry[at : at + 2]
            if phase == b"re":
                continue
            start = entry.find(_CORRELATION) + len(_CORRELATION)
            if at < len(_PHASE) or start < len(_CORRELATION):
                self.others += 1
                continue
            correlation = entry[start : start + _UUID]
            if phase == b"in":
                if correlation in self._open:
                    raise VerifyFailed(f"entry {number} repeats the intent of entry {self._open[correlation][0]}")
                self._open[correlation] = (number, entry)
            else:
                self._close(number, entry, correlation)

    def _close(self, number: int, entry: bytes, correlation: bytes) -> None:
        intent = self._open.pop(correlation, None)
        if intent is None:
            raise VerifyFailed(f"entry {number} is an outcome without an open intent")
        if _type(intent[1]) != _type(entry):
            raise VerifyFailed(f"entry {number} ends another kind of attempt than entry {intent[0]} began")

    def still_open(self, now: datetime, patience: timedelta) -> list[int]:
        """The intents that may still get their outcome; raises VerifyFailed for one older than `patience`."""
        for number, entry in self._open.values():
            if now - _logged(entry) > patience:
                raise VerifyFailed(f"entry {number} is an intent that never got its outcome")
        return [number for number, _ in self._open.values()]


def _type(entry: bytes) -> bytes:
    start = entry.find(_TYPE) + len(_TYPE)
    return entry[start : start + 6]


def _logged(entry: bytes) -> datetime:
    try:
        return datetime.fromtimestamp(json.loads(entry)["metadata"]["logged_time"] / 1000, UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)  # no readable time: as old as can be
