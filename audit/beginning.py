"""A new log in the place of one that was lost: its first entry says which, and nobody can take it for the old one."""

from sqlalchemy import Connection, select

from audit.checkpoints import Checkpoint
from audit.event import SYSTEM, Event
from audit.log import AuditLog
from audit.tables import (
    checkpoints,
    cosignatures,
    entries,
    head,
    index,
    indexed,
    metadata,
    nodes,
    open_intents,
    private,
    pruned,
    remarks,
    sealer,
    terms,
    timestamps,
    words,
)

# All that belongs to entries by their number. Who is behind a pseudonym stays: the new log goes on with the same ones.
_OF_ENTRIES = (
    head,
    entries,
    nodes,
    checkpoints,
    cosignatures,
    timestamps,
    sealer,
    index,
    private,
    pruned,
    indexed,
    terms,
    words,
    remarks,
)


class AttemptsOpen(Exception):
    """Something was begun and has no outcome yet; its end must stand in the log it began in."""


def begin_anew(tx: Connection, log: AuditLog, old: Checkpoint, reason: str) -> int:
    """Empty the tables, which should have been exported, and write entry 0; raises AttemptsOpen."""
    if tx.execute(select(open_intents.c.idx).limit(1)).first():
        raise AttemptsOpen
    metadata.drop_all(tx, _OF_ENTRIES)
    metadata.create_all(tx, _OF_ENTRIES)
    event = Event(kind="log_begun", actor=SYSTEM, statement=old.text, reason=reason)
    return log.record(tx, event, "success")
