"""The parts of the shift plan and of reviews, put together."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors import Connectors
from portal.books import Books
from portal.duty.absences import Absences
from portal.duty.coverage import Coverage
from portal.duty.due import Due
from portal.duty.handover import Handovers
from portal.duty.reviews import Reviews
from portal.duty.shifts import Shifts
from portal.duty.swaps import Swaps
from portal.extending.sponsors import Sponsors
from portal.settings.installation import Settings
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
    books: Books,
    *,
    due: Due,
    absences: Absences,
    connectors: Connectors,
    sponsors: Sponsors,
    counter: Counter,
) -> Duty:
    zone = ZoneInfo(settings.time_zone)
    shifts = Shifts(books, due=due, absences=absences)
    return Duty(
        shifts=shifts,
        swaps=Swaps(books, shifts=shifts),
        coverage=Coverage(
            books, settings=settings.shifts, to=settings.shifts.mail or settings.desk.mail, zone=zone, shifts=shifts
        ),
        reviews=Reviews(
            books,
            settings=settings.reviews,
            zone=zone,
            connectors=connectors,
            sponsors=sponsors,
            absences=absences,
            counter=counter,
        ),
        handovers=Handovers(shifts, books),
    )
