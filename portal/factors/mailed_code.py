"""A code mailed to the recovery address on file. Looked up, made and sent in the background."""

import hmac
import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import Connection, select, update

from portal.factor import Factor, Subject
from portal.tables import mailed_code
from portal.web.forms import code

MOST_TRIES = 10  # of a million: one in a hundred thousand


class Form(FlaskForm):
    code = code(_l("Six-digit code"), inputmode="numeric", autocomplete="one-time-code")


class MailedCode(Factor):
    name = "mailed_code"
    title = _l("Code by e-mail")
    channel = "mail"
    Form = Form

    def begin(self, tx: Connection, subject: Subject) -> None:
        self.shelf.outbox.put(tx, "mailed_code", {"walk_id": subject.walk_id})

    def verify(self, subject: Subject, answer: str) -> str | None:
        digest = self.shelf.keys.digest(f"mailed-code/{subject.walk_id}", "".join(answer.split()))
        now = self.shelf.clock()
        good = (
            (mailed_code.c.walk_id == subject.walk_id)
            & (mailed_code.c.account_id == subject.account_id)
            & mailed_code.c.used.is_(None)
            & (mailed_code.c.ends > now)
            & (mailed_code.c.tries < MOST_TRIES)
        )
        with self.shelf.database.write() as tx:
            tx.execute(update(mailed_code).where(good).values(tries=mailed_code.c.tries + 1))
            stored = tx.execute(
                select(mailed_code.c.digest, mailed_code.c.tries).where(
                    mailed_code.c.walk_id == subject.walk_id,
                    mailed_code.c.used.is_(None),
                    mailed_code.c.ends > now,
                    mailed_code.c.account_id == subject.account_id,
                )
            ).first()
            right = hmac.compare_digest(stored.digest if stored else "0" * 32, digest)
            if not (stored and right and stored.tries <= MOST_TRIES):
                return None
            tx.execute(update(mailed_code).where(mailed_code.c.walk_id == subject.walk_id).values(used=now))
        return f"mail:{subject.account_id}"


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"
