"""Signing the log's size and root, after a look at whether it still is the log that was signed before."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, func, insert, select

from audit import word
from audit.checkpoints import Checkpoint
from audit.database_check import check_rows
from audit.feeding import Feeding, WitnessRefused, keep_lines
from audit.notes import Note
from audit.seal_state import BrokenState, Sealed, SealState
from audit.store import StoredHashes, bodies, size
from audit.tables import checkpoints
from audit.tree import TILE, MissingHashes, consistency_proof
from audit.verify.proofs import VerifyFailed

if TYPE_CHECKING:
    from audit.notes import SigningKey

_AT_LEAST_EVERY = timedelta(hours=24)


class SealRefused(Exception):
    """The log is not a continuation of what was signed before: nothing was signed, somebody must look."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sealer:
    """Signs checkpoints of the log `origin`; several may run, in any number of programs, with one state file.

    What it signs is shown to the witnesses first, and published with the lines of those that answered.
    """

    def __init__(
        self,
        origin: str,
        keys: "Sequence[SigningKey]",
        state_file: Path,
        clock: Callable[[], datetime] = _utc_now,
        feeding: Feeding | None = None,
    ) -> None:
        self._origin = origin
        self._keys = keys
        self._state = SealState(state_file)
        self._clock = clock
        self._feeding = feeding or Feeding([], clock)

    def seal(self, engine: Engine) -> Checkpoint | None:
        """Sign the log if it grew or 24 hours passed; None if there is nothing to sign.

        Looks at the old root and at everything new, not at old entries again. Raises SealRefused.
        """
        with self._state.locked():
            before, count, published = self._last(engine)
            now = self._clock()
            if count == 0:
                return None
            if before and before.checkpoint.size == count == published and now - before.time < _AT_LEAST_EVERY:
                self._feed(engine, before.checkpoint, before.checkpoint.signed(*self._keys), publish=False)
                return None
            first = before.checkpoint.size // TILE * TILE if before else 0
            new_root = self._recompute(engine, before, count, first)
            checkpoint = Checkpoint(self._origin, count, new_root)
            self._state.save(Sealed(checkpoint, now))
            note = checkpoint.signed(*self._keys, seconds=int(now.timestamp()))
            self._feed(engine, checkpoint, note, publish=published < count)
            return checkpoint

    def full_check(self, engine: Engine) -> int:
        """Recompute the whole log from its entries and return their number; raises SealRefused, signs nothing."""
        with self._state.locked():
            before, count, _ = self._last(engine)
            self._recompute(engine, before, count, first=0)
        with engine.begin() as tx:
            word.sound(tx, self._clock(), whole=True)
        return count

    def still_sound(self, engine: Engine) -> None:
        """Say so though there is nothing to sign: who relies on the sealer must see that it lives."""
        with engine.begin() as tx:
            word.sound(tx, self._clock())

    def _feed(self, engine: Engine, checkpoint: Checkpoint, note: Note, *, publish: bool) -> None:
        def proof(old: int) -> list[bytes]:
            with engine.begin() as tx:
                return consistency_proof(StoredHashes(tx), old, checkpoint.size)

        try:
            lines = self._feeding.cosignatures(checkpoint, note, proof)
        except WitnessRefused as refused:
            raise SealRefused(str(refused)) from None
        if not publish and not lines:
            return
        with engine.begin() as tx:
            word.sound(tx, self._clock())
            if publish:
                tx.execute(insert(checkpoints), {"size": checkpoint.size, "note": str(note)})
            keep_lines(tx, checkpoint.size, lines)

    def _last(self, engine: Engine) -> tuple[Sealed | None, int, int]:
        try:
            before = self._state.load()
        except BrokenState as error:
            raise SealRefused(str(error)) from None
        with engine.begin() as tx:
            count = size(tx)
            published = tx.execute(select(func.max(checkpoints.c.size))).scalar_one_or_none()
            if before and before.checkpoint.origin != self._origin:
                _require_begun_anew(tx, before.checkpoint)
                before = None
        if before is None and published is not None:
            raise SealRefused(f"the log was signed at {published} entries, but the state file is missing")
        return before, count, -1 if published is None else published

    def _recompute(self, engine: Engine, before: Sealed | None, count: int, first: int) -> bytes:
        old = before.checkpoint.size if before else 0
        if count < old:
            raise SealRefused(f"{old} entries were signed, but only {count} are there")
        try:
            roots = check_rows(engine.begin, count, [old, count], first).roots
        except (VerifyFailed, MissingHashes) as error:
            raise SealRefused(str(error)) from None
        if before and roots[old] != before.checkpoint.root:
            raise SealRefused(f"the first {old} entries are not those that were signed")
        return roots[count]


def _require_begun_anew(tx: Connection, old: Checkpoint) -> None:
    """A new origin is signed only if its first entry says, word by word, which log it takes the place of."""
    try:
        quoted = json.loads(bodies(tx, 0, 1)[0])["entity"]["data"]["checkpoint"]
    except (IndexError, ValueError, KeyError, TypeError):
        quoted = None
    if quoted != old.text:
        raise SealRefused(f"{old.origin} was signed before, and entry 0 does not quote its last checkpoint")
