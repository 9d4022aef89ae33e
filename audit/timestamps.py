"""Timestamps (RFC 3161) over signed checkpoints: the word of an authority outside that the log had come so far by then.

What is stamped is the note with the log's own signatures, byte for byte as it is stored and exported.
"""

from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from audit.tables import checkpoints, timestamps


class Stamped(NamedTuple):
    """A signed checkpoint, and the authority's answer about it (a DER TimeStampResp)."""

    note: bytes
    token: bytes


def note_of(tx: Connection, size: int) -> bytes | None:
    """The note to be stamped: that of this size."""
    found = tx.execute(select(checkpoints.c.note).where(checkpoints.c.size == size)).scalar_one_or_none()
    return None if found is None else str(found).encode()


def keep(tx: Connection, size: int, token: bytes) -> None:
    """Keep the timestamp of the checkpoint of this size."""
    tx.execute(insert(timestamps), {"size": size, "token": token})


def stamped(tx: Connection, size: int) -> bool:
    """Whether the checkpoint of this size has its timestamp."""
    return tx.execute(select(timestamps.c.size).where(timestamps.c.size == size)).first() is not None


def newest(tx: Connection) -> Stamped | None:
    """The newest checkpoint that has a timestamp, with it."""
    both = select(checkpoints.c.note, timestamps.c.token).join(timestamps, timestamps.c.size == checkpoints.c.size)
    row = tx.execute(both.order_by(timestamps.c.size.desc()).limit(1)).one_or_none()
    return None if row is None else Stamped(row[0].encode(), bytes(row[1]))
