"""Where a log is read from to verify it: a folder that was exported, or the address it is served at."""

from pathlib import Path
from typing import Protocol
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from audit.tiles import MAX_ENTRY
from audit.tree import TILE
from audit.verify.proofs import VerifyFailed

_MOST = TILE * (2 + MAX_ENTRY) + 1  # bytes of the largest bundle there can be, and one


class Source(Protocol):
    """A log's checkpoint and tiles by their paths."""

    def read(self, path: str) -> bytes:
        """The bytes at a path; raises VerifyFailed if there are none."""


class Folder:
    """A log as files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises VerifyFailed if it cannot be read."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise VerifyFailed(f"{path} cannot be read: {error.strerror}") from None


class Web:
    """A log as it is served, without signing in; `seconds` limit each answer."""

    def __init__(self, address: str, seconds: float = 30) -> None:
        self._address = address.rstrip("/")
        self._seconds = seconds

    def read(self, path: str) -> bytes:
        """The bytes at an address below the log's; raises VerifyFailed if they cannot be had."""
        try:
            with urlopen(f"{self._address}/{path}", timeout=self._seconds) as answer:  # noqa: S310
                return answer.read(_MOST)
        except (URLError, OSError) as error:
            raise VerifyFailed(f"{path} cannot be read: {error}") from None


def source_of(place: str) -> Source:
    """The source a person names: an http or https address, or a folder."""
    return Web(place) if urlsplit(place).scheme in ("http", "https") else Folder(Path(place))
