"""Settles what a crash or a lost answer left open, by looking at the directory and never by guessing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select

from audit.event import Event, Outcome
from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import ReadsEveryServer
from connectors.errors import AccountNotFound, ConnectorError
from portal.accounts import Accounts
from portal.action import Action
from portal.actions import ACTIONS
from portal.books import Books
from portal.consequences import Consequences
from portal.elsewhere.errands import KIND, Elsewhere, OpenErrand
from portal.identity import SYSTEM, Principal
from portal.jobs import going_on
from portal.operations import close_operation
from portal.tables import operation
from portal.tickets.counter import Counter
from portal.tickets.facts import facts_of
from portal.tickets.ticket import Wish

PATIENCE = timedelta(minutes=15)  # with a server that is down: long enough for it to be started again


class Recovery:
    """Closes every intent without an outcome that is older than any request can still be working on."""

    def __init__(
        self,
        books: Books,
        *,
        accounts: Accounts,
        connectors: Connectors,
        counter: Counter,
        consequences: Consequences,
        elsewhere: Elsewhere,
        grace: timedelta,
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._connectors = connectors
        self._counter = counter
        self._consequences = consequences
        self._elsewhere = elsewhere
        self._grace = grace
        self._logger = structlog.get_logger("recovery")

    def settle(self) -> int:
        """Settle all that can be told now; what the directory cannot answer yet stays open. Returns how many."""
        query = select(operation).where(
            operation.c.closed.is_(None), operation.c.started < self._books.clock() - self._grace
        )
        with self._books.read() as db:
            rows = db.execute(query.limit(500)).all()
            errands = self._elsewhere.among(db, [row.id for row in rows])
        # Other systems first: the mail about what happened at home tells of them all.
        rows = sorted(rows, key=lambda row: row.id not in errands)
        settled = 0
        for row in rows:
            with going_on("settle", attempt=row.id):
                settled += self._settle(row, errands.get(row.id))
        return settled

    def _settle(self, row: Row[Any], errand: OpenErrand | None) -> bool:
        never_sent = errand is not None and errand.never_sent
        try:
            account: Account | None = None if never_sent else self._accounts.read(row.account_id)
        except AccountNotFound:
            account = None
        except ConnectorError as error:
            self._logger.warning("cannot_settle_yet", attempt=row.id, error=type(error).__name__)
            return False
        action = ACTIONS.get(row.action)
        outcome: Outcome | None = "failure" if never_sent else "unknown"
        if account and action and account.seen_at is None:  # an old look tells nothing of what happened since
            outcome = self._outcome(row, action, account)
        if outcome is None:
            return False
        with self._books.write() as tx:
            reason = "settled_unknown" if outcome == "unknown" else ""
            if not close_operation(tx, row.id, outcome, reason, self._books.clock()):
                return False
            event = Event(
                kind=action.kind if action else "wish",
                actor=row.actor_id,
                target=row.account_id,
                session=row.session,
                source=row.source,
            )
            if errand:
                event = replace(event, kind=KIND, target=errand.person_id, object=errand.system)
            self._books.log.outcome(tx, row.id, event, outcome, reason, recovered=True)
            if errand:
                self._tell(tx, row, errand, account, outcome)
            elif account and action:
                self._follow_up(tx, row, action, account, outcome)
        self._logger.info("settled", attempt=row.id, outcome=outcome)
        return True

    def _tell(
        self, tx: Connection, row: Row[Any], errand: OpenErrand, account: Account | None, outcome: Outcome
    ) -> None:
        """Of another system the person hears by the mail about home, or by one of its own if that has gone."""
        if outcome == "unknown":
            self._open_ticket(
                tx, row, errand.person_id, {"system": errand.system} | (facts_of(account) if account else {})
            )
        if self._elsewhere.is_closed(tx, errand.main):
            values = {"source": "", "system": self._elsewhere.name(errand.system), "outcome": outcome}
            content = {"account_id": errand.person_id, "template": "other_system", "values": values}
            self._books.outbox.put(tx, "notice", content | {"at": row.started.isoformat(), "attempt": row.id})

    def _outcome(self, row: Row[Any], action: type[Action], account: Account) -> Outcome | None:
        """What became of it; None as long as a server may know of it that cannot be asked or has not caught up."""
        system = row.details.get("system", "")
        connector = self._connectors.able_to(action.needs, account, system) if action.needs else None
        try:
            if connector and (looked := action.look(connector, row.details, account)):
                return looked
        except ConnectorError:
            return "unknown" if self._books.clock() - row.started > PATIENCE else None
        outcome = action.confirm(row.details, row.before, account)
        directory = self._connectors.able_to(ReadsEveryServer, account)
        if outcome == "success" or directory is None:
            return outcome
        copies = [copy.account for copy in directory.read_everywhere(account.id)]
        seen = [action.confirm(row.details, row.before, copy) if copy else None for copy in copies]
        if action.watched and "success" in seen:  # locks are each server's own matter, passwords are not
            return "success"
        if all(one == "failure" for one in seen):
            return "failure"
        return "unknown" if self._books.clock() - row.started > PATIENCE else None

    def _follow_up(
        self, tx: Connection, row: Row[Any], action: type[Action], account: Account, outcome: Outcome
    ) -> None:
        """Keep the promise: the person hears what became of it, and people look into what cannot be told."""
        actor = Principal(account_id=row.actor_id, login="", name="", session=row.session, source=row.source)
        if outcome == "success":
            self._consequences(tx, actor, action, account, row.id, row.details)
        elif outcome == "failure":
            if row.source and row.actor_id in (account.id, SYSTEM):  # what the worker began it repeats by itself
                values = {"source": row.source, "password": action.watched}
                content = {"account_id": account.id, "template": "not_changed", "values": values}
                self._books.outbox.put(tx, "notice", content | {"at": row.started.isoformat(), "attempt": row.id})
        else:
            self._open_ticket(tx, row, account.id, facts_of(account), account.language)

    def _open_ticket(
        self, tx: Connection, row: Row[Any], requester: str, facts: Mapping[str, str], language: str | None = None
    ) -> None:
        wish = Wish(
            requester_id=requester,
            claim=facts.get("login", ""),
            action=row.action,
            reason="settled_unknown",
            steps=(f"{row.action}:settled_unknown",),
            facts=facts,
            language=language or "en",
            key=row.id,
        )
        self._counter.open(tx, wish, actor=Principal(account_id=SYSTEM, login=SYSTEM, name=""))
