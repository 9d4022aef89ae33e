"""The parts of the shift plan and of reviews, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from audit.log import AuditLog
from connectors import Connectors
from portal.database import Database
from portal.duty.absences import Absences
from portal.duty.coverage import Coverage
from portal.duty.due import Due
from portal.duty.handover import Handovers
from portal.duty.reviews import Reviews
from portal.duty.shifts import Shifts
from portal.duty.swaps import Swaps
from portal.keys import Keys
from portal.outbox import Outbox
from portal.settings import Settings
from portal.sponsors import Sponsors
from portal.tickets.counter import Counter


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What tells who is on duty, and what is asked for again and again."""

    shifts: Shifts
    swaps: Swaps
    coverage: Coverage
    reviews: Reviews
    handovers: Handovers


def duty_of(
    settings: Settings,
    *,
    due: Due,
    absences: Absences,
    connectors: Connectors,
    sponsors: Sponsors,
    counter: Counter,
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
    reviews = Reviews(
        settings=settings.reviews,
        zone=ZoneInfo(settings.time_zone),
        connectors=connectors,
        sponsors=sponsors,
        absences=absences,
        counter=counter,
        database=database,
        log=log,
        keys=keys,
        outbox=outbox,
        clock=clock,
    )
    handovers = Handovers(shifts, database=database, keys=keys, clock=clock)
    return Duty(shifts=shifts, swaps=swaps, coverage=coverage, reviews=reviews, handovers=handovers)
