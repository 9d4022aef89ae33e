"""The portal's own shelf of enrolled factors and open sessions, as connectors the desk can use."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import pyotp
from sqlalchemy import Connection, delete, func, insert, select, update

from connectors.account import Account
from connectors.capabilities import ClosesSessions, KeepsFactors
from connectors.errors import ConnectorError, Forbidden
from portal.factors.recovery_code import fingerprint, new_codes
from portal.inside import Inside
from portal.keys import Keys
from portal.sign_in import sessions
from portal.tables import factor, recovery_code


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """One enrolled factor as its owner sees it. `left` counts unused recovery codes."""

    id: str
    kind: str
    name: str
    enrolled: datetime
    last_used: datetime | None
    on: bool
    left: int | None = None


class OwnFactors(KeepsFactors, Inside):
    """Factors in the portal's database."""

    def __init__(self, keys: Keys, clock: Callable[[], datetime], tx: Connection | None = None) -> None:
        self._keys = keys
        self._clock = clock
        self._tx = tx

    def within(self, tx: Connection) -> Self:
        return type(self)(self._keys, self._clock, tx)

    def of(self, db: Connection, account_id: str) -> list[Enrolled]:
        """The person's factors that passed their check code, oldest first."""
        unused = (
            select(func.count())
            .where(recovery_code.c.factor_id == factor.c.id, recovery_code.c.used.is_(None))
            .scalar_subquery()
        )
        query = (
            select(factor, unused.label("left"))
            .where(factor.c.account_id == account_id, factor.c.confirmed.is_not(None))
            .order_by(factor.c.enrolled)
        )
        return [
            Enrolled(
                id=r.id,
                kind=r.kind,
                name=r.name,
                enrolled=r.enrolled,
                last_used=r.last_used,
                on=r.disabled is None,
                left=r.left if r.kind == "recovery_code" else None,
            )
            for r in db.execute(query)
        ]

    def begin_totp(self, tx: Connection, account_id: str, name: str, secret: str = "") -> tuple[str, str]:
        """Store a secret that does not count yet; return its id and the secret in base32."""
        secret = secret or pyotp.random_base32()
        return self._insert(tx, account_id, "totp", name, self._keys.seal("factor", secret)), secret

    def begin_codes(
        self, tx: Connection, account_id: str, name: str, codes: list[str] | None = None
    ) -> tuple[str, list[str]]:
        """Store ten new recovery codes that do not count yet; return the id and the codes, shown once."""
        codes = codes or new_codes()
        factor_id = self._insert(tx, account_id, "recovery_code", name, None)
        tx.execute(
            insert(recovery_code), [{"digest": fingerprint(self._keys, c), "factor_id": factor_id} for c in codes]
        )
        return factor_id, codes

    def secret_of(self, db: Connection, account_id: str, factor_id: str) -> str | None:
        """The secret of a TOTP that waits for its check code; never of one that counts."""
        row = db.execute(
            select(factor.c.secret).where(
                factor.c.id == factor_id,
                factor.c.account_id == account_id,
                factor.c.confirmed.is_(None),
                factor.c.kind == "totp",
            )
        ).first()
        return str(self._keys.open("factor", row.secret)) if row else None

    def confirm_factor(self, account: Account, factor_id: str) -> None:
        now = self._clock()
        kind = self._change(account, factor_id, confirmed=now)
        if kind == "recovery_code":  # new codes replace the old ones
            self._db.execute(
                delete(factor).where(factor.c.account_id == account.id, factor.c.kind == kind, factor.c.id != factor_id)
            )

    def rename_factor(self, account: Account, factor_id: str, name: str) -> None:
        self._change(account, factor_id, name=name)

    def switch_factor(self, account: Account, factor_id: str, *, on: bool) -> None:
        self._change(account, factor_id, disabled=None if on else self._clock())

    def remove_factor(self, account: Account, factor_id: str) -> None:
        gone = self._db.execute(delete(factor).where(factor.c.id == factor_id, factor.c.account_id == account.id))
        if gone.rowcount != 1:
            raise Forbidden("no such factor of this person")

    @property
    def _db(self) -> Connection:
        if self._tx is None:
            raise ConnectorError("used outside a transaction")
        return self._tx

    def _change(self, account: Account, factor_id: str, **values: Any) -> str:
        kind = self._db.execute(
            update(factor)
            .where(factor.c.id == factor_id, factor.c.account_id == account.id)
            .values(**values)
            .returning(factor.c.kind)
        ).scalar_one_or_none()
        if kind is None:
            raise Forbidden("no such factor of this person")
        return str(kind)

    def _insert(self, tx: Connection, account_id: str, kind: str, name: str, secret: bytes | None) -> str:
        factor_id = secrets.token_hex(16)
        tx.execute(
            insert(factor).values(
                id=factor_id, account_id=account_id, kind=kind, name=name, secret=secret, enrolled=self._clock()
            )
        )
        return factor_id


class OwnSessions(ClosesSessions, Inside):
    """Sessions in the portal's database."""

    def __init__(self, tx: Connection | None = None) -> None:
        self._tx = tx

    def within(self, tx: Connection) -> Self:
        return type(self)(tx)

    def close_session(self, account: Account, session_id: str) -> None:
        sessions.end_one(self._db, account.id, session_id)

    def close_sessions(self, account: Account, *, keep: str) -> None:
        sessions.end_all(self._db, account.id, keep=keep)

    @property
    def _db(self) -> Connection:
        if self._tx is None:
            raise ConnectorError("used outside a transaction")
        return self._tx
