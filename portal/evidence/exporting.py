"""Makes the files that were asked for, a piece at a time: a worker that dies loses nothing but the piece it was at."""

from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Connection, delete, func, select, update

from audit import search
from audit.evidence import pack
from audit.evidence.files import read_zip, write_zip
from audit.export import NotSigned
from audit.reading import Entry, read
from portal.auditors.sentences import Wording
from portal.evidence.exports import PIECE, Export, Exports, Format, State, taken_out
from portal.evidence.lines import csv_head, csv_rows, json_rows
from portal.evidence.report import report
from portal.parts import Parts
from portal.record.tables import export as table
from portal.record.tables import export_part

A_TIME = 500  # entries in one piece: a second or two, far below what a row of the outbox may take
MOST_IN_PACK = 2000  # entries: more than anybody reads, and a file of some megabytes
SEALED_WITHIN = timedelta(hours=1)
SOON = timedelta(seconds=1)


class Exporting:
    """What the worker does."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._exports = Exports(parts)

    def carry(self, id_: str, content: dict[str, Any]) -> None:
        """Make the next piece, and put the rest into the outbox again."""
        with self._parts.database.read() as db:
            one = self._exports.get(db, content["export"])
        if one is None or not one.open:
            return
        if self._parts.auditing.index.catch_up():  # what cannot be found yet would be missing
            with self._parts.database.write() as tx:
                self._parts.outbox.put(tx, "export", {"export": one.id}, after=SOON)
            return
        with force_locale(one.language):
            if one.format is not Format.PACK:
                self._write(one)
            elif one.state is State.WAITING:
                self._gather(one)
            else:
                self._seal(one)

    def _write(self, one: Export) -> None:
        log = self._parts.log
        with self._parts.database.read() as db:
            page = search.find(db, log.keyring, one.query, A_TIME, one.cursor)
            entries = read(db, log.keyring, page.numbers)
            if one.format is Format.JSON:
                text = "".join(json_rows(db, log, entries))
        if one.format is Format.CSV:
            rows = csv_rows(entries, Wording(self._parts.auditing.names, entries))
            text = (csv_head() if one.cursor == one.size else "") + "".join(rows)
        with self._parts.database.write() as tx:
            cursor = page.onward or 0
            done = {"cursor": cursor, "lines": one.lines + len(entries)}
            if not self._step(tx, one, **done, state=State.WAITING if cursor else State.DONE):
                return  # another worker was quicker
            if text:
                self._exports.put(tx, one.id, self._parts_of(tx, one.id), text.encode())
            self._go_on(tx, one) if cursor else self._announce(tx, one)

    def _gather(self, one: Export) -> None:
        """All that a pack holds but the proofs, and the entry that tells of it."""
        log = self._parts.log
        with self._parts.database.read() as db:
            numbers = self._numbers(db, one)
            if numbers is None:
                with self._parts.database.write() as tx:
                    self._step(tx, one, state=State.TOO_MANY)
                return
            entries = read(db, log.keyring, numbers)
            files = pack.gather(db, log.keyring, sorted(numbers))
        whole, about = report(self._parts, one, entries)
        files, digest = pack.with_manifest(files | whole, about)
        with self._parts.database.write() as tx:
            told = log.record(
                tx, taken_out(one.account_id, one.asker, one.query, one.filters, sha256=digest), "success"
            )
            if not self._step(tx, one, state=State.SEALING, entry=told, lines=len(entries), cursor=0):
                raise RuntimeError("another worker gathered the same pack")  # takes the entry back, too
            self._put_whole(tx, one.id, write_zip(files))
            self._go_on(tx, one)

    def _numbers(self, db: Connection, one: Export) -> list[int] | None:
        """Every entry of the view and the intents they came from; None if there are too many."""
        keyring = self._parts.log.keyring
        found: dict[int, Entry] = {}
        for entry in search.each(db, keyring, one.query):
            if entry.index < one.size:
                found[entry.index] = entry
            if len(found) > MOST_IN_PACK:
                return None
        attempts = {entry.event["metadata"]["correlation_uid"] for entry in found.values() if entry.phase == "outcome"}
        for attempt in attempts:
            found |= {entry.index: entry for entry in search.attempt(db, keyring, attempt) if entry.phase == "intent"}
        return sorted(found, reverse=True)

    def _seal(self, one: Export) -> None:
        """Add the proofs, once the sealer has signed."""
        files = read_zip(b"".join(self._exports.read(one.id)))
        try:
            with self._parts.database.read() as db:
                whole = pack.with_proofs(db, files, one.entry or 0)
        except NotSigned:
            late = self._parts.clock() - one.asked > SEALED_WITHIN
            with self._parts.database.write() as tx:
                self._step(tx, one, state=State.FAILED) if late else self._go_on(tx, one)
            return
        with self._parts.database.write() as tx:
            if self._step(tx, one, state=State.DONE):
                self._put_whole(tx, one.id, write_zip(whole))
                self._announce(tx, one)

    def _step(self, tx: Connection, one: Export, **values: Any) -> bool:
        """Go on from where it was read; False if somebody else has."""
        same = (table.c.id == one.id, table.c.state == one.state.value, table.c.cursor == one.cursor)
        return tx.execute(update(table).where(*same).values(**values)).rowcount == 1

    def _put_whole(self, tx: Connection, id_: str, content: bytes) -> None:
        tx.execute(delete(export_part).where(export_part.c.export == id_))
        for number, at in enumerate(range(0, len(content), PIECE)):
            self._exports.put(tx, id_, number, content[at : at + PIECE])

    def _parts_of(self, tx: Connection, id_: str) -> int:
        counted = select(func.count()).select_from(export_part).where(export_part.c.export == id_)
        return int(tx.execute(counted).scalar_one())

    def _go_on(self, tx: Connection, one: Export) -> None:
        after = SOON if one.format is Format.PACK else timedelta()
        self._parts.outbox.put(tx, "export", {"export": one.id}, after=after)

    def _announce(self, tx: Connection, one: Export) -> None:
        values = {"export_url": self._parts.links.to("/log/export"), "until": one.ends.date().isoformat()}
        content = {"account_id": one.account_id, "template": "export_ready", "values": values}
        now = self._parts.clock().isoformat()
        self._parts.outbox.put(tx, "notice", content | {"language": one.language, "at": now})
