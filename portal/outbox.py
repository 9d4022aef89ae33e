"""What must reach the world outside: written with the change it belongs to, carried out later, never lost."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, bindparam, insert, null, select, update

from audit.statements import Statement
from connectors.errors import ConnectorError, Forbidden, Unavailable
from portal.database import Database, after_commit
from portal.keys import Keys
from portal.tables import outbox

LEASE = timedelta(seconds=60)  # longer than any carrier may take; then another worker may try
PATIENCE = timedelta(hours=48)  # mail servers give up after days too (RFC 5321 4.5.4.1 says 4 to 5)
LONGEST_WAIT = timedelta(minutes=15)  # between two tries, whatever the other side asks for
AT_ONCE = 8  # rows one thread takes: few enough for the lease, enough to save commits
URGENT = ("resolve", "mailed_code")  # somebody sits before a page and waits for these
_PUT = Statement(insert(outbox))
_DONE = Statement(
    update(outbox)
    .where(outbox.c.id == bindparam("which"))
    .values(done=bindparam("now"), content=bindparam("nothing"), error=null())
)

Carrier = Callable[[str, dict[str, Any]], None]  # (id, content): the id is stable over retries


class Outbox:
    """Rows that wait to be carried out. At least once, with a stable id, so that the other side can drop copies."""

    def __init__(self, database: Database, keys: Keys, clock: Callable[[], datetime], wake: Callable[[], None]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._wake = wake
        self._log = structlog.get_logger("outbox")
        self._once = Statement(database.insert(outbox).on_conflict_do_nothing(index_elements=["id"]))

    def put(self, tx: Connection, kind: str, content: Mapping[str, Any], *, after: timedelta = timedelta()) -> None:
        """Add one row to the caller's transaction; a worker is woken once that is on disk."""
        _PUT.run(tx, self._row(str(uuid4()), kind, content, after))
        after_commit(tx, self._wake)

    def once(
        self, tx: Connection, id_: str, kind: str, content: Mapping[str, Any], *, after: timedelta = timedelta()
    ) -> None:
        """Add one row unless there is one of that id: whatever puts it may be carried out again, or by two at once.

        No worker is woken. It looks every half second by itself, and many at once cost it a third of one by one.
        """
        self._once.run(tx, self._row(id_, kind, content, after))

    def _row(self, id_: str, kind: str, content: Mapping[str, Any], after: timedelta) -> dict[str, Any]:
        now, sealed = self._clock(), self._keys.seal("outbox", dict(content))
        row = {"id": id_, "kind": kind, "content": sealed, "put": now, "due": now + after, "tries": 0}
        return row | {"done": None, "stuck": None, "error": None}

    def run(self, carriers: Mapping[str, Carrier]) -> int:
        """Carry out what is due of these kinds; return how many were done. One that fails never stops the others."""
        done, claimed_at = 0, self._clock()
        rows = self._claim(claimed_at, list(carriers))
        for at, row in enumerate(rows):
            if self._clock() - claimed_at > LEASE / 4:
                self._release(rows[at:])  # slow ones went before; another thread may take these
                break
            try:
                carriers[row.kind](row.id, self._keys.open("outbox", row.content))
            except ConnectorError as error:
                self._postpone(row, error, for_good=isinstance(error, Forbidden))
            except Exception as error:  # a mistake of ours in one row must not stop the rest
                self._log.exception("carrier_failed", kind=row.kind, id=row.id)
                self._postpone(row, error, for_good=False)
            else:
                self._close(row.id)
                done += 1
        return done

    def is_due(self) -> bool:
        """Whether a row waits that could be carried out now: a new one, or one whose next try has come."""
        due = (outbox.c.done.is_(None), outbox.c.stuck.is_(None), outbox.c.due <= self._clock())
        with self._database.read() as db:
            return db.execute(select(outbox.c.id).where(*due).limit(1)).first() is not None

    def waiting(self) -> tuple[int, int]:
        """How many rows wait, and how many are stuck for good."""
        with self._database.read() as db:
            rows = db.execute(select(outbox.c.stuck).where(outbox.c.done.is_(None))).all()
        return sum(r.stuck is None for r in rows), sum(r.stuck is not None for r in rows)

    def _claim(self, now: datetime, kinds: list[str]) -> list[Any]:
        """Take a few rows that are due, the urgent ones first; nobody else gets them while the lease lasts."""
        query = (
            select(outbox.c.id, outbox.c.kind, outbox.c.content, outbox.c.due, outbox.c.put, outbox.c.tries)
            .where(outbox.c.done.is_(None), outbox.c.stuck.is_(None), outbox.c.due <= now, outbox.c.kind.in_(kinds))
            .order_by(outbox.c.kind.in_(URGENT).desc(), outbox.c.due)
            .limit(AT_ONCE)
        )
        with self._database.read() as db:
            if db.execute(query.limit(1)).first() is None:
                return []
        with self._database.write() as tx:
            rows = list(tx.execute(query.with_for_update(skip_locked=True)))
            ids = [row.id for row in rows]
            tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(due=now + LEASE, tries=outbox.c.tries + 1))
        return rows

    def _release(self, rows: list[Any]) -> None:
        """Give back what was claimed and not begun."""
        ids = [row.id for row in rows]
        values = {"due": self._clock(), "tries": outbox.c.tries - 1}
        with self._database.write() as tx:
            tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))

    def _close(self, id_: str) -> None:
        with self._database.write() as tx:
            _DONE.run(tx, {"which": id_, "now": self._clock(), "nothing": b""})

    def _postpone(self, row: Any, error: Exception, *, for_good: bool) -> None:
        now = self._clock()
        given_up = for_good or now - row.put > PATIENCE
        wait = min(timedelta(seconds=5) * 2 ** min(row.tries, 10), LONGEST_WAIT)
        if isinstance(error, Unavailable):
            wait = max(wait, min(error.wait, LONGEST_WAIT))
        with self._database.write() as tx:
            tx.execute(
                update(outbox)
                .where(outbox.c.id == row.id)
                .values(due=now + wait, stuck=now if given_up else None, error=type(error).__name__)
            )
        self._log.warning("not_delivered", kind=row.kind, id=row.id, error=type(error).__name__, stuck=given_up)
