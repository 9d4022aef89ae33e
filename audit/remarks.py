"""What auditors noted about entries: that they have been reviewed, or a question. Kept beside the log, encrypted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, insert, select

from audit.keyring import Keyring
from audit.reading import milliseconds, moment_of
from audit.tables import remarks

RemarkKind = Literal["reviewed", "question"]


class Remark(NamedTuple):
    """One remark; the author is a pseudonym, a question has the ticket that answers it."""

    time: datetime
    kind: RemarkKind
    author: str
    text: str
    ticket: int | None


def add(tx: Connection, keyring: Keyring, index: int, remark: Remark) -> None:
    """Note it beside the entry."""
    row = {
        "idx": index,
        "time": milliseconds(remark.time),
        "kind": remark.kind,
        "author": remark.author,
        "ticket": remark.ticket,
        "text": keyring.encrypt(remark.text, _place(index)),
    }
    tx.execute(insert(remarks), row)


def of(tx: Connection, keyring: Keyring, numbers: Iterable[int]) -> dict[int, list[Remark]]:
    """The remarks on these entries, oldest first."""
    found: dict[int, list[Remark]] = {}
    for row in tx.execute(select(remarks).where(remarks.c.idx.in_(list(numbers))).order_by(remarks.c.id)):
        text = keyring.decrypt(bytes(row.text), _place(row.idx))
        found.setdefault(row.idx, []).append(Remark(moment_of(row.time), row.kind, row.author, text, row.ticket))
    return found


def _place(index: int) -> bytes:
    return f"remark {index}".encode()
