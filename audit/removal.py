"""Whether entries that were taken out of the log were announced by the log itself."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from audit.tables import pruned
from audit.verify_proofs import VerifyFailed

_PRUNE = b'"kind":"prune"'


def told_below(tx: Connection) -> int:
    """Below which entry the log says that entries may be gone."""
    return tx.execute(select(pruned.c.told).where(pruned.c.kind == "")).scalar_one_or_none() or 0


class Removal:
    """Reads entries in order: those that are gone, and those that tell of it."""

    def __init__(self, below: int) -> None:
        self.below = below
        self._gone = -1
        self._told = 0

    def add(self, first: int, bodies: Sequence[bytes]) -> None:
        """Read entries, the first of which has this index."""
        if all(bodies) and _PRUNE not in b"".join(bodies):
            return
        for number, body in enumerate(bodies, start=first):
            if not body:
                self._gone = number
            elif _PRUNE in body:
                self._told = max(self._told, _below(body))

    def finish(self, *, everything_seen: bool) -> None:
        """Raises VerifyFailed for an entry that is gone, or passed over, and that no entry tells of."""
        if self._gone >= self._told or (everything_seen and self.below > self._told):
            missing = max(self._gone, self._told)
            raise VerifyFailed(f"entry {missing} was taken out, and no entry tells of it")


def _below(body: bytes) -> int:
    """Below which entry this entry says that all are gone; 0 if it is about something else."""
    event = json.loads(body)
    if event["unmapped"].get("kind") != "prune" or "data" in event["entity"]:
        return 0
    return int(event["entity"]["uid"].removeprefix("below "))
