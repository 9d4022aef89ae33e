"""Goes through new entries once, in order, and makes of each finding an entry, and a ticket for the supervisors."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, select, update

from audit.event import SYSTEM, Event
from audit.log import AuditLog
from audit.removal import told_below
from audit.tables import entries
from connectors.errors import AccountNotFound, ConnectorError
from portal.accounts import Accounts
from portal.auditors.index import Index
from portal.database import Database
from portal.identity import roles_of
from portal.parts import Parts
from portal.record.tables import alert, watching
from portal.settings.installation import Settings
from portal.tickets.store import Tickets
from portal.tickets.ticket import Wish
from portal.watching.past import RecordedPast, seen
from portal.watching.rules import GAP, RULES, WELL_KNOWN, Found

A_TIME = 300  # entries in one look; the next look is a minute away
MOST_LOOKS = 50
ACTION = "anything_else"


class _Stretch(NamedTuple):
    found: list[Found]
    next: int


class Watcher:
    """One place in the record up to which everything was looked at. Nothing is told twice, whoever looks."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        log: AuditLog,
        accounts: Accounts,
        tickets: Tickets,
        index: Index,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._log = log
        self._accounts = accounts
        self._tickets = tickets
        self._index = index
        self._clock = clock
        self._zone = ZoneInfo(settings.time_zone)
        self._logger = structlog.get_logger("watching")

    def run(self) -> int:
        """Look at what is new; return how many alerts were raised. A directory that is down is asked again later."""
        if self._index.catch_up():
            return 0  # the rules ask the index; what it does not hold yet is looked at in a minute
        raised = 0
        for _ in range(MOST_LOOKS):
            here = self._here()
            try:
                stretch = self._look(here)
            except ConnectorError as error:
                self._logger.warning("cannot_watch", error=type(error).__name__)
                break
            if stretch.next == here:
                break
            raised += sum(self._raise(found) for found in stretch.found)
            with self._database.write() as tx:
                tx.execute(
                    update(watching).where(watching.c.id == 1, watching.c.next == here).values(next=stretch.next)
                )
        return raised

    def _here(self) -> int:
        with self._database.read() as db:
            here = db.execute(select(watching.c.next).where(watching.c.id == 1)).scalar_one_or_none()
            newest = told_below(db) if here is not None else None
        if here is None:  # what was before somebody looked for the first time is history, not news
            with self._database.write() as tx:
                first = {"id": 1, "next": self._log.size(tx)}
                tx.execute(self._database.insert(watching).values(first).on_conflict_do_nothing())
                return int(tx.execute(select(watching.c.next)).scalar_one())
        return max(here, newest or 0)

    def _look(self, here: int) -> _Stretch:
        with self._database.read() as db:
            span = entries.c.idx.between(here, here + A_TIME - 1)
            rows = db.execute(select(entries.c.idx, entries.c.body).where(span).order_by(entries.c.idx)).all()
            if not rows:
                return _Stretch([], here)
            found = list(self._gaps(here, [row.idx for row in rows]))
            past = RecordedPast(db, self._log, self._privileged)
            for number, body in rows:
                found += self._judge(past, number, bytes(body))
        return _Stretch(found, rows[-1].idx + 1)

    def _judge(self, past: RecordedPast, number: int, body: bytes) -> Iterator[Found]:
        entry = seen(number, body)
        if entry.kind == "alert" or entry.outcome is None:
            return
        for name, rule in RULES.items():
            if name in self._settings.watching.rules:
                yield from rule(entry, past, self._settings.watching, self._zone)

    def _gaps(self, here: int, numbers: list[int]) -> Iterator[Found]:
        if GAP not in self._settings.watching.rules:
            return
        for before, number in zip([here - 1, *numbers], numbers, strict=False):
            if number != before + 1:
                yield Found(GAP, f"gap/{before + 1}", None, [before + 1])

    def _privileged(self, account_id: str) -> bool:
        try:
            account = self._accounts.read(account_id)
        except AccountNotFound:
            return False
        return account.protected or bool(roles_of(account, self._settings.roles) - {"sponsor"})

    def _raise(self, found: Found) -> bool:
        """Entry, ticket and the note that it was told, together or not at all; False if it was told before."""
        with self._database.write() as tx:
            row = {"key": f"{found.rule}/{found.key}"[:200], "at": self._clock()}
            put = self._database.insert(alert).values(row).on_conflict_do_nothing().returning(alert.c.key)
            if tx.execute(put).first() is None:
                return False
            numbers = ", ".join(map(str, sorted(found.entries)[-WELL_KNOWN:]))
            ticket = self._open(tx, found, numbers)
            whom = self._log.account_of(tx, found.whom) if found.whom else None
            event = Event(
                kind="alert",
                actor=SYSTEM,
                target=whom,
                ticket=str(ticket),
                attribute=found.rule,
                disclose={"entries": numbers},
            )
            self._log.record(tx, event, "success", f"alert_{found.rule}")
        self._logger.warning("alert", rule=found.rule, ticket=ticket)
        return True

    def _open(self, tx: Connection, found: Found, numbers: str) -> int:
        """For supervisors only, and mailed to nobody: whom it is about may read the service desk's mail."""
        wish = Wish(
            requester_id=None,
            claim="",
            action=ACTION,
            reason=f"alert_{found.rule}",
            facts={"entries": numbers},
            language=self._settings.languages[0],
            key=f"alert/{found.rule}/{found.key}",
        )
        number, _new = self._tickets.open(tx, wish, queue="supervisors")
        self._tickets.note(tx, number, author_id=SYSTEM, author="", kind="opened", text="", shown=False)
        self._log.record(tx, Event(kind="ticket_opened", actor=SYSTEM, ticket=str(number)), "success")
        return number


def watcher_of(parts: Parts) -> Watcher:
    """The watcher of this installation."""
    return Watcher(
        parts.settings,
        database=parts.database,
        log=parts.log,
        accounts=parts.accounts,
        tickets=parts.tickets,
        index=parts.auditing.index,
        clock=parts.clock,
    )
