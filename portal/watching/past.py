"""The record as the rules read it: what somebody did, what happened to somebody, and what a ticket brought."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from audit import search, store
from audit.body import index_row
from audit.log import AuditLog
from audit.reading import Entry, Wanted
from audit.search import Query
from portal.watching.rules import WELL_KNOWN, Seen

MOST = 500


def seen(number: int, body: bytes) -> Seen:
    """An entry by its bytes."""
    return seen_in(Entry(number, body, {}))


def seen_in(entry: Entry) -> Seen:
    """What the rules need of an entry."""
    event = entry.event
    row = index_row(event)
    return Seen(
        entry.index,
        entry.time,
        entry.kind,
        entry.outcome,
        row["actor"],
        row["subject"],
        str(event["unmapped"].get("ticket", "")),
        event.get("comment") == "approved",
    )


class RecordedPast:
    """Reads through one connection. `is_privileged` is asked for an account id."""

    def __init__(self, db: Connection, log: AuditLog, is_privileged: Callable[[str], bool]) -> None:
        self._db = db
        self._log = log
        self._is_privileged = is_privileged

    def by(self, actor: str, kinds: Sequence[str], since: datetime, until: int) -> list[Seen]:
        return self._find(Wanted(MOST, until + 1, actor=actor, kinds=kinds, phases=("outcome", "record"), since=since))

    def about(self, subject: str, kinds: Sequence[str], since: datetime, until: int) -> list[Seen]:
        found = Wanted(MOST, until + 1, subject=subject, kinds=kinds, phases=("outcome", "record"), since=since)
        return self._find(found)

    def of_ticket(self, ticket: str, until: int) -> list[Seen]:
        page = search.find(self._db, self._log.keyring, Query(ticket=ticket), WELL_KNOWN, until + 1)
        return list(self._read(page.numbers))

    def privileged(self, subject: str) -> bool:
        account = self._log.account_of(self._db, subject)
        return account is not None and self._is_privileged(account)

    def _find(self, wanted: Wanted) -> list[Seen]:
        return [seen_in(entry) for entry in self._log.search(self._db, wanted)]

    def _read(self, numbers: Iterable[int]) -> Iterable[Seen]:
        for number in numbers:
            yield seen(number, store.bodies(self._db, number, 1)[0])
