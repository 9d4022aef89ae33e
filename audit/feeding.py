"""Shows each new checkpoint to the witnesses, and keeps what they put under it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert

from audit.checkpoints import Checkpoint
from audit.notes import Note, Signature
from audit.tables import cosignatures
from audit.witness.client import Proof, WitnessClient, WitnessRefused, WitnessSilent

__all__ = ["Feeding", "WitnessRefused", "keep_lines"]

_RENEW = timedelta(hours=12)  # auditors want a cosignature that is younger than a day
_PAUSES = (timedelta(seconds=5), timedelta(minutes=5))  # before a silent witness is asked again: first, and at most


@dataclass
class _Turn:
    """One witness, and when it is asked again."""

    client: WitnessClient
    size: int = -1  # what it cosigned last
    due: datetime | None = None
    pause: timedelta = _PAUSES[0]


class Feeding:
    """Asks each witness in turn. One that is silent holds nothing up for longer than its own time limit, and once."""

    def __init__(
        self,
        clients: Sequence[WitnessClient],
        clock: Callable[[], datetime],
        silent: Callable[[str, str], object] = lambda name, why: None,
    ) -> None:
        self._turns = [_Turn(client) for client in clients]
        self._clock = clock
        self._silent = silent  # is told the name of a witness that did not answer, and why

    def cosignatures(self, checkpoint: Checkpoint, note: Note, proof: Proof) -> Mapping[str, Signature]:
        """The lines of the witnesses whose turn it is, by name. Raises WitnessRefused if one has seen another log."""
        lines = {}
        for turn in self._turns:
            now = self._clock()
            if turn.due and now < turn.due and not (turn.size >= 0 and turn.size < checkpoint.size):
                continue
            try:
                lines[turn.client.key.name] = turn.client.cosign(checkpoint, note, proof)
            except WitnessSilent as silent:
                self._silent(turn.client.key.name, str(silent))
                turn.size, turn.due = -1, now + turn.pause
                turn.pause = min(2 * turn.pause, _PAUSES[1])
            else:
                turn.size, turn.due, turn.pause = checkpoint.size, now + _RENEW, _PAUSES[0]
        return lines


def keep_lines(tx: Connection, size: int, lines: Mapping[str, Signature]) -> None:
    """Keep the newest line of each witness under the checkpoint of this size."""
    for name, signature in lines.items():
        tx.execute(delete(cosignatures).where(cosignatures.c.size == size, cosignatures.c.witness == name))
        tx.execute(insert(cosignatures).values(size=size, witness=name, line=signature.line))
