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
_ACTIVITY = len('{"activity_id":99')


class Attempts:
    """Reads entries in order and remembers the intents that are still open."""

    def __init__(self) -> None:
        self.others = 0  # entries that say nothing of an attempt
        self._open: dict[bytes, tuple[int, bytes]] = {}
        self._back = self._start = 0

    def add(self, first: int, entries: Sequence[bytes]) -> None:
        """Read entries, the first of which has this index; raises VerifyFailed at one that breaks the promise."""
        opened, back, start = self._open, self._back, self._start
        for number, entry in enumerate(entries, start=first):
            at = len(entry) - back  # most entries have a key where the one before had it
            if at < 0 or not entry.startswith(_PHASE, at):
                at = entry.rfind(_PHASE)
                if at < 0:
                    self.others += 1
                    continue
                back = len(entry) - at
            phase = entry[at + 9 : at + 11]
            if phase == b"re":
                continue
            if not entry.startswith(_CORRELATION, start):
                found = entry.find(_CORRELATION)
                if found < 0:
                    self.others += 1
                    continue
                start = found
            correlation = entry[start + 31 : start + 67]
            if phase == b"in":
                if correlation in opened:
                    raise VerifyFailed(f"entry {number} repeats the intent of entry {opened[correlation][0]}")
                opened[correlation] = (number, entry)
            else:
                intent = opened.pop(correlation, None)
                if intent is None:
                    raise VerifyFailed(f"entry {number} is an outcome without an open intent")
                if intent[1][:_ACTIVITY] != entry[:_ACTIVITY]:
                    raise VerifyFailed(f"entry {number} ends another kind of attempt than entry {intent[0]} began")
        self._back, self._start = back, start

    def still_open(self, now: datetime, patience: timedelta) -> list[int]:
        """The intents that may still get their outcome; raises VerifyFailed for one older than `patience`."""
        for number, entry in self._open.values():
            if now - _logged(entry) > patience:
                raise VerifyFailed(f"entry {number} is an intent that never got its outcome")
        return [number for number, _ in self._open.values()]


def _logged(entry: bytes) -> datetime:
    try:
        return datetime.fromtimestamp(json.loads(entry)["metadata"]["logged_time"] / 1000, UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)  # no readable time: as old as can be
