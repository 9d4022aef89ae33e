"""Building the tree again from the entries alone, bundle by bundle, with little kept in memory."""

from collections.abc import Callable, Iterable, Sequence

from audit.tree import TILE, Frontier, HashSource, fold

TileSeen = Callable[[int, int, Sequence[bytes]], None]
NodeSeen = Callable[[int, int, bytes], None]


class Rebuild:
    """Takes each bundle in turn and tells of every tile and node above it that follows.

    `tile` gets level, number and hashes of a tile, `node` gets level, number and hash of a node above a full tile;
    `roots` holds the roots of the wanted sizes once that many entries were added. It can go on from `size` entries (a
    multiple of 256), whose hashes it then takes from `stored`.
    """

    def __init__(
        self,
        wanted: Iterable[int] = (),
        tile: TileSeen | None = None,
        node: NodeSeen | None = None,
        *,
        stored: HashSource | None = None,
        size: int = 0,
    ) -> None:
        self.size = size
        self.roots: dict[int, bytes] = {}
        self._wanted = sorted(set(wanted), reverse=True)
        self._tile = tile
        self._node = node
        self._rows: list[list[bytes]] = []  # per level above the leaves: the hashes of a tile not yet full
        self._counts: list[int] = []
        self._frontier = Frontier()
        if stored:
            self._resume(stored)
        self._note_roots([])

    def add(self, bundle: bytes | list[bytes]) -> None:
        """Add the next bundle: the root over its 256 leaves, or the leaves if it has fewer or a wanted size cuts it."""
        leaves = bundle if isinstance(bundle, list) else []
        self._note_roots(leaves)
        if leaves and len(leaves) < TILE:
            self.size += len(leaves)
            return
        full = fold(bundle) if isinstance(bundle, list) else bundle
        self._frontier.push(full, height=8)
        self.size += TILE
        self._carry(full)
        self._note_roots([])

    def finish(self) -> None:
        """Tell of the tiles that did not get full."""
        for level, row in enumerate(self._rows, start=1):
            if row and self._tile:
                self._tile(level, self._counts[level - 1] // TILE, row)

    def _resume(self, stored: HashSource) -> None:
        count, level = self.size // TILE, 1
        while count:
            begun = count % TILE
            self._rows.append(stored.hashes(level, count - begun, begun) if begun else [])
            self._counts.append(count)
            count, level = count // TILE, level + 1
        for height in range(len(self._rows), 0, -1):
            for full in self._rows[height - 1]:
                self._frontier.push(full, height=8 * height)

    def _note_roots(self, leaves: Sequence[bytes]) -> None:
        while self._wanted and self._wanted[-1] <= self.size + len(leaves):
            size = self._wanted.pop()
            self.roots[size] = self._frontier.root(leaves[: size - self.size])

    def _carry(self, full: bytes) -> None:
        level = 1
        while True:
            if len(self._rows) < level:
                self._rows.append([])
                self._counts.append(0)
            row, number = self._rows[level - 1], self._counts[level - 1]
            if self._node:
                self._node(level, number, full)
            row.append(full)
            self._counts[level - 1] += 1
            if len(row) < TILE:
                return
            if self._tile:
                self._tile(level, number // TILE, row)
            full = fold(row)
            row.clear()
            level += 1
