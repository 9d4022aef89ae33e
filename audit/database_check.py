"""Recomputing the log from the entries in its tables and comparing everything else in the tables with it."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select

from audit.body import index_row
from audit.notes import VerifierKey
from audit.removal import Removal, read_removal, told_below
from audit.serving import checkpoint
from audit.statements import Statement
from audit.store import StoredHashes, size
from audit.tables import entries, index, nodes
from audit.tree import TILE, leaf_hashes
from audit.verify.attempts import Attempts
from audit.verify.proofs import VerifyFailed
from audit.verify.rebuild import Rebuild
from audit.verify.spans import Seen, Span, hashed, look_at, spans
from audit.verify.whole import Report, require_roots, signed_checkpoint

Begin = Callable[[], AbstractContextManager[Connection]]
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

_INDEX = Statement(
    select(index).where(index.c.idx >= bindparam("low"), index.c.idx < bindparam("high")).order_by(index.c.idx)
)
_COLUMNS = itemgetter(*(column.name for column in index.columns))
_decode = json.JSONDecoder().decode


def check_rows(
    begin: Begin,
    count: int,
    wanted: Iterable[int],
    first: int = 0,
    attempts: Attempts | None = None,
    processes: int | None = 1,
) -> Rebuild:
    """Recompute leaves and nodes from the bodies of `count` entries, in short transactions.

    Raises VerifyFailed at an entry, leaf or node that is missing or not what it must be; with `attempts`, also at an
    index that hides or misplaces an entry, and at an attempt that breaks its promise. With `first` (a multiple of 256)
    only the entries from there on are looked at; the hashes before them are taken as they are stored. So are the leaves
    of entries that were pruned, if a later entry has told of it. `begin` goes to each of the processes.
    """
    rebuilt: dict[tuple[int, int], bytes] = {}
    sizes = frozenset(wanted)
    with begin() as tx:
        below, removal = told_below(tx), Removal()
        rebuild = Rebuild(
            sizes,
            node=lambda level, number, full: rebuilt.update({(level, number): full}),
            stored=StoredHashes(tx),
            size=first,
        )
    look = _Look(begin, sizes, below, whole=attempts is not None)
    for seen in look_at(look, spans(first, count), processes):
        removal = removal.joined(seen.removal)
        seen.add_to(rebuild, attempts or Attempts())
    rebuild.finish()
    removal.require_told(below, everything_seen=attempts is not None)
    with begin() as tx:
        _compare_nodes(tx, rebuilt)
    return rebuild


@dataclass
class _Seen(Seen):
    removal: Removal = field(default_factory=Removal)


@dataclass(frozen=True)
class _Look:
    """A look at the rows of some entries, in one transaction."""

    begin: Begin
    sizes: frozenset[int]
    below: int
    whole: bool  # also at the index and at the promise of attempts

    def __call__(self, span: Span) -> _Seen:
        seen = _Seen()
        with self.begin() as tx:
            try:
                for low in range(span.low, span.high, TILE):
                    leaves, bodies = _rows(tx, low, min(low + TILE, span.high))
                    seen.removal = seen.removal.joined(read_removal(low, bodies))
                    kept = bodies[max(self.below - low, 0) :]
                    if self.whole and kept:
                        _compare_index(tx, low + len(bodies) - len(kept), kept)
                        seen.stretch.read(low + len(bodies) - len(kept), kept)
                    seen.bundles.append(hashed(low, leaves, self.sizes))
            except VerifyFailed as failure:
                seen.failure = str(failure)
        return seen


def _rows(tx: Connection, low: int, high: int) -> tuple[list[bytes], list[bytes]]:
    """Leaf and body of each entry; the body of one that was pruned is empty. Compared all at once: there are many."""
    rows = _ENTRIES.rows(tx, {"low": low, "high": high})
    numbers, leaves, bodies = map(list, zip(*rows, strict=True)) if rows else ([], [], [])
    if numbers != list(range(low, high)):
        missing = next((i for i, number in enumerate(numbers, start=low) if number != i), low + len(numbers))
        raise VerifyFailed(f"entry {missing} is missing")
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
    return _verify(lambda: nullcontext(tx), vkey, earlier, now, patience, 1)


def verify_by_many(
    opens: Callable[[], Engine],
    vkey: str,
    earlier: Sequence[bytes] = (),
    *,
    now: datetime,
    processes: int | None = None,
    patience: timedelta = timedelta(minutes=10),
) -> Report:
    """The same by so many processes, each with an engine of its own: one for each core, and for a small log one."""
    begin = _Elsewhere(opens)
    try:
        with begin() as tx:
            below = told_below(tx)
        try:
            return _verify(begin, vkey, earlier, now, patience, processes)
        except VerifyFailed:
            with begin() as tx:
                if told_below(tx) == below:
                    raise
        return _verify(begin, vkey, earlier, now, patience, processes)  # entries had begun to be taken out meanwhile
    finally:
        begin.engine.dispose()


@dataclass(frozen=True)
class _Elsewhere:
    """Opens the database in whichever process asks."""

    opens: Callable[[], Engine]

    def __call__(self) -> AbstractContextManager[Connection]:
        return self.engine.connect()

    @cached_property
    def engine(self) -> Engine:
        """This process's own."""
        return self.opens()

    def __getstate__(self) -> dict[str, object]:
        return {"opens": self.opens}


def _verify(
    begin: Begin, vkey: str, earlier: Sequence[bytes], now: datetime, patience: timedelta, processes: int | None
) -> Report:
    key = VerifierKey.parse(vkey)
    with begin() as tx:
        note, count = checkpoint(tx), size(tx)
    if note is None:
        raise VerifyFailed("the log was never signed")
    signed, _ = signed_checkpoint(note, key)
    saved = [signed_checkpoint(one, key)[0] for one in earlier]
    if count < signed.size:
        raise VerifyFailed(f"{signed.size} entries were signed, but only {count} are there: the log was cut")
    attempts, wanted = Attempts(), [signed.size, *(one.size for one in saved)]
    require_roots(check_rows(begin, count, wanted, 0, attempts, processes), signed, saved)
    waiting = attempts.still_open(now, patience)
    return Report(signed, len(earlier), {}, waiting, attempts.others, count - signed.size)


def _compare_index(tx: Connection, first: int, bodies: Sequence[bytes]) -> None:
    found = {row[0]: row for row in _INDEX.rows(tx, {"low": first, "high": first + len(bodies)})}
    for number, body in enumerate(bodies, start=first):
        if found.get(number) != _indexed(number, body):
            raise VerifyFailed(f"the index does not say of entry {number} what the entry says")


def _indexed(number: int, body: bytes) -> tuple[Any, ...]:
    try:
        return _COLUMNS({"idx": number, **index_row(_decode(body.decode()))})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerifyFailed(f"entry {number} is not an event of this log") from None
