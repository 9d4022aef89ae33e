"""Found entries over time: hours, days, weeks or months, with how things ended in each."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MOST = 50  # columns of the picture; each must be wide enough to be hit
Step = Callable[[datetime], datetime]


@dataclass
class Period:
    """A span of time in the organisation's zone, and how many entries ended how in it."""

    start: datetime
    end: datetime
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()


def periods(found: Iterable[tuple[datetime, str]], zone: ZoneInfo) -> tuple[str, list[Period]]:
    """The smallest unit that gives few enough periods, and all of them from the first entry to the last."""
    entries = sorted((at.astimezone(zone), outcome) for at, outcome in found)
    if not entries:
        return "hour", []
    first, last = entries[0][0], entries[-1][0]
    for unit, (floor, following) in UNITS.items():
        row = _row(floor(first), last, following)
        if len(row) <= MOST or unit == "month":
            break
    place = 0
    for at, outcome in entries:
        while at >= row[place].end:
            place += 1
        row[place].counts[outcome] += 1
    return unit, row


def _row(start: datetime, last: datetime, following: Step) -> list[Period]:
    row: list[Period] = []
    while start <= last and len(row) <= 1000:
        end = following(start)
        row.append(Period(start, end))
        start = end
    return row


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _week(at: datetime) -> datetime:
    return _day(at) - timedelta(days=at.weekday())


def _month(at: datetime) -> datetime:
    return _day(at).replace(day=1)


UNITS: dict[str, tuple[Step, Step]] = {  # where a period begins, and where the next one does
    "hour": (_hour, lambda at: at + timedelta(hours=1)),
    "day": (_day, lambda at: at + timedelta(days=1)),
    "week": (_week, lambda at: at + timedelta(weeks=1)),
    "month": (_month, lambda at: _month(at + timedelta(days=32))),
}
