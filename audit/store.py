"""Reading and appending rows: the lock, the next index, leaves and the nodes above full tiles."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, case, func, insert, select, update

from audit.statements import Statement
from audit.tables import entries, head, index, nodes, private, pseudonyms
from audit.tree import TILE, MissingHashes, fold, leaf_hash

_NOW: BindParameter[int] = bindparam("now_ms")


def _named(key: str) -> Any:
    return select(pseudonyms.c.pseudonym).where(pseudonyms.c.lookup == bindparam(key)).scalar_subquery()


_TAKE = Statement(
    update(head)
    .values(size=head.c.size + 1, time=case((head.c.time < _NOW, _NOW), else_=head.c.time))
    .where(head.c.id == 1)
    .returning(head.c.size - 1, head.c.time, _named("actor_key"), _named("subject_key"))
)
# SQLite lets one transaction write at a time, and a row rewritten with every entry would cost a fifth of its commit.
_TAKE_LOCKED = Statement(
    select(
        func.coalesce(select(func.max(entries.c.idx)).scalar_subquery(), -1) + 1,
        func.coalesce(select(index.c.time).order_by(index.c.idx.desc()).limit(1).scalar_subquery(), 0),
        _named("actor_key"),
        _named("subject_key"),
    )
)
_ENTRY = Statement(insert(entries))
_INDEX = Statement(insert(index))
_PRIVATE = Statement(insert(private))
_NODE = insert(nodes)
_SIZE = select(func.coalesce(func.max(entries.c.idx), -1) + 1)
_LEAVES = (
    select(entries.c.leaf)
    .where(entries.c.idx >= bindparam("low"), entries.c.idx < bindparam("high"))
    .order_by(entries.c.idx)
)
_NODES = (
    select(nodes.c.hash)
    .where(nodes.c.level == bindparam("at"), nodes.c.n >= bindparam("low"), nodes.c.n < bindparam("high"))
    .order_by(nodes.c.n)
)


class MissingHead(RuntimeError):
    """The row that appending locks is not there."""


class Slot(NamedTuple):
    """The place the next entry gets; taking it holds the log's lock until the transaction ends."""

    number: int
    time: int
    actor: str | None  # pseudonyms already known
    subject: str | None


def size(tx: Connection) -> int:
    """How many entries there are."""
    return int(tx.execute(_SIZE).scalar_one())


def take(tx: Connection, now: int, actor: bytes, subject: bytes) -> Slot:
    """Lock the log and take the next index, with the pseudonyms of two accounts by their lookups."""
    statement = _TAKE_LOCKED if tx.dialect.name == "sqlite" else _TAKE
    row = statement.one(tx, {"now_ms": now, "actor_key": actor, "subject_key": subject})
    if row is None:
        raise MissingHead("the row that locks the log is missing: its tables were not made by create_all")
    return Slot(row[0], max(row[1], now), row[2], row[3])


def put(
    tx: Connection, number: int, body: bytes, row: Mapping[str, object], disclosures: Sequence[tuple[int, bytes]]
) -> None:
    """Write an entry into the slot taken for it, with its row of the index and its encrypted disclosures."""
    _ENTRY.run(tx, {"idx": number, "leaf": leaf_hash(body), "body": body})
    _INDEX.run(tx, {"idx": number, **row})
    for k, stored in disclosures:
        _PRIVATE.run(tx, {"idx": number, "k": k, "disclosure": stored})
    level, count = 0, number + 1
    while count % TILE == 0:
        full = fold(StoredHashes(tx).hashes(level, count - TILE, TILE))
        level, count = level + 1, count // TILE
        tx.execute(_NODE, {"level": level, "n": count - 1, "hash": full})


class StoredHashes:
    """The hashes of leaves and nodes as they are stored."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Stored hashes; raises MissingHashes if one is not there."""
        span = {"low": first, "high": first + count}
        rows = self._tx.execute(_NODES, {"at": level, **span}) if level else self._tx.execute(_LEAVES, span)
        found = [bytes(row[0]) for row in rows]
        if len(found) != count:
            raise MissingHashes(f"level {level} of the stored log does not hold {first} to {first + count - 1}")
        return found


def bodies(tx: Connection, first: int, count: int) -> list[bytes]:
    """The entries from `first` on, at most `count`."""
    chosen = select(entries.c.body).where(entries.c.idx >= first, entries.c.idx < first + count).order_by(entries.c.idx)
    return [bytes(row[0]) for row in tx.execute(chosen)]
