"""Makes the file of leaked passwords from the published list, or from plain words, in little memory.

First every line goes to one of 256 files by the first octet of its hash, then each of them is sorted by itself and
appended: as hashes are spread evenly, no more than 1/256 of the list is in memory at a time, in whatever order it came.
"""

import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from portal.passwords.breaches import COUNT_BYTES, HASH_BYTES, MAGIC, RECORD, key_of

_PUBLISHED = re.compile(rb"([0-9A-Fa-f]{40})(?::([0-9]+))?")  # HASH:COUNT
MOST = 256**COUNT_BYTES - 1
Progress = Callable[[int], None]


def build(source: Path, target: Path, *, at_least: int = 0, progress: Progress = lambda octets: None) -> int:
    """Write `target` from `source`, whole or not at all; return how many passwords it holds.

    `at_least` leaves out what turned up less often. `progress` is told how much of the source has been read.
    """
    made = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        buckets = [Path(folder, f"{octet:02x}") for octet in range(256)]
        _spread(source, buckets, at_least, progress)
        total = 0
        with made.open("wb") as out:
            out.write(MAGIC)
            for bucket in buckets:
                for record in _sorted(bucket.read_bytes()):
                    out.write(record)
                    total += 1
    made.replace(target)
    return total


def _spread(source: Path, buckets: Iterable[Path], at_least: int, progress: Progress) -> None:
    with ExitStack() as stack, source.open("rb") as lines:
        writers = [stack.enter_context(bucket.open("wb", buffering=64 * 1024)) for bucket in buckets]
        for line in lines:
            progress(len(line))
            key, count = _read(line.rstrip(b"\r\n"))
            if key and count >= at_least:
                writers[key[0]].write(key + min(count, MOST).to_bytes(COUNT_BYTES, "big"))


def _read(line: bytes) -> tuple[bytes, int]:
    """Key and count of one line; nothing of an empty one. A plain word has no count."""
    if published := _PUBLISHED.fullmatch(line):
        return bytes.fromhex(published[1].decode())[:HASH_BYTES], int(published[2] or 0)
    word = unicodedata.normalize("NFC", line.decode("utf-8", "replace"))
    return (key_of(word), 0) if word else (b"", 0)


def _sorted(octets: bytes) -> Iterator[bytes]:
    """The records in order, each hash once, with the highest count it has."""
    records = sorted(octets[at : at + RECORD] for at in range(0, len(octets), RECORD))
    for _key, same in groupby(records, lambda record: record[:HASH_BYTES]):
        *_less, most = same
        yield most
