"""Whether entries that were taken out of the log were announced by the log itself."""

import json
from collections.abc import Sequence
from typing import NamedTuple, Self

from sqlalchemy import Connection, select

from audit.tables import pruned
from audit.verify.proofs import VerifyFailed

_PRUNE = b'"kind":"prune"'


def told_below(tx: Connection) -> int:
    """Below which entry the log says that entries may be gone."""
    return tx.execute(select(pruned.c.told).where(pruned.c.kind == "")).scalar_one_or_none() or 0


class Removal(NamedTuple):
    """What neighbouring entries say of entries that are gone."""

    gone: int = -1  # the last of them that is gone
    told: int = 0  # entries below this one may be gone, one of them says

    def joined(self, other: Self) -> "Removal":
        """What both say."""
        return Removal(max(self.gone, other.gone), max(self.told, other.told))

    def require_told(self, below: int, *, everything_seen: bool) -> None:
        """Raises VerifyFailed for an entry that is gone, or passed over as below `below`, and that none tells of."""
        if self.gone >= self.told or (everything_seen and below > self.told):
            raise VerifyFailed(f"entry {max(self.gone, self.told)} was taken out, and no entry tells of it")


def read_removal(first: int, bodies: Sequence[bytes]) -> Removal:
    """Read entries, the first of which has this index; those that are gone are empty."""
    if all(bodies) and _PRUNE not in b"".join(bodies):
        return Removal()
    gone = max((number for number, body in enumerate(bodies, start=first) if not body), default=-1)
    return Removal(gone, max((_below(body) for body in bodies if _PRUNE in body), default=0))


def _below(body: bytes) -> int:
    """Below which entry this entry says that all are gone; 0 if it is about something else."""
    event = json.loads(body)
    if event["unmapped"].get("kind") != "prune" or "data" in event["entity"]:
        return 0
    return int(event["entity"]["uid"].removeprefix("below "))
