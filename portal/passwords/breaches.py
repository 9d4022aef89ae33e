"""Passwords that attackers have: looked up in a file on this machine, in a service, in both or in neither."""

import mmap
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha1
from pathlib import Path

import structlog

from connectors.capabilities import Finding
from connectors.errors import ConnectorError
from connectors.findings import fine, say, warning
from connectors.pwned import PwnedPasswords
from portal.settings.people import Passwords

MAGIC = b"sparekey breaches 1\n\0\0\0\0"
HASH_BYTES = 8  # of SHA-1's 20: among a thousand million, one wrong hit in ten thousand million passwords
COUNT_BYTES = 4
RECORD = HASH_BYTES + COUNT_BYTES
logger = structlog.get_logger("breaches")


class NotAList(Exception):
    """The file is missing, or not one that `portal breaches build` made."""


def key_of(password: str) -> bytes:
    """What stands for a password in the file."""
    return sha1(password.encode(), usedforsecurity=False).digest()[:HASH_BYTES]


class Records:
    """The hashes of a file, in order, each read where it lies: the file may be larger than the memory."""

    def __init__(self, octets: mmap.mmap) -> None:
        self._octets = octets

    def __len__(self) -> int:
        return (len(self._octets) - len(MAGIC)) // RECORD

    def __getitem__(self, at: int) -> bytes:
        if not 0 <= at < len(self):
            raise IndexError(at)
        start = len(MAGIC) + at * RECORD
        return self._octets[start : start + HASH_BYTES]

    def times(self, at: int) -> int:
        start = len(MAGIC) + at * RECORD + HASH_BYTES
        return int.from_bytes(self._octets[start : start + COUNT_BYTES], "big")


class BreachFile:
    """A list made by `portal breaches build`, searched by halves."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                octets = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # ValueError: empty
            raise NotAList(f"{path}: {error}") from error
        if octets[: len(MAGIC)] != MAGIC or (len(octets) - len(MAGIC)) % RECORD:
            raise NotAList(f"{path} was not made by `portal breaches build`, or is not whole")
        self.records = Records(octets)

    def seen(self, password: str) -> int | None:
        wanted = key_of(password)
        at = bisect_left(self.records, wanted)
        return self.records.times(at) if at < len(self.records) and self.records[at] == wanted else None


class Leaks:
    """What this installation knows of leaks. A source that fails is passed over: it must not keep anybody out."""

    def __init__(self, settings: Passwords) -> None:
        self._file = _file(settings.breach_file)
        self._service = None
        if settings.breach_service:
            self._service = PwnedPasswords(settings.breach_service, settings.breach_service_ca_file)
        self._path = settings.breach_file

    @property
    def known(self) -> bool:
        """Whether there is anything to look into."""
        return bool(self._file or self._service)

    def seen(self, password: str) -> int | None:
        """In how many leaks it turned up; 0: in some, nobody counted; None: in none we know of."""
        found = self._file.seen(password) if self._file else None
        if found is None and self._service:
            try:
                return self._service.seen(password)
            except ConnectorError as error:
                logger.warning("breach_service_failed", detail=error.detail)
        return found

    def examine(self) -> Iterator[Finding]:
        if self._file:
            message = say("%(count)s are known from %(path)s", count=len(self._file.records), path=self._path)
            yield fine(say("leaked passwords"), message)
        elif self._path:
            yield warning(
                say("leaked passwords"),
                say("%(path)s cannot be used, so leaks are not looked at", path=self._path),
                f"portal breaches build WORDS {self._path}",
            )
        if self._service:
            yield from self._service.examine()


def _file(path: Path | None) -> BreachFile | None:
    if path is None:
        return None
    with suppress(NotAList):
        return BreachFile(path)
    logger.warning("breach_file_unusable", path=str(path))
    return None
