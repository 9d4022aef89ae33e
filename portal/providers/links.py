"""Whose account somebody at a provider is linked with: said by its owner once, on record, and never guessed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from connectors.account import Account
from connectors.errors import ConnectorError
from portal.inside import KeepsProviders
from portal.providers.tables import provider_link


@dataclass(frozen=True, kw_only=True)
class Link:
    """One person at a provider, and the account that is theirs."""

    id: str
    account_id: str
    issuer: str
    shown: str
    linked: datetime
    last_used: datetime | None


class ProviderLinks(KeepsProviders):
    """Links in the portal's database."""

    def __init__(self, clock: Callable[[], datetime], tx: Connection | None = None) -> None:
        self._clock = clock
        self._tx = tx

    def within(self, tx: Connection) -> Self:
        return type(self)(self._clock, tx)

    def find(self, db: Connection, issuer: str, subject: str) -> Link | None:
        """The link of this person at this provider."""
        theirs = (provider_link.c.issuer == issuer) & (provider_link.c.subject == subject)
        row = db.execute(select(provider_link).where(theirs)).first()
        return _link(row) if row else None

    def of(self, db: Connection, account_id: str) -> list[Link]:
        """The links of an account, oldest first."""
        query = select(provider_link).where(provider_link.c.account_id == account_id).order_by(provider_link.c.linked)
        return [_link(row) for row in db.execute(query)]

    def used(self, tx: Connection, link: Link) -> None:
        tx.execute(update(provider_link).where(provider_link.c.id == link.id).values(last_used=self._clock()))

    def link_provider(self, account: Account, issuer: str, subject: str, shown: str) -> None:
        row = {"id": secrets.token_hex(16), "account_id": account.id, "issuer": issuer, "subject": subject}
        try:
            self._db.execute(insert(provider_link).values(row | {"shown": shown, "linked": self._clock()}))
        except IntegrityError:
            raise ConnectorError("provider_taken") from None

    def unlink_provider(self, account: Account, link_id: str) -> None:
        theirs = (provider_link.c.id == link_id) & (provider_link.c.account_id == account.id)
        if self._db.execute(delete(provider_link).where(theirs)).rowcount != 1:
            raise ConnectorError("provider_gone")

    @property
    def _db(self) -> Connection:
        if self._tx is None:
            raise ConnectorError("used outside a transaction")
        return self._tx


def _link(row: object) -> Link:
    return Link(**{name: getattr(row, name) for name in Link.__dataclass_fields__})
