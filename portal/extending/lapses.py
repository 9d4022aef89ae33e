"""Accounts that are to end on their last day, because whoever answers for them said so. Another end makes that past."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Self

from sqlalchemy import Connection, delete, insert, select

from connectors.account import Account
from connectors.capabilities import NotesLapses
from connectors.errors import ConnectorError
from portal.inside import Inside
from portal.tables import lapse

AT_ONCE = 500  # ids in one question


class Lapses(NotesLapses, Inside):
    """Kept in the portal's database."""

    def __init__(self, clock: Callable[[], datetime], tx: Connection | None = None) -> None:
        self._clock = clock
        self._tx = tx

    def within(self, tx: Connection) -> Self:
        return type(self)(self._clock, tx)

    def let_lapse(self, account: Account, ends_on: date) -> None:
        if self._tx is None:
            raise ConnectorError("outside a transaction")
        self._tx.execute(delete(lapse).where(lapse.c.account_id == account.id))
        self._tx.execute(insert(lapse).values(account_id=account.id, ends_on=ends_on, said=self._clock()))

    def among(self, db: Connection, accounts: Iterable[Account]) -> frozenset[str]:
        """Ids of those of these accounts that are to end on the day they end now."""
        ends = {account.id: account.state.ends_on for account in accounts}
        ids = list(ends)
        found: set[str] = set()
        for start in range(0, len(ids), AT_ONCE):
            query = select(lapse).where(lapse.c.account_id.in_(ids[start : start + AT_ONCE]))
            found |= {row.account_id for row in db.execute(query) if row.ends_on == ends[row.account_id]}
        return frozenset(found)
