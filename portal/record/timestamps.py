"""Has an authority outside stamp the day's checkpoint: by then the record had come so far, whoever asks."""

from typing import Any

from audit import timestamps
from connectors.timestamp_authority import TimestampAuthority
from portal.database import Database


class Timestamps:
    """Keeps what the authority says of checkpoints."""

    def __init__(self, authority: TimestampAuthority, database: Database) -> None:
        self._authority = authority
        self._database = database

    def carry(self, id_: str, content: dict[str, Any]) -> None:
        """Have the checkpoint of this size stamped, once; raises Unavailable to be tried again."""
        size = int(content["size"])
        with self._database.read() as db:
            note = None if timestamps.stamped(db, size) else timestamps.note_of(db, size)
        if note is None:
            return
        token = self._authority.stamp(note)
        with self._database.write() as tx:
            if not timestamps.stamped(tx, size):
                timestamps.keep(tx, size, token)
