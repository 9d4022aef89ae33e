"""Looks after an account for a day once its password is a new one: some device may still try the old one.

The person is told before that locks the account; a lock that follows becomes a ticket with what the directory showed.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from audit.event import SYSTEM
from audit.statements import Statement
from connectors.account import Account
from connectors.errors import AccountNotFound, ConnectorError
from portal.accounts import Accounts
from portal.books import Books
from portal.identity import Principal
from portal.jobs import going_on
from portal.settings.worker import AfterChange
from portal.tables import watch
from portal.tickets.counter import Counter
from portal.tickets.facts import facts_of
from portal.tickets.ticket import Wish

AT_ONCE = 500  # accounts one pass looks at: a read costs about a millisecond, and the next pass is a minute away
PACE = (  # most devices try within minutes
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(hours=6), timedelta(minutes=5)),
)
SELDOM = timedelta(minutes=15)
MOST_SEEN = 20  # lines in the ticket

_FORGET = Statement(delete(watch).where(watch.c.account_id == bindparam("whose")))
_BEGIN = Statement(insert(watch))


class Watch:
    """One row for each account that is looked after; a newer change begins anew."""

    def __init__(
        self,
        books: Books,
        *,
        settings: AfterChange,
        accounts: Accounts,
        counter: Counter,
    ) -> None:
        self._books = books
        self._settings = settings
        self._accounts = accounts
        self._counter = counter
        self._logger = structlog.get_logger("watch")

    def begin(self, tx: Connection, account: Account, attempt: str, language: str | None) -> None:
        """Start looking, in the transaction of the change that was made."""
        if not self._settings.hours or account.seen_at:  # an account nobody lets us read cannot be looked after
            return
        now = self._books.clock()
        _FORGET.run(tx, {"whose": account.id})
        row = {
            "account_id": account.id,
            "attempt": attempt,
            "language": language or account.language or "en",
            "started": now,
            "ends": now + timedelta(hours=self._settings.hours),
            "due": now + PACE[0][1],
            "seen": [],
            "told": None,
        }
        _BEGIN.run(tx, row)

    def look(self) -> int:
        """Look at every account that is due, those that waited longest first; return how many."""
        now = self._books.clock()
        with self._books.read() as db:
            rows = db.execute(select(watch).where(watch.c.due <= now).order_by(watch.c.due).limit(AT_ONCE)).all()
        down: set[str] = set()  # a directory that does not answer is not asked for everybody in turn
        for row in rows:
            with going_on("watch", attempt=row.attempt):
                self._look_at(row, now, down)
        return len(rows)

    def _look_at(self, row: Row[Any], now: datetime, down: set[str]) -> None:
        directory = row.account_id.partition(":")[0]
        try:
            account = None if directory in down else self._accounts.read(row.account_id)
        except AccountNotFound:
            return self._end(row)
        except ConnectorError as error:
            self._logger.warning("cannot_look", directory=directory, error=type(error).__name__)
            down.add(directory)
            account = None
        if now >= row.ends:
            return self._end(row)
        return self._look(row, account, now) if account else self._wait(row, now)

    def _look(self, row: Row[Any], account: Account, now: datetime) -> None:
        # By the directory's own clock, which may differ from ours.
        changed = account.state.password_changed_at or row.started.replace(microsecond=0)
        failures = _since(account, changed)
        seen = list(row.seen)
        if failures > (seen[-1][1] if seen else 0):
            seen = [*seen, [(account.state.failed_at or now).isoformat(), failures]][-MOST_SEEN:]
        locked = account.state.locked_at is not None and bool(seen or account.state.locked_at >= changed)
        tell = row.told is None and (locked or failures >= self._settings.failures)
        with self._books.write() as tx:
            told = now if tell else row.told
            values = {"due": now + _pause(now - row.started), "seen": seen, "told": told}
            # Only who still finds the row as it was goes on: another worker, or a newer change, may have been here.
            same = (watch.c.account_id == row.account_id, watch.c.attempt == row.attempt, watch.c.due == row.due)
            if tx.execute(update(watch).where(*same).values(values)).rowcount != 1:
                return
            if tell:
                self._warn(tx, row, account, failures, locked=locked)
            if locked:
                self._open_ticket(tx, row, account, seen)
                tx.execute(delete(watch).where(watch.c.account_id == row.account_id))

    def _warn(self, tx: Connection, row: Row[Any], account: Account, failures: int, *, locked: bool) -> None:
        values = {"source": "", "changed": row.started.isoformat(), "failures": failures, "locked": locked}
        content = {"account_id": account.id, "template": "old_password_tried", "values": values}
        at = account.state.failed_at or self._books.clock()
        self._books.outbox.put(
            tx, "notice", content | {"language": row.language, "attempt": row.attempt, "at": at.isoformat()}
        )

    def _open_ticket(self, tx: Connection, row: Row[Any], account: Account, seen: list[list[Any]]) -> None:
        tries = ", ".join(f"{number}: {datetime.fromisoformat(at):%H:%M:%S}" for at, number in seen)
        facts = {"wrong_passwords_seen": f"{tries} UTC"} if tries else {}
        wish = Wish(
            requester_id=account.id,
            claim=account.login,
            action="unlock_account",
            reason="locked_after_change",
            steps=(f"attempt:{row.attempt}",),
            facts=facts_of(account) | facts,
            language=row.language,
            key=f"watch/{row.attempt}",
        )
        self._counter.open(tx, wish, actor=Principal(account_id=SYSTEM, login=SYSTEM, name=""))

    def _wait(self, row: Row[Any], now: datetime) -> None:
        with self._books.write() as tx:
            same = (watch.c.account_id == row.account_id, watch.c.attempt == row.attempt)
            tx.execute(update(watch).where(*same).values(due=now + _pause(now - row.started)))

    def _end(self, row: Row[Any]) -> None:
        with self._books.write() as tx:
            tx.execute(delete(watch).where(watch.c.account_id == row.account_id, watch.c.attempt == row.attempt))


def _since(account: Account, changed: datetime) -> int:
    """Wrong passwords since the change; some servers keep older ones counted, and tell the newest to the second."""
    state = account.state
    before = state.failed_at is not None and state.failed_at < changed
    return 0 if before else state.failed_sign_ins


def _pause(passed: timedelta) -> timedelta:
    return next((pause for until, pause in PACE if passed < until), SELDOM)
