"""Throws away what has had its time: ended sessions, closed walks, used codes, delivered mails."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.callers.tables import password_link
from portal.database import Database
from portal.duty.tables import gap_told, shift, shift_change
from portal.mail_in.tables import mail_seen
from portal.providers.tables import provider_question
from portal.record.tables import export
from portal.tables import (
    absence,
    address_change,
    factor,
    kept_account,
    limit,
    mailed_code,
    notice_sent,
    outbox,
    session,
    used_link,
    walk,
)

KEEP_DELIVERED = timedelta(days=14)  # long enough to see what was sent, short enough not to pile up
KEEP_WALKS = timedelta(days=1)
KEEP_LINKS = timedelta(days=30)  # longer than any link works
KEEP_SEEN = timedelta(days=90)  # longer than tickets take
KEEP_CHANGES = timedelta(days=30)
KEEP_UNCONFIRMED = timedelta(hours=1)


def sweep(database: Database, now: datetime) -> None:
    """One pass, each table in a transaction of its own."""
    for statement in (
        delete(session).where(session.c.ends < now),
        delete(mailed_code).where(mailed_code.c.ends < now - KEEP_WALKS),
        delete(walk).where(walk.c.ends < now - KEEP_WALKS),
        delete(kept_account).where(kept_account.c.seen < now - KEEP_SEEN),
        delete(limit).where(limit.c.ends < now),
        delete(outbox).where(outbox.c.done < now - KEEP_DELIVERED),
        delete(used_link).where(used_link.c.used < now - KEEP_LINKS),
        delete(address_change).where(address_change.c.closed < now - KEEP_CHANGES),
        delete(notice_sent).where(notice_sent.c.ends_on < (now - KEEP_SEEN).date()),
        delete(absence).where(absence.c.last < (now - KEEP_CHANGES).date()),
        delete(export).where(export.c.ends < now),
        delete(gap_told).where(gap_told.c.ends < now),
        delete(shift_change).where(shift_change.c.day < (now - KEEP_SEEN).date()),
        delete(shift).where(shift.c.last < (now - KEEP_SEEN).date()),
        delete(provider_question).where(provider_question.c.ends < now),
        delete(mail_seen).where(mail_seen.c.at < now - KEEP_SEEN),
        delete(password_link).where(password_link.c.ends < now - KEEP_WALKS),
        delete(factor).where(factor.c.confirmed.is_(None), factor.c.enrolled < now - KEEP_UNCONFIRMED),
    ):
        with database.write() as tx:
            tx.execute(statement)
