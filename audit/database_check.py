"""Recomputing the log from the entries in its tables and comparing everything else in the tables with it."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from audit.body import index_row
from audit.notes import VerifierKey
from audit.removal import Removal, told_below
from audit.serving import checkpoint
from audit.statements import Statement
from audit.store import StoredHashes, size
from audit.tables import entries, index, nodes
from audit.tree import TILE, leaf_hashes
from audit.verify import Demands, Report, require_roots, signed_checkpoint
from audit.verify_attempts import Attempts
from audit.verify_proofs import VerifyFailed
from audit.verify_rebuild import Rebuild

Begin = Callable[[], AbstractContextManager[Connection]]
Seen = Callable[[Connection, int, Sequence[bytes]], None]
_BUNDLES_A_TIME = 16  # so that no transaction is long
_NODES_A_TIME = 4096
_ENTRIES = Statement(
    select(entries.c.idx, entries.c.leaf, entries.c.body)
    .where(entries.c.idx >= bindparam("low"), entries.c.idx < bindparam("high"))
    .order_by(entries.c.idx)
)
_NODES = Statement(
    select(nodes.c.n, nodes.c.hash).where(
        nodes.c.level == bindparam("at"), nodes.c.n >= bindparam("low"), nodes.c.n < bindparam("high")
    )
)


def check_rows(begin: Begin, count: int, wanted: Iterable[int], first: int = 0, seen: Seen | None = None) -> Rebuild:
    """Recompute leaves and nodes from the bodies of `count` entries, in short transactions.

    Raises VerifyFailed at an entry, leaf or node that is missing or not what it must be. With `first` (a multiple of
    256) only the entries from there on are looked at; the hashes before them are taken as they are stored. So are the
    leaves of entries that were pruned, if a later entry has told of it.
    """
    rebuilt: dict[tuple[int, int], bytes] = {}
    with begin() as tx:
        removal = Removal(told_below(tx))
        rebuild = Rebuild(
            wanted,
            node=lambda level, number, full: rebuilt.update({(level, number): full}),
            stored=StoredHashes(tx),
            size=first,
        )
    step = TILE * _BUNDLES_A_TIME
    for low in range(first, count, step):
        with begin() as tx:
            leaves, bodies = _rows(tx, low, min(low + step, count))
            removal.add(low, bodies)
            kept = max(0, removal.below - low)
            if seen and kept < len(bodies):
                seen(tx, low + kept, bodies[kept:])
            for start in range(0, len(leaves), TILE):
                rebuild.add(leaves[start : start + TILE])
    rebuild.finish()
    removal.finish(everything_seen=seen is not None)
    with begin() as tx:
        _compare_nodes(tx, rebuilt)
    return rebuild


def _rows(tx: Connection, low: int, high: int) -> tuple[list[bytes], list[bytes]]:
    """Leaf and body of each entry; the body of one that was pruned is empty. Compared all at once: there are many."""
    rows = _ENTRIES.rows(tx, {"low": low, "high": high})
    numbers = [row[0] for row in rows]
    if numbers != list(range(low, high)):
        missing = next((i for i, number in enumerate(numbers, start=low) if number != i), low + len(numbers))
        raise VerifyFailed(f"entry {missing} is missing")
    leaves, bodies = [bytes(row[1]) for row in rows], [bytes(row[2]) for row in rows]
    computed = leaf_hashes(bodies)
    if computed != leaves:
        for number, leaf, body, right in zip(numbers, leaves, bodies, computed, strict=True):
            if body and leaf != right:
                raise VerifyFailed(f"entry {number} does not hash to the leaf stored with it")
    return leaves, bodies


def _compare_nodes(tx: Connection, rebuilt: dict[tuple[int, int], bytes]) -> None:
    for level in sorted({level for level, _ in rebuilt}):
        numbers = sorted(number for its_level, number in rebuilt if its_level == level)  # neighbours
        for low in range(numbers[0], numbers[-1] + 1, _NODES_A_TIME):
            high = min(low + _NODES_A_TIME, numbers[-1] + 1)
            stored = {number: bytes(full) for number, full in _NODES.rows(tx, {"at": level, "low": low, "high": high})}
            for number in range(low, high):
                if stored.get(number) != rebuilt[level, number]:
                    raise VerifyFailed(f"the stored node {number} of level {level} does not follow from the entries")


def verify_database(
    tx: Connection,
    vkey: str,
    earlier: Sequence[bytes] = (),
    *,
    now: datetime,
    patience: timedelta = timedelta(minutes=10),
) -> Report:
    """Verify the tables against their own newest checkpoint and those saved `earlier` (signed notes).

    Raises VerifyFailed at the first thing that is wrong: also an index that hides or misplaces an entry.
    """
    key = VerifierKey.parse(vkey)
    note = checkpoint(tx)
    if note is None:
        raise VerifyFailed("the log was never signed")
    signed, _ = signed_checkpoint(note, key)
    demands = Demands(earlier=[signed_checkpoint(saved, key)[0] for saved in earlier], now=now, patience=patience)
    attempts = Attempts()

    def seen(tx: Connection, first: int, bodies: Sequence[bytes]) -> None:
        _compare_index(tx, first, bodies)
        attempts.add(first, bodies)

    count = size(tx)
    if count < signed.size:
        raise VerifyFailed(f"{signed.size} entries were signed, but only {count} are there: the log was cut")
    wanted = [signed.size, *(saved.size for saved in demands.earlier)]
    require_roots(check_rows(lambda: nullcontext(tx), count, wanted, seen=seen), signed, demands.earlier)
    waiting = attempts.still_open(demands.now, demands.patience)
    return Report(signed, len(earlier), {}, waiting, attempts.others, count - signed.size)


def _compare_index(tx: Connection, first: int, bodies: Sequence[bytes]) -> None:
    chosen = select(index).where(index.c.idx >= first, index.c.idx < first + len(bodies)).order_by(index.c.idx)
    rows: dict[int, RowMapping] = {row["idx"]: row for row in tx.execute(chosen).mappings()}
    for number, body in enumerate(bodies, start=first):
        if dict(rows.get(number) or {}) != _indexed(number, body):
            raise VerifyFailed(f"the index does not say of entry {number} what the entry says")


def _indexed(number: int, body: bytes) -> dict[str, Any]:
    try:
        return {"idx": number, **index_row(json.loads(body))}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerifyFailed(f"entry {number} is not an event of this log") from None
