"""Tells people once, by mail, that their mailbox is nearly full; again only after there was room."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from connectors import Connectors
from connectors.errors import AccountAmbiguous, AccountNotFound, ConnectorError
from connectors.mailbox import Quota, TellsFullness
from portal.accounts import Accounts
from portal.books import Books
from portal.mailboxes.mailbox import size
from portal.timers.tables import fullness_told

EVERY = timedelta(hours=6)
ROOM = 0.05  # so much must have become free again before it is told anew

logger = structlog.get_logger("fullness")


class Fullness:
    """Looks at all mailboxes whose system tells of all at once. Two workers that look at the same time tell once."""

    def __init__(self, level: float, books: Books, *, connectors: Connectors, accounts: Accounts) -> None:
        self._books = books
        self._level = level
        self._connectors = connectors
        self._accounts = accounts
        self._next = datetime.min.replace(tzinfo=books.clock().tzinfo)

    def run(self) -> None:
        """Once in a while; called every minute."""
        if self._books.clock() < self._next:
            return
        self._next = self._books.clock() + EVERY
        for name, connector in self._connectors.all_able_to(TellsFullness):
            try:
                self._look(connector)
            except ConnectorError as error:
                logger.warning("fullness_unknown", system=name, error=type(error).__name__)

    def _look(self, connector: TellsFullness) -> None:
        with self._books.read() as db:
            told = set(db.scalars(select(fullness_told.c.mailbox)))
        for address, quota in connector.fullness():
            mailbox, part = self._books.keys.digest("mailbox", address.casefold()), quota.part or 0
            if part >= self._level and mailbox not in told:
                self._tell(mailbox, address, quota)
            elif part < self._level - ROOM and mailbox in told:
                with self._books.write() as tx:
                    tx.execute(delete(fullness_told).where(fullness_told.c.mailbox == mailbox))

    def _tell(self, mailbox: str, address: str, quota: Quota) -> None:
        try:
            account = self._accounts.find(address)
        except (AccountNotFound, AccountAmbiguous):
            return
        content = {
            "account_id": account.id,
            "template": "mailbox_nearly_full",
            "values": {"used": size(quota.used or 0), "limit": size(quota.limit or 0)},
            "at": self._books.clock().isoformat(),
        }
        try:
            with self._books.write() as tx:
                tx.execute(insert(fullness_told).values(mailbox=mailbox, told=self._books.clock()))
                self._books.outbox.put(tx, "notice", content)
        except IntegrityError:
            return  # another worker has just told it
