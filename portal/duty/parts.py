"""The shift plan's parts, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from audit.log import AuditLog
from portal.database import Database
from portal.duty.absences import Absences
from portal.duty.coverage import Coverage
from portal.duty.due import Due
from portal.duty.shifts import Shifts
from portal.duty.swaps import Swaps
from portal.keys import Keys
from portal.outbox import Outbox
from portal.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What tells who is on duty."""

    shifts: Shifts
    swaps: Swaps
    coverage: Coverage


def duty_of(
    settings: Settings,
    *,
    due: Due,
    absences: Absences,
    database: Database,
    log: AuditLog,
    keys: Keys,
    outbox: Outbox,
    clock: Callable[[], datetime],
) -> Duty:
    shifts = Shifts(due=due, absences=absences, database=database, log=log, keys=keys, outbox=outbox, clock=clock)
    coverage = Coverage(
        settings=settings.shifts,
        to=settings.shifts.mail or settings.desk.mail,
        zone=ZoneInfo(settings.time_zone),
        shifts=shifts,
        database=database,
        outbox=outbox,
        clock=clock,
    )
    swaps = Swaps(shifts=shifts, database=database, keys=keys, clock=clock)
    return Duty(shifts=shifts, swaps=swaps, coverage=coverage)
