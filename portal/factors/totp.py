"""Six digits from an authenticator app (RFC 6238). Each time step is accepted once."""

import hmac
from collections.abc import Iterator

import pyotp
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select, update

from portal.factor import Factor, Shelf, Subject
from portal.tables import factor
from portal.web.forms import code

STEP = 30  # seconds, what every authenticator app uses
SKEW = 1  # steps either way: the phone's clock may be off by that much, and people type slowly


class Form(FlaskForm):
    code = code(_l("Six-digit code"), inputmode="numeric", autocomplete="one-time-code")


class Totp(Factor):
    name = "totp"
    title = _l("Authenticator app")
    channel = "phone"
    Form = Form

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf)
        self._nobodys = shelf.keys.seal("factor", pyotp.random_base32())

    def verify(self, subject: Subject, answer: str) -> str | None:
        digits = "".join(answer.split())
        step = int(self.shelf.clock().timestamp()) // STEP
        for factor_id, secret in self._enrolled(subject.account_id):
            matched = matching_step(secret, digits, step)
            if matched is not None and self._consume(factor_id, matched):
                return factor_id
        return None

    def _enrolled(self, account_id: str) -> Iterator[tuple[str, str]]:
        """The person's secrets; for one who has none a secret nobody holds, so that the work is the same."""
        query = select(factor.c.id, factor.c.secret).where(
            factor.c.account_id == account_id,
            factor.c.kind == self.name,
            factor.c.confirmed.is_not(None),
            factor.c.disabled.is_(None),
        )
        with self.shelf.database.read() as db:
            rows = [(row.id, row.secret) for row in db.execute(query)]
        for factor_id, sealed in rows or [("", self._nobodys)]:
            yield factor_id, str(self.shelf.keys.open("factor", sealed))

    def _consume(self, factor_id: str, step: int) -> bool:
        with self.shelf.database.write() as tx:
            used = tx.execute(
                update(factor)
                .where(factor.c.id == factor_id, factor.c.last_step < step)
                .values(last_step=step, last_used=self.shelf.clock())
            )
            return bool(used.rowcount == 1)


def matching_step(secret: str, digits: str, step: int) -> int | None:
    """The time step within the allowed skew whose code is `digits`; all are compared, in constant time."""
    totp = pyotp.TOTP(secret)
    steps = range(step - SKEW, step + SKEW + 1)
    matches = [s for s in steps if hmac.compare_digest(totp.generate_otp(s).encode(), digits.encode())]
    return matches[-1] if matches else None
