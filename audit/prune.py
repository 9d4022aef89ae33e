"""Takes out of the log what has had its time: personal values by kind, and whole bundles of entries.

Hashes stay, so roots and the proofs of all other entries stay valid. What is to go is told by a signed entry of its own
before it goes, and goes in chunks, so that a run that dies is simply run again.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from audit.event import SYSTEM, Event
from audit.log import AuditLog
from audit.reading import milliseconds, moment_of
from audit.search import first_since
from audit.tables import checkpoints, entries, index, private, pruned, remarks, terms, words
from audit.terms import terms_of
from audit.tree import TILE
from audit.triggers import lifted

CHUNK = 10 * TILE  # entries in one transaction: on SQLite it holds the lock that appending waits for
BUNDLES = ""  # the row about whole bundles; the others are about the personal values of one kind
Begin = Callable[[], AbstractContextManager[Connection]]
_FORGET_TERM = delete(terms).where(terms.c.term == bindparam("gone"), terms.c.idx == bindparam("of"))


@dataclass(frozen=True)
class Ages:
    """How many days entries are kept; 0: for ever. A kind may have days of its own."""

    days: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)

    def oldest(self, kind: str, now: datetime) -> int:
        """The first moment that is kept, in milliseconds since 1970."""
        days = self.kinds.get(kind, self.days)
        return milliseconds(now - timedelta(days=days)) if days else 0


class Progress(NamedTuple):
    """How far one part of the work is: entries below `told` are to go, those below `done` have gone."""

    kind: str
    told: int
    done: int


class Prune:
    """One run; `read` and `write` begin transactions."""

    def __init__(self, log: AuditLog, read: Begin, write: Begin, ages: Ages, now: datetime) -> None:
        self._log = log
        self._read, self._write = read, write
        self._ages = ages
        self._now = now

    def plan(self) -> list[Progress]:
        """What could go now: for whole bundles, and for the values of each kind with days of its own."""
        with self._read() as tx:
            found = [Progress(BUNDLES, self._boundary(tx), _standing(tx, BUNDLES).done)]
            for kind in self._ages.kinds:
                oldest = self._ages.oldest(kind, self._now)
                below = first_since(tx, oldest) if oldest else 0
                found.append(Progress(kind, below, max(_standing(tx, kind).done, found[0].told)))
        return [one for one in found if one.told > one.done]

    def tell(self) -> None:
        """Write down what goes before it does."""
        for one in self.plan():
            with self._write() as tx:
                if _standing(tx, one.kind).told < one.told:
                    event = Event(kind="prune", actor=SYSTEM, number=one.told, attribute=one.kind)
                    _note(tx, one.kind, told=one.told, entry=self._log.record(tx, event, "success"))

    def unsigned(self) -> int | None:
        """An entry that tells of it and is not under a signed checkpoint yet, if there is one."""
        with self._read() as tx:
            signed = tx.execute(select(func.coalesce(func.max(checkpoints.c.size), 0))).scalar_one()
            waits = select(func.max(pruned.c.entry)).where(pruned.c.entry >= signed)
            return tx.execute(waits).scalar_one_or_none()

    def run(self) -> Iterator[Progress]:
        """Take out, chunk by chunk, what was told; tells how far it is. Only once nothing is unsigned."""
        with self._read() as tx:
            told = [_standing(tx, kind) for kind in tx.execute(select(pruned.c.kind).order_by(pruned.c.kind)).scalars()]
        for one in told:
            done = one.done
            while done < one.told:
                end = min(done + CHUNK, one.told)
                with self._write() as tx:
                    self._take_out(tx, one.kind, done, end)
                    _note(tx, one.kind, done=end)
                done = end
                yield Progress(one.kind, one.told, done)

    def _boundary(self, tx: Connection) -> int:
        """The end of the last bundle before which everything is old and every attempt has ended."""
        here = boundary = _standing(tx, BUNDLES).told
        open_ones: set[str] = set()
        columns = (index.c.kind, index.c.time, index.c.phase, index.c.correlation)
        while True:
            span = (index.c.idx >= here, index.c.idx < here + TILE)
            rows = tx.execute(select(*columns).where(*span).order_by(index.c.idx)).all()
            if len(rows) < TILE or any(row.time >= self._ages.oldest(row.kind, self._now) for row in rows):
                return boundary
            for row in rows:
                (open_ones.add if row.phase == "intent" else open_ones.discard)(row.correlation)
            here += TILE
            if not open_ones:
                boundary = here

    def _take_out(self, tx: Connection, kind: str, low: int, high: int) -> None:
        span = index.c.idx.between(low, high - 1)
        if kind:
            chosen = select(index.c.idx).where(span, index.c.kind == kind)
            for beside in (private, words, remarks):
                tx.execute(delete(beside).where(beside.c.idx.in_(chosen)))
            return
        here = entries.c.idx.between(low, high - 1)
        rows = tx.execute(select(entries.c.idx, entries.c.body).where(here, func.length(entries.c.body) > 0)).all()
        found = [(t, n) for n, body in rows for t in terms_of(self._log.keyring, json.loads(bytes(body)))]
        if found:
            tx.execute(_FORGET_TERM, [{"gone": term, "of": number} for term, number in found])
        for beside in (private, words, remarks, index):
            tx.execute(delete(beside).where(beside.c.idx.between(low, high - 1)))
        with lifted(tx, entries):
            tx.execute(update(entries).where(here).values(body=b""))


def last_told(tx: Connection) -> datetime | None:
    """When something that goes was last told; None if nothing ever was."""
    told = select(func.max(index.c.time)).where(index.c.idx.in_(select(pruned.c.entry)))
    time = tx.execute(told).scalar_one()
    return None if time is None else moment_of(time)


def _standing(tx: Connection, kind: str) -> Progress:
    row = tx.execute(select(pruned).where(pruned.c.kind == kind)).one_or_none()
    return Progress(kind, row.told, row.done) if row else Progress(kind, 0, 0)


def _note(tx: Connection, kind: str, **values: int) -> None:
    if tx.execute(update(pruned).where(pruned.c.kind == kind).values(values)).rowcount == 0:
        tx.execute(insert(pruned), {"kind": kind, "told": 0, "done": 0, "entry": 0, **values})
