"""Working time: what lies between two moments once nights, weekends and holidays are left out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from portal.settings.duty import Calendar

DAY = timedelta(days=1)


class WorkingHours:
    """One calendar in one time zone. Pure: every answer follows from the moment that is asked about."""

    def __init__(self, calendar: Calendar, zone: ZoneInfo) -> None:
        self._calendar = calendar
        self.zone = ZoneInfo(calendar.time_zone) if calendar.time_zone else zone
        self._closed = frozenset(calendar.closed)

    def add(self, moment: datetime, work: timedelta) -> datetime:
        """The first moment by which this much working time has passed."""
        if work <= timedelta():
            return moment
        for start, end in self._spans(moment):
            if end - start >= work:
                return start + work
            work -= end - start
        raise AssertionError  # the spans never end

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every stretch of work from one moment to another."""
        for first, last in self._spans(start):
            if first >= end:
                return
            yield first, min(last, end)

    def is_free(self, day: date) -> bool:
        """Whether nobody is at work, whatever day of the week it is: a holiday, or a day that is closed."""
        return day in self._closed or day in _holidays(self._calendar.country, self._calendar.subdivision, day.year)

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every stretch of work from this moment on, in UTC, in order, none of them overlapping."""
        first = moment.astimezone(self.zone).date() - DAY
        reached = moment
        for number in count():
            for start, end in self._spans_of(first + number * DAY):
                # Where clocks go forward, hours that do not exist fall together with those behind them.
                start = max(start, reached) if start < reached < end else start
                if start >= reached and end > start:
                    yield start, end
                    reached = end

    def _spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.is_free(day):
            return
        for first, last in self._calendar.spans(day.weekday()):
            start = datetime.combine(day, first, self.zone)
            end = datetime.combine(day, last, self.zone) if last else datetime.combine(day + DAY, first.min, self.zone)
            yield start.astimezone(UTC), end.astimezone(UTC)


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    from holidays import country_holidays  # takes a tenth of the time in which a web process starts

    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
