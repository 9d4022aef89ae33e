"""The promise behind every change: each intent has exactly one outcome, and no outcome comes without its intent.

Bodies have sorted keys and no spaces, and a quotation mark inside a JSON text is always escaped. So a key can be found
by its bytes, which is twenty times faster than parsing a million entries.

A stretch of entries is read by itself, in whatever process; what it says is then put together in order.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from audit.verify.proofs import VerifyFailed

_PHASE = b'"phase":"'
_RECORD, _INTENT = b'"phase":"re', b'"phase":"in'
_CORRELATION = b'"metadata":{"correlation_uid":"'
_ACTIVITY = len('{"activity_id":99')


_Intent = tuple[int, bytes]  # its number, and the entry


class Broken(NamedTuple):
    """An entry that breaks the promise."""

    number: int
    how: str


@dataclass
class Stretch:
    """What neighbouring entries say of attempts, to those who know what was open before."""

    begun: dict[bytes, int] = field(default_factory=dict)  # the first seen is an intent: none may be open before
    ended: dict[bytes, _Intent] = field(default_factory=dict)  # the first seen is the outcome: its intent must be open
    opened: dict[bytes, _Intent] = field(default_factory=dict)  # intents without an outcome here
    others: int = 0  # entries that say nothing of an attempt
    broken: Broken | None = None  # the first that breaks the promise whatever came before; nothing after it was read

    def read(self, first: int, entries: Sequence[bytes]) -> None:
        """Read the entries that come next, the first of which has this index."""
        if self.broken:
            return
        back = start = 0
        for number, entry in enumerate(entries, start=first):
            at = len(entry) - back  # most entries have a key where the one before had it
            if at < 0 or not entry.startswith(_PHASE, at):
                at = entry.rfind(_PHASE)
                if at < 0:
                    self.others += 1
                    continue
                back = len(entry) - at
            if entry.startswith(_RECORD, at):
                continue
            if not entry.startswith(_CORRELATION, start):
                found = entry.find(_CORRELATION)
                if found < 0:
                    self.others += 1
                    continue
                start = found
            how = self._say(entry.startswith(_INTENT, at), entry[start + 31 : start + 67], number, entry)
            if how:
                self.broken = Broken(number, how)
                return

    def _say(self, begins: bool, attempt: bytes, number: int, entry: bytes) -> str:
        """What an entry says of its attempt; how it breaks the promise, if it does."""
        intent = self.opened.pop(attempt, None)
        if begins:
            self.opened[attempt] = number, entry
            if attempt not in self.ended:
                self.begun.setdefault(attempt, number)
            return _repeats(number, intent[0]) if intent else ""
        if intent:
            return _pairs(intent, number, entry)
        if attempt in self.begun or attempt in self.ended:
            return _without(number)
        self.ended[attempt] = number, entry[:_ACTIVITY]
        return ""


class Attempts:
    """Puts stretches together in their order, and remembers the intents that are still open."""

    def __init__(self) -> None:
        self.others = 0  # entries that say nothing of an attempt
        self._open: dict[bytes, _Intent] = {}

    def add(self, stretch: Stretch) -> None:
        """Add what comes next; raises VerifyFailed at the first entry that breaks the promise."""
        found = [stretch.broken] if stretch.broken else []
        for attempt in self._open.keys() & stretch.begun.keys():
            number = stretch.begun[attempt]
            found.append(Broken(number, _repeats(number, self._open[attempt][0])))
        for attempt, (number, entry) in stretch.ended.items():
            intent = self._open.pop(attempt, None)
            how = _pairs(intent, number, entry) if intent else _without(number)
            if how:
                found.append(Broken(number, how))
        if found:
            raise VerifyFailed(min(found).how)
        self._open |= stretch.opened
        self.others += stretch.others

    def still_open(self, now: datetime, patience: timedelta) -> list[int]:
        """The intents that may still get their outcome; raises VerifyFailed for one older than `patience`."""
        for number, entry in self._open.values():
            if now - _logged(entry) > patience:
                raise VerifyFailed(f"entry {number} is an intent that never got its outcome")
        return [number for number, _ in self._open.values()]


def _pairs(intent: _Intent, number: int, outcome: bytes) -> str:
    if intent[1][:_ACTIVITY] == outcome[:_ACTIVITY]:
        return ""
    return f"entry {number} ends another kind of attempt than entry {intent[0]} began"


def _repeats(number: int, before: int) -> str:
    return f"entry {number} repeats the intent of entry {before}"


def _without(number: int) -> str:
    return f"entry {number} is an outcome without an open intent"


def _logged(entry: bytes) -> datetime:
    try:
        return datetime.fromtimestamp(json.loads(entry)["metadata"]["logged_time"] / 1000, UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)  # no readable time: as old as can be
