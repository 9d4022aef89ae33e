"""Links to a new password, for people whom the service desk has checked. The token is in the link and nowhere else."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from audit.statements import Statement
from connectors.account import Account
from connectors.errors import ConnectorError
from portal.callers.tables import password_link
from portal.inside import IssuesPasswordLinks
from portal.keys import Keys
from portal.outbox import Outbox
from portal.settings.callers import CallerCheck
from portal.sign_in.walks import Proof

BYTES = 32  # 256 bits
LINKED = {  # what a link proves, in words
    "service_desk": _l("The service desk"),
    "mailed_link": _l("A link by mail"),
    "handed_link": _l("A link at the counter"),
}
CHANNELS = {"mail": ("mailed_link", "mail"), "shown": ("handed_link", "paper")}  # how it came: factor and channel

_USE_ALL = Statement(
    update(password_link)
    .where(password_link.c.account_id == bindparam("whose"), password_link.c.used.is_(None))
    .values(used=bindparam("now"))
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link that works."""

    id: str
    account_id: str
    way: str
    ends: datetime

    def proofs(self, now: datetime) -> tuple[Proof, ...]:
        """What somebody has proved who came by it: the check of the service desk, and the way the link came."""
        factor, channel = CHANNELS[self.way]
        desk = Proof(factor="service_desk", factor_id=self.id, channel="person", at=now)
        return (desk, Proof(factor=factor, factor_id=self.id, channel=channel, at=now))


class PasswordLinks(IssuesPasswordLinks):
    """Kept in the portal's database, as fingerprints."""

    def __init__(
        self,
        settings: CallerCheck,
        keys: Keys,
        outbox: Outbox,
        clock: Callable[[], datetime],
        tx: Connection | None = None,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._outbox = outbox
        self._clock = clock
        self._tx = tx

    def within(self, tx: Connection) -> Self:
        return type(self)(self._settings, self._keys, self._outbox, self._clock, tx)

    def issue(self, account: Account, way: str) -> None:
        if self._tx is None:
            raise ConnectorError("outside a transaction")
        if way == "mail" and not account.recovery_mail:
            raise ConnectorError("no_private_address")
        now = self._clock()
        make_void(self._tx, account.id, now)
        minutes = self._settings.link_minutes if way == "mail" else self._settings.shown_minutes
        row = {"id": secrets.token_hex(16), "account_id": account.id, "way": way, "digest": None, "used": None}
        self._tx.execute(insert(password_link).values(row | {"ends": now + timedelta(minutes=minutes)}))
        if way == "mail":
            self._outbox.put(self._tx, "password_link", {"link_id": row["id"]})

    def to_mail(self, tx: Connection, link_id: str) -> tuple[Link, str] | None:
        """A link on its way and its token, made now: a second try makes the first one's token worthless."""
        return self._arm(tx, password_link.c.id == link_id)

    def to_show(self, tx: Connection, account_id: str) -> tuple[Link, str] | None:
        """The link just made for somebody at the counter, and its token; None once it has been shown."""
        waiting = (password_link.c.account_id == account_id) & (password_link.c.way == "shown")
        return self._arm(tx, waiting & password_link.c.digest.is_(None))

    def find(self, db: Connection, token: str) -> Link | None:
        """The link of this token, if it still works."""
        which = password_link.c.digest == self._digest(token)
        row = db.execute(select(password_link).where(which, *self._works())).first()
        return Link(id=row.id, account_id=row.account_id, way=row.way, ends=row.ends) if row else None

    def use(self, tx: Connection, link: Link) -> bool:
        """Use it up; False if somebody was quicker, or it is over."""
        mine = update(password_link).where(password_link.c.id == link.id, *self._works())
        return tx.execute(mine.values(used=self._clock())).rowcount == 1

    def _arm(self, tx: Connection, which: ColumnElement[bool]) -> tuple[Link, str] | None:
        row = tx.execute(select(password_link).where(which, *self._works()).with_for_update()).first()
        if row is None:
            return None
        token = secrets.token_urlsafe(BYTES)
        tx.execute(update(password_link).where(password_link.c.id == row.id).values(digest=self._digest(token)))
        return Link(id=row.id, account_id=row.account_id, way=row.way, ends=row.ends), token

    def _works(self) -> tuple[ColumnElement[bool], ...]:
        return (password_link.c.used.is_(None), password_link.c.ends > self._clock())

    def _digest(self, token: str) -> str:
        return self._keys.digest("password-link", token)


def make_void(tx: Connection, account_id: str, now: datetime) -> None:
    """No link of this account works any more."""
    _USE_ALL.run(tx, {"whose": account_id, "now": now})
