"""Files that were asked for: what is wanted, how far each is, and its content, which only whoever asked gets."""

import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select

from audit.event import Event
from audit.search import Query
from portal.identity import Principal
from portal.parts import Parts
from portal.record.tables import export as table
from portal.record.tables import export_part as part

PIECE = 1024 * 1024  # bytes of one part


class Format(StrEnum):
    CSV = "csv"
    JSON = "jsonl"
    PACK = "zip"


class State(StrEnum):
    WAITING = "waiting"  # some of it may be written already
    SEALING = "sealing"  # a pack waits until the entry that tells of it is signed
    DONE = "done"
    TOO_MANY = "too_many"  # a pack is for what people can read
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Export:
    """One file."""

    id: str
    account_id: str
    format: Format
    state: State
    query: Query
    filters: str  # as in an address of the log
    language: str
    asker: Mapping[str, Any]
    size: int
    cursor: int
    lines: int
    entry: int | None
    asked: datetime
    ends: datetime

    @property
    def open(self) -> bool:
        return self.state in (State.WAITING, State.SEALING)

    @property
    def progress(self) -> float:
        """How much of the record was looked through, from 0 to 1."""
        return 1 - self.cursor / self.size if self.size else 1

    @property
    def name(self) -> str:
        """What the file is called."""
        kind = "evidence" if self.format is Format.PACK else "log"
        return f"{kind}-{self.asked:%Y-%m-%d-%H%M}.{self.format}"


class Exports:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._cipher = AESGCM(parts.keys.raw("export"))

    def begin(self, actor: Principal, format: Format, query: Query, filters: str, language: str) -> str:
        """Write down that somebody wants a file, in the record too, and let a worker make it; returns its id."""
        now, keep = self._parts.clock(), timedelta(days=self._parts.settings.exports.keep_days)
        asker = {"session": actor.session, "source": actor.source, "factors": list(actor.factors)}
        kept = {"query": _packed(query), "filters": filters, "language": language, "asker": asker}
        with self._parts.database.write() as tx:
            size = self._parts.log.size(tx)
            row = {
                "id": uuid4().hex,
                "account_id": actor.account_id,
                "format": format.value,
                "content": self._parts.keys.seal("export", kept),
                "state": State.WAITING.value,
                "size": size,
                "cursor": size,
                "lines": 0,
                "entry": None,
                "asked": now,
                "ends": now + keep,
            }
            tx.execute(insert(table).values(row))
            if format is not Format.PACK:  # a pack is told of by an entry that names its content
                self._parts.log.record(tx, taken_out(actor.account_id, asker, query, filters), "success")
            self._parts.outbox.put(tx, "export", {"export": row["id"]})
        return str(row["id"])

    def of(self, account_id: str) -> list[Export]:
        """Somebody's files, the newest first."""
        mine = select(table).where(table.c.account_id == account_id).order_by(table.c.asked.desc())
        with self._parts.database.read() as db:
            return [self._export(row) for row in db.execute(mine)]

    def get(self, db: Connection, id_: str) -> Export | None:
        row = db.execute(select(table).where(table.c.id == id_)).one_or_none()
        return self._export(row) if row else None

    def put(self, tx: Connection, id_: str, number: int, content: bytes) -> None:
        """Write one part; a part that is there already is replaced."""
        nonce = os.urandom(12)
        sealed = nonce + self._cipher.encrypt(nonce, zlib.compress(content, 6), f"{id_}.{number}".encode())
        tx.execute(delete(part).where(part.c.export == id_, part.c.n == number))
        tx.execute(insert(part).values(export=id_, n=number, content=sealed))

    def read(self, id_: str) -> Iterator[bytes]:
        """The content, part by part; nothing is held as a whole."""
        number = 0
        while True:
            with self._parts.database.read() as db:
                one = select(part.c.content).where(part.c.export == id_, part.c.n == number)
                sealed = db.execute(one).scalar_one_or_none()
            if sealed is None:
                return
            yield zlib.decompress(self._cipher.decrypt(sealed[:12], sealed[12:], f"{id_}.{number}".encode()))
            number += 1

    def _export(self, row: Any) -> Export:
        kept = self._parts.keys.open("export", row.content)
        return Export(
            id=row.id,
            account_id=row.account_id,
            format=Format(row.format),
            state=State(row.state),
            query=_unpacked(kept["query"]),
            filters=kept["filters"],
            language=kept["language"],
            asker=kept["asker"],
            size=row.size,
            cursor=row.cursor,
            lines=row.lines,
            entry=row.entry,
            asked=row.asked,
            ends=row.ends,
        )


def taken_out(actor: str, asker: Mapping[str, Any], query: Query, filters: str, **more: Any) -> Event:
    """How the record tells of a file with entries."""
    return Event(
        kind="audit_exported",
        actor=actor,
        session=asker["session"],
        source=asker["source"],
        factors=tuple(asker["factors"]),
        ticket=query.ticket or None,
        object=filters or "everything",
        **more,
    )


def _packed(query: Query) -> dict[str, Any]:
    kept = asdict(query)
    return kept | {name: kept[name].isoformat() for name in ("since", "until") if kept[name]}


def _unpacked(kept: dict[str, Any]) -> Query:
    return Query(**kept | {name: datetime.fromisoformat(kept[name]) for name in ("since", "until") if kept[name]})
