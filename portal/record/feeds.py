"""Tells every receiver of each entry of the record, in order. What one did not take waits, and holds up nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import structlog
from sqlalchemy import Connection, select, update

from audit import feed
from audit.log import AuditLog
from audit.reading import Entry, milliseconds
from connectors.errors import ConnectorError, Unavailable
from connectors.siem import receiver
from connectors.siem.receiver import Line, Receiver
from connectors.siem.settings import SiemSettings
from portal.database import Database
from portal.parts import Parts
from portal.record.tables import siem_feed as table
from portal.tables import EPOCH

PATIENCE = timedelta(hours=1)  # the recovery closes an intent within minutes; one older than this is told as it is
LONGEST_WAIT = timedelta(minutes=5)
MOST_BATCHES = 50  # in one pass


class _Batch(NamedTuple):
    entries: list[Entry]
    values: dict[str, Any]  # of the row, once they were delivered


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a receiver is."""

    name: str
    waiting_since: datetime | None  # when the oldest entry it was not told of was written
    error: str | None


class Feed:
    """One receiver. Of all workers one delivers at a time; if that dies, another goes on where it stopped."""

    def __init__(
        self,
        settings: SiemSettings,
        to: Receiver,
        *,
        database: Database,
        log: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self.settings, self.to = settings, to
        self._database = database
        self._log = log
        self._clock = clock
        self._me = str(uuid4())
        # Longer than a batch may take: a connection, a handshake, sending, an answer; and once more for a halved batch.
        self._lease = timedelta(seconds=6 * settings.timeout + 10)
        self._logger = structlog.get_logger("siem")

    def run(self) -> int:
        """Deliver what waits, as far as it is taken; return how many entries were."""
        if not self._is_due() or not self._claim():
            return 0
        delivered = 0
        for _ in range(MOST_BATCHES):
            batch = self._next()
            if not batch.values:
                break
            try:
                self._deliver(batch.entries)
            except ConnectorError as error:
                self._postpone(error)
                break
            delivered += len(batch.entries)
            lease = self._clock() + self._lease
            if not self._update(**batch.values, lease=lease, tries=0, error=None):
                break  # so slow that another worker has taken over
        return delivered

    def standing(self) -> Standing:
        with self._database.read() as db:
            row = self._row(db)
            oldest = feed.behind(db, row.next if row else 0)
        since = None if oldest is None else EPOCH + timedelta(milliseconds=oldest)
        return Standing(name=self.settings.name, waiting_since=since, error=row.error if row else None)

    def _row(self, db: Connection) -> Any:
        return db.execute(select(table).where(table.c.name == self.settings.name)).one_or_none()

    def _is_due(self) -> bool:
        """A look that writes nothing, since it is taken every second."""
        now = self._clock()
        with self._database.read() as db:
            row = self._row(db)
            if row is None:
                return True
            if row.due > now or (row.lease > now and row.holder != self._me):
                return False
            return feed.behind(db, row.next) is not None or bool(self._dangling(db, row.dangling, 1))

    def _claim(self) -> bool:
        now = self._clock()
        with self._database.read() as db:
            row = self._row(db)
        if row and row.holder == self._me and row.lease > now + self._lease / 2:
            return True
        values = {"holder": self._me, "lease": now + self._lease}
        first = {"name": self.settings.name, "next": 0, "dangling": -1, "due": now, "tries": 0, **values}
        with self._database.write() as tx:
            tx.execute(self._database.insert(table).values(first).on_conflict_do_nothing())
            free = (table.c.holder == self._me) | (table.c.lease <= now)
            changed = tx.execute(update(table).where(table.c.name == self.settings.name, free).values(values))
        return changed.rowcount == 1

    def _next(self) -> _Batch:
        with self._database.read() as db:
            row = self._row(db)
            found = feed.following(db, self._log.keyring, row.next, self.settings.batch)
            if found.next > row.next:
                return _Batch(found.entries, {"next": found.next})
            open_ones = self._dangling(db, row.dangling, self.settings.batch)
        return _Batch(open_ones, {"dangling": open_ones[-1].index} if open_ones else {})

    def _dangling(self, db: Connection, after: int, limit: int) -> list[Entry]:
        return feed.dangling(db, self._log.keyring, after, milliseconds(self._clock() - PATIENCE), limit)

    def _deliver(self, entries: list[Entry]) -> None:
        if not entries:
            return
        accounts = {}
        if self.settings.personal:
            with self._database.read() as db:
                accounts = feed.names(db, self._log.keyring, entries)
        self.to.deliver([self._line(entry, accounts) for entry in entries])

    def _line(self, entry: Entry, accounts: dict[str, str]) -> Line:
        event = feed.event_of(entry, accounts, personal=self.settings.personal)
        text = feed.in_json(event) if self.settings.format == "ocsf" else feed.in_cef(event)
        return Line(entry.index, entry.time, entry.kind, entry.outcome == "failure", text)

    def _postpone(self, error: ConnectorError) -> None:
        """Try again later and later. Nothing is ever passed over: the order counts, and a gap could hide something."""
        with self._database.read() as db:
            tries = self._row(db).tries
        wait = min(timedelta(seconds=2) * 2 ** min(tries, 10), LONGEST_WAIT)
        if isinstance(error, Unavailable):
            wait = max(wait, min(error.wait, LONGEST_WAIT))
        told = f"{type(error).__name__}: {error.detail}"[:300]
        self._update(due=self._clock() + wait, tries=tries + 1, error=told)
        self._logger.warning("siem_not_delivered", receiver=self.settings.name, error=type(error).__name__)

    def _update(self, **values: Any) -> bool:
        mine = (table.c.name == self.settings.name, table.c.holder == self._me)
        with self._database.write() as tx:
            return tx.execute(update(table).where(*mine).values(**values)).rowcount == 1


def feeds_of(parts: Parts) -> list[Feed]:
    """A feed for each receiver of the settings."""
    made = partial(Feed, database=parts.database, log=parts.log, clock=parts.clock)
    return [made(one, receiver(one, parts.clock)) for one in parts.settings.siem]


def begin_again(tx: Connection) -> None:
    """The record begins anew: every receiver is told of it from its first entry on."""
    tx.execute(update(table).values(next=0, dangling=-1))
