"""One of ten codes on paper; each works once. 80 random bits, so a plain keyed fingerprint is enough to store."""

import base64
import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select, update

from portal.factor import Factor, Subject
from portal.keys import Keys
from portal.tables import factor, recovery_code
from portal.web.forms import code

HOW_MANY = 10


class Form(FlaskForm):
    code = code(_l("Recovery code"), autocomplete="off")


class RecoveryCode(Factor):
    name = "recovery_code"
    title = _l("Recovery codes")
    channel = "paper"
    Form = Form

    def verify(self, subject: Subject, answer: str) -> str | None:
        digest = fingerprint(self.shelf.keys, answer)
        unused = select(factor.c.id).where(
            factor.c.id == recovery_code.c.factor_id,
            factor.c.account_id == subject.account_id,
            factor.c.disabled.is_(None),
            factor.c.confirmed.is_not(None),
        )
        now = self.shelf.clock()
        with self.shelf.database.write() as tx:
            used = tx.execute(
                update(recovery_code)
                .where(recovery_code.c.digest == digest, recovery_code.c.used.is_(None), unused.exists())
                .values(used=now)
                .returning(recovery_code.c.factor_id)
            ).scalar_one_or_none()
            if used:
                tx.execute(update(factor).where(factor.c.id == used).values(last_used=now))
        return used


def new_codes() -> list[str]:
    """Ten codes as they are printed: abcd-efgh-ijkl-mnop, 80 bits each."""
    raw = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(HOW_MANY)]
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in raw]


def fingerprint(keys: Keys, answer: str) -> str:
    """What is stored of a code. Spaces, hyphens, case and misreadings (0 for o, 1 for l, 8 for b) do not matter."""
    plain = "".join(c for c in answer.lower() if c.isalnum()).translate(str.maketrans("018", "olb"))
    return keys.digest("recovery-code", plain)
