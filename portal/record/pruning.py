"""Takes out of the record each day, at the hour of the settings, what has had its time; without one nothing.

What goes is told first, and nothing goes before that is signed: so a pass tells, and one a minute later takes out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import structlog

from audit.log import AuditLog
from audit.prune import Ages, Prune, last_told
from portal.database import Database
from portal.forgetting import StillHeld, sweep_away
from portal.settings.record import Retention

HELD = timedelta(hours=1)  # until the files are tried again: writing large ones anew keeps people waiting
CHUNKS = 40  # in one pass, about 100,000 entries: the worker has more to do in this minute


class Pruning:
    """What the worker does about it once a minute. Any number of workers may."""

    def __init__(
        self, settings: Retention, zone: ZoneInfo, database: Database, log: AuditLog, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._database = database
        self._log = log
        self._clock = clock
        self._sweep_at: datetime | None = None  # the files, once what was to go has gone
        self._logger = structlog.get_logger("pruning")

    def run(self) -> None:
        """Tell what is to go today, if nobody has; take out what was told."""
        if self._settings.at is None:
            return
        now = self._clock()
        ages = Ages(self._settings.days, self._settings.kinds)
        work = Prune(self._log, self._database.read, self._database.write, ages, now)
        if self._is_time(now):
            work.tell()
        if work.unsigned() is not None:
            return
        chunks = work.run()
        if gone := list(islice(chunks, CHUNKS)):
            self._sweep_at = now
            self._logger.info("pruned", kind=gone[-1].kind, done=gone[-1].done, told=gone[-1].told)
        if self._sweep_at and self._sweep_at <= now and len(gone) < CHUNKS:  # that was all
            self._sweep(now)

    def _sweep(self, now: datetime) -> None:
        try:
            sweep_away(self._database, seconds=1)
            self._sweep_at = None
        except StillHeld as held:
            self._logger.warning("not_swept", detail=str(held))
            self._sweep_at = now + HELD

    def _is_time(self, now: datetime) -> bool:
        local = now.astimezone(self._zone)
        due = datetime.combine(local.date(), self._settings.at or local.time(), self._zone)
        with self._database.read() as db:
            before = last_told(db)
        return now >= due and (before is None or before < due)
