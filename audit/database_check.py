"""Recomputing the log from the entries in its tables and comparing everything else in the tables with it."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from audit.body import index_row
from audit.notes import VerifierKey
from audit.removal import Removal, told_below
from audit.serving import checkpoint
from audit.store import StoredHashes, size
from audit.tables import entries, index, nodes
from audit.tree import TILE, leaf_hash
from audit.verify import Demands, Report, require_roots, signed_checkpoint
from audit.verify_attempts import Attempts
from audit.verify_proofs import VerifyFailed
from audit.verify_rebuild import Rebuild

Begin = Callable[[], AbstractContextManager[Connection]]
Seen = Callable[[Connection, int, Sequence[bytes]], None]
_BUNDLES_A_TIME = 16  # so that no transaction is long


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
            rows = _rows(tx, low, min(low + step, count))
            bodies = [body for _, body in rows]
            removal.add(low, bodies)
            kept = max(0, removal.below - low)
            if seen and kept < len(bodies):
                seen(tx, low + kept, bodies[kept:])
            for start in range(0, len(rows), TILE):
                rebuild.add([leaf for leaf, _ in rows[start : start + TILE]])
    rebuild.finish()
    removal.finish(everything_seen=seen is not None)
    with begin() as tx:
        _compare_nodes(tx, rebuilt)
    return rebuild


def _rows(tx: Connection, low: int, high: int) -> list[tuple[bytes, bytes]]:
    """Leaf and body of each entry; the body of one that was pruned is empty."""
    chosen = select(entries).where(entries.c.idx >= low, entries.c.idx < high).order_by(entries.c.idx)
    rows = []
    for expected, (number, leaf, body) in enumerate(tx.execute(chosen).all(), start=low):
        if number != expected:
            raise VerifyFailed(f"entry {expected} is missing")
        row = (bytes(leaf), bytes(body))
        if row[1] and leaf_hash(row[1]) != row[0]:
            raise VerifyFailed(f"entry {number} does not hash to the leaf stored with it")
        rows.append(row)
    if len(rows) != high - low:
        raise VerifyFailed(f"entry {low + len(rows)} is missing")
    return rows


def _compare_nodes(tx: Connection, rebuilt: dict[tuple[int, int], bytes]) -> None:
    for (level, number), full in sorted(rebuilt.items()):
        chosen = select(nodes.c.hash).where(nodes.c.level == level, nodes.c.n == number)
        if tx.execute(chosen).scalar_one_or_none() != full:
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
