"""Signing the log's size and root, after a look at whether it still is the log that was signed before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, func, insert, select

from audit.checkpoints import Checkpoint
from audit.database_check import check_rows
from audit.seal_state import BrokenState, Sealed, SealState
from audit.store import size
from audit.tables import checkpoints
from audit.tree import TILE, MissingHashes
from audit.verify_proofs import VerifyFailed

_AT_LEAST_EVERY = timedelta(hours=24)


class SealRefused(Exception):
    """The log is not a continuation of what was signed before: nothing was signed, somebody must look."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sealer:
    """Signs checkpoints of the log `origin`; several may run, in any number of programs, with one state file."""

    def __init__(
        self,
        origin: str,
        signing_key: Ed25519PrivateKey,
        state_file: Path,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._origin = origin
        self._key = signing_key
        self._state = SealState(state_file)
        self._clock = clock

    def seal(self, engine: Engine) -> Checkpoint | None:
        """Sign the log if it grew or 24 hours passed; None if there is nothing to sign.

        Looks at the old root and at everything new, not at old entries again. Raises SealRefused.
        """
        with self._state.locked():
            before, count, published = self._last(engine)
            now = self._clock()
            if count == 0 or (before and before.size == count == published and now - before.time < _AT_LEAST_EVERY):
                return None
            new_root = self._recompute(engine, before, count, first=before.size // TILE * TILE if before else 0)
            checkpoint = Checkpoint(self._origin, count, new_root)
            self._state.save(Sealed(count, checkpoint.root, now))
            if published < count:
                note = str(checkpoint.signed(self._key))
                with engine.begin() as tx:
                    tx.execute(insert(checkpoints), {"size": count, "note": note})
            return checkpoint

    def full_check(self, engine: Engine) -> int:
        """Recompute the whole log from its entries and return their number; raises SealRefused, signs nothing."""
        with self._state.locked():
            before, count, _ = self._last(engine)
            self._recompute(engine, before, count, first=0)
            return count

    def _last(self, engine: Engine) -> tuple[Sealed | None, int, int]:
        try:
            before = self._state.load()
        except BrokenState as error:
            raise SealRefused(str(error)) from None
        with engine.begin() as tx:
            count = size(tx)
            published = tx.execute(select(func.max(checkpoints.c.size))).scalar_one_or_none()
        if before is None and published is not None:
            raise SealRefused(f"the log was signed at {published} entries, but the state file is missing")
        return before, count, -1 if published is None else published

    def _recompute(self, engine: Engine, before: Sealed | None, count: int, first: int) -> bytes:
        old = before.size if before else 0
        if count < old:
            raise SealRefused(f"{old} entries were signed, but only {count} are there")
        try:
            roots = check_rows(engine.begin, count, [old, count], first).roots
        except (VerifyFailed, MissingHashes) as error:
            raise SealRefused(str(error)) from None
        if before and roots[old] != before.root:
            raise SealRefused(f"the first {old} entries are not those that were signed")
        return roots[count]
