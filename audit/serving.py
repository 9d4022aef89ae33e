"""The log as it is read from outside: its newest signed checkpoint and the tiles of signed sizes, never more."""

from sqlalchemy import Connection, func, select

from audit.store import StoredHashes, bodies
from audit.tables import checkpoints, cosignatures
from audit.tiles import ENTRIES, Tile, bundle, parse_path
from audit.tree import TILE


def checkpoint(tx: Connection) -> bytes | None:
    """The newest checkpoint as a signed note, with what witnesses put under it; None if nothing was signed yet."""
    newest = select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    row = tx.execute(newest).one_or_none()
    if row is None:
        return None
    seen = select(cosignatures.c.line).where(cosignatures.c.size == row[0]).order_by(cosignatures.c.witness)
    return "".join((row[1], *tx.execute(seen).scalars())).encode()


def tile(tx: Connection, path: str) -> bytes | None:
    """The tile at a path such as `tile/0/000.p/3`, or None if there is none in any signed size."""
    wanted = parse_path(path)
    return content(tx, wanted) if wanted and _signed(tx, wanted) else None


def content(tx: Connection, wanted: Tile) -> bytes | None:
    """The bytes of a tile, computed from the tables, or None for entries that were pruned; raises MissingHashes."""
    if wanted.level == ENTRIES:
        found = bodies(tx, wanted.number * TILE, wanted.width)
        return bundle(found) if all(found) else None
    return b"".join(StoredHashes(tx).hashes(wanted.level, wanted.number * TILE, wanted.width))


def _signed(tx: Connection, wanted: Tile) -> bool:
    span = TILE**wanted.hash_level
    low = wanted.end * span
    if low >= 2**63:
        return False
    if wanted.width == TILE:  # a full tile is part of every larger size
        newest = tx.execute(select(func.max(checkpoints.c.size))).scalar_one_or_none()
        return newest is not None and newest >= low
    exact = checkpoints.c.size.between(low, low + span - 1)
    return tx.execute(select(checkpoints.c.size).where(exact).limit(1)).scalar_one_or_none() is not None
