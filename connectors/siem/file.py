"""Entries as lines of a file on this machine, for a collector that reads it. Each is there exactly once."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from connectors.errors import Forbidden, Unavailable
from connectors.siem.receiver import Line, Receiver
from connectors.siem.settings import SiemSettings

_TAIL = 64 * 1024  # longer than any line: an entry has at most 16 KiB
_NUMBER = re.compile(rb'"tlog":\{"index":(\d+)|\bcn1=(\d+)')  # in OCSF and in CEF, as `audit.feed` writes them


class File(Receiver):
    """Appends, and waits until it is on disk. A rotated file is begun anew."""

    def __init__(self, settings: SiemSettings) -> None:
        self._path = Path(unquote(urlsplit(settings.url).path))
        self.where = str(self._path)

    def deliver(self, lines: Sequence[Line]) -> None:
        try:
            with self._open() as file:
                newest = _repair(file)
                numbers = [line.number for line in lines]
                there = numbers.index(newest) + 1 if newest in numbers else 0
                file.write("".join(f"{line.text}\n" for line in lines[there:]).encode())
                file.flush()
                os.fsync(file.fileno())
        except PermissionError as error:
            raise Forbidden(f"{error.strerror}") from error
        except OSError as error:
            raise Unavailable(f"{error.strerror}") from error

    def reach(self) -> None:
        try:
            self._open().close()
        except OSError as error:
            raise Forbidden(f"{error.strerror}") from error

    def _open(self) -> BinaryIO:
        return os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o640), "r+b")


def _repair(file: BinaryIO) -> int:
    """Cut off a line that a crash left unfinished; return the number of the newest entry that is there, or -1."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - _TAIL)
    file.seek(start)
    whole, _, torn = file.read().rpartition(b"\n")
    file.truncate(end - len(torn))
    file.seek(0, os.SEEK_END)
    found = _NUMBER.search(whole.rpartition(b"\n")[2])
    return int(found[1] or found[2]) if found else -1
