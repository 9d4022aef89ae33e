"""Changes of private addresses that wait: asked for and proved, and not in force until their time has come.

A new address could open the account to whoever slipped it in, so its owner gets time to say no. The first of two that
would end a change wins, the other finds nothing waiting: each is one conditional UPDATE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from sqlalchemy import Connection, Row, String, bindparam, insert, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from audit.statements import Statement
from connectors.account import Account
from connectors.capabilities import HoldsAddressChanges
from connectors.errors import ConnectorError
from portal.inside import Inside
from portal.keys import Keys
from portal.outbox import Outbox
from portal.tables import address_change

MOST_ADDRESSES = 5
RETRY = timedelta(minutes=15)  # longer than any request; then one that was begun is looked at again
End = Literal["applied", "refused", "handed_over"]
State = Literal["waiting", "applying", "cancelled", "replaced"] | End

_END = Statement(
    update(address_change)
    .where(
        address_change.c.account_id == bindparam("whose"),
        address_change.c.state == "waiting",
        or_(bindparam("only", type_=String) == "", address_change.c.id == bindparam("only", type_=String)),
    )
    .values(state=bindparam("how"), closed=bindparam("now"), open_key=null())
    .returning(address_change.c.id)
)


@dataclass(frozen=True, kw_only=True)
class AddressChange:
    """One change. `old` or `new` may be empty: added, or removed."""

    id: str
    account_id: str
    old: str
    new: str
    channels: frozenset[str]  # over which whoever asked was proved
    replaced: bool  # took the place of an earlier one
    state: State
    due: datetime
    tried: datetime | None


class AddressChanges(HoldsAddressChanges, Inside):
    """The waiting changes, in the portal's database. At most one waits for each account."""

    def __init__(
        self,
        keys: Keys,
        outbox: Outbox,
        clock: Callable[[], datetime],
        wait: timedelta,
        tx: Connection | None = None,
    ) -> None:
        self._keys = keys
        self._outbox = outbox
        self._clock = clock
        self._wait = wait
        self._tx = tx

    def within(self, tx: Connection) -> Self:
        return type(self)(self._keys, self._outbox, self._clock, self._wait, tx)

    def ask_address_change(self, account: Account, change_id: str, *, old: str, new: str, channels: str) -> None:
        tx, now = self._here(), self._clock()
        _check(account, old, new)
        replaced = _end(tx, account.id, "replaced", now)
        content = {"old": old, "new": new, "channels": channels, "replaced": bool(replaced)}
        row = {
            "id": change_id,
            "account_id": account.id,
            "open_key": account.id,
            "content": self._keys.seal("address", content),
            "state": "waiting",
            "asked": now,
            "due": now + self._wait,
        }
        try:
            tx.execute(insert(address_change).values(row))
        except IntegrityError:  # another one is being asked for, or carried out, at this very moment
            raise ConnectorError("address_in_progress") from None
        self._outbox.put(tx, "address_waits", {"change_id": change_id})

    def cancel_address_change(self, account: Account, change_id: str) -> None:
        tx = self._here()
        if not _end(tx, account.id, "cancelled", self._clock(), change_id):
            raise ConnectorError("address_not_waiting")
        self._outbox.put(tx, "address_ended", {"change_id": change_id})

    def told(self, tx: Connection, change_id: str) -> None:
        """Its owner has been told at every address: only now the time begins to run."""
        now, c = self._clock(), address_change.c
        untold = (c.id == change_id) & (c.state == "waiting") & c.told.is_(None)
        _run(tx, update(address_change).where(untold).values(told=now, due=now + self._wait))

    def get(self, db: Connection, change_id: str) -> AddressChange | None:
        row = db.execute(select(address_change).where(address_change.c.id == change_id)).first()
        return self._change(row) if row else None

    def waiting(self, db: Connection, account_id: str) -> AddressChange | None:
        """The change that waits for this account, or is being carried out."""
        row = db.execute(select(address_change).where(address_change.c.open_key == account_id)).first()
        return self._change(row) if row else None

    def due(self, db: Connection) -> list[AddressChange]:
        """Those whose time has come, and whose owner was told; those that were tried in vain wait a little."""
        now, c = self._clock(), address_change.c
        rested = or_(c.tried.is_(None), c.tried < now - RETRY)
        open_ = c.state.in_(("waiting", "applying")) & c.told.is_not(None)
        return [self._change(row) for row in db.execute(select(address_change).where(open_, c.due <= now, rested))]

    def take(self, tx: Connection, change: AddressChange) -> bool:
        """Begin to carry it out: from here on it cannot be cancelled. False if somebody was quicker."""
        same = address_change.c.tried.is_(None) if change.tried is None else address_change.c.tried == change.tried
        here = (address_change.c.id == change.id) & (address_change.c.state == change.state) & same
        return _run(tx, update(address_change).where(here).values(state="applying", tried=self._clock()))

    def give_back(self, tx: Connection, change: AddressChange) -> None:
        """Nothing was changed; it waits again, and can be cancelled again."""
        here = (address_change.c.id == change.id) & (address_change.c.state == "applying")
        _run(tx, update(address_change).where(here).values(state="waiting"))

    def close(self, tx: Connection, change: AddressChange, state: End) -> None:
        here = (address_change.c.id == change.id) & (address_change.c.state == "applying")
        closed = {"state": state, "closed": self._clock(), "open_key": None}
        if _run(tx, update(address_change).where(here).values(closed)) and state == "refused":
            self._outbox.put(tx, "address_ended", {"change_id": change.id})

    def cancel_all(self, tx: Connection, account_id: str) -> None:
        """Nothing asked for before counts any more: a new password, or 'it was not me'."""
        for change_id in _end(tx, account_id, "cancelled", self._clock()):
            self._outbox.put(tx, "address_ended", {"change_id": change_id})

    def _here(self) -> Connection:
        if self._tx is None:
            raise RuntimeError("only within a transaction")
        return self._tx

    def _change(self, row: Row[Any]) -> AddressChange:
        content = self._keys.open("address", row.content)
        return AddressChange(
            id=row.id,
            account_id=row.account_id,
            old=content["old"],
            new=content["new"],
            channels=frozenset(content["channels"].split()),
            replaced=content["replaced"],
            state=row.state,
            due=row.due,
            tried=row.tried,
        )


def _check(account: Account, old: str, new: str) -> None:
    """What the page has checked before, with the account as it is now. Raises ConnectorError with a reason code."""
    held = {address.casefold() for address in account.recovery_mail}
    if old and old not in account.own_mail:
        raise ConnectorError("address_gone")
    if new and new.casefold() in held:
        raise ConnectorError("address_known")
    if not new and len(held) < 2:
        raise ConnectorError("last_address")
    if not old and len(held) >= MOST_ADDRESSES:
        raise ConnectorError("too_many_addresses")


def _end(tx: Connection, account_id: str, state: State, now: datetime, change_id: str = "") -> list[str]:
    """End what waits for an account, or just this one; what is being carried out is no longer waiting."""
    which = {"whose": account_id, "only": change_id, "how": state, "now": now}
    return [str(row[0]) for row in _END.rows(tx, which)]


def _run(tx: Connection, statement: Any) -> bool:
    return bool(tx.execute(statement).rowcount == 1)
