"""What speaks against a caller: how to reach the person was changed lately, or somebody failed to be them."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from audit import pseudonyms, reading
from audit.log import AuditLog
from portal.callers.scoring import ALARM_KINDS, since
from portal.callers.tables import FAILED, caller_check
from portal.settings.callers import CallerCheck

MOST_ENTRIES = 20


def alarms_of(db: Connection, log: AuditLog, settings: CallerCheck, account_id: str, now: datetime) -> list[str]:
    """Codes of what happened to this person lately."""
    failed = ["failed_check"] if failures_of(db, settings, account_id, now) else []
    subject = pseudonyms.find(db, log.keyring, account_id)
    if subject is None:
        return failed
    wanted = reading.Wanted(MOST_ENTRIES, subject=subject, phases=reading.SEEN, kinds=tuple(ALARM_KINDS))
    entries = reading.read(db, log.keyring, reading.find(db, wanted))
    recent = since(settings, now)
    return [ALARM_KINDS[one.kind] for one in entries if one.outcome == "success" and one.time > recent] + failed


def failures_of(db: Connection, settings: CallerCheck, account_id: str, now: datetime) -> int:
    """How many checks of this person failed lately."""
    recent = caller_check.c.begun > since(settings, now)
    failed = (caller_check.c.account_id == account_id, caller_check.c.state == FAILED, recent)
    return int(db.execute(select(func.count()).select_from(caller_check).where(*failed)).scalar_one())
