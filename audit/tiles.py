"""Names and contents of tiles as C2SP tlog-tiles lays them out: what is served, exported and verified."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.tree import TILE

ENTRIES = -1  # the level that stands for bundles of entries beside level 0
MAX_ENTRY = 65535  # an entry's length is a 16-bit number
_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


class BrokenBundle(ValueError):
    """A bundle does not hold exactly the entries it must hold."""


class Tile(NamedTuple):
    """One tile: its level (ENTRIES for a bundle), its number in the level, and how many hashes it holds (1 to 256)."""

    level: int
    number: int
    width: int = TILE

    @property
    def path(self) -> str:
        """Its path below the log's prefix, such as `tile/0/x070/000.p/3`."""
        groups, rest = f"{self.number % 1000:03d}", self.number // 1000
        while rest:
            groups, rest = f"x{rest % 1000:03d}/{groups}", rest // 1000
        kind = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{kind}/{groups}" + ("" if self.width == TILE else f".p/{self.width}")

    @property
    def hash_level(self) -> int:
        """The level of the tree its width is counted in."""
        return max(self.level, 0)

    @property
    def end(self) -> int:
        """How many hashes of its level there are up to its last one."""
        return self.number * TILE + self.width


def parse_path(path: str) -> Tile | None:
    """The tile a path names, or None unless it is the one way to write such a path."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = ENTRIES if match[1] == "entries" else int(match[1])
    tile = Tile(level, int(re.sub(r"\D", "", match[2])), int(match[3] or TILE))
    return tile if level < 64 and tile.path == path else None


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile a log of `size` entries consists of, bundles first, then level by level."""
    levels, count = [ENTRIES, 0], size
    while count >= TILE:
        count //= TILE
        levels.append(levels[-1] + 1)
    for level in levels:
        full, rest = divmod(size // TILE ** max(level, 0), TILE)
        yield from (Tile(level, number) for number in range(full))
        if rest:
            yield Tile(level, full, rest)


def bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle: before each entry its length as a big-endian 16-bit number."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(content: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle; raises BrokenBundle if it holds fewer bytes or more than they need."""
    entries, at, end = [], 0, len(content)
    for number in range(width):
        start = at + 2
        if start > end:
            raise BrokenBundle(f"it ends before entry {number} of {width}")
        at = start + (content[at] << 8 | content[at + 1])
        entries.append(content[start:at])
    if at > end:
        raise BrokenBundle(f"it ends inside entry {width - 1}")
    if at < end:
        raise BrokenBundle(f"it holds {end - at} bytes more than {width} entries need")
    return entries
