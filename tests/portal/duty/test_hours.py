"""Working time skips nights, weekends and holidays, and neither loses nor makes an hour when the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.duty.due import Due
from portal.duty.hours import WorkingHours
from portal.settings.desk import Desk
from portal.settings.duty import WEEKDAYS, Approvals, Calendar

OSLO = ZoneInfo("Europe/Oslo")
ZONES = ("Europe/Oslo", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
OFFICE = WorkingHours(Calendar(country="NO"), OSLO)
MINUTE = timedelta(minutes=1)


def opens(hours: WorkingHours, moment: datetime) -> datetime:
    """This moment if somebody is at work, otherwise the next one at which somebody is."""
    return hours.add(moment, timedelta.resolution) - timedelta.resolution


def oslo(*when: int) -> datetime:
    return datetime(*when, tzinfo=OSLO)  # type: ignore[misc]


@st.composite
def calendars(draw: st.DrawFn, *, from_hour: int = 0) -> Calendar:
    """Any hours of a week; from 4 o'clock on no clock has ever been changed in these zones but at midnight."""
    hours = {}
    for day in draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True)):
        marks = sorted(draw(st.sets(st.integers(from_hour * 4, 96), min_size=2, max_size=6)))
        ends = [f"{n // 4:02}:{n % 4 * 15:02}" for n in marks]
        hours[day] = tuple("-".join(pair) for pair in zip(ends[::2], ends[1::2], strict=False))
    country = draw(st.sampled_from(("", "NO", "SE", "CL")))
    closed = draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=3))
    zone = draw(st.sampled_from(ZONES))
    return Calendar.model_validate({"hours": hours, "country": country, "closed": closed, "time_zone": zone})


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
works = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (oslo(2026, 11, 20, 15), 2, oslo(2026, 11, 23, 9)),  # over a weekend
        (oslo(2026, 11, 21, 12), 8, oslo(2026, 11, 23, 16)),
        (oslo(2026, 5, 15, 12), 8, oslo(2026, 5, 18, 12)),  # 17 May falls on a Sunday
        (oslo(2026, 5, 13, 12), 8, oslo(2026, 5, 15, 12)),  # Ascension Day on the 14th
        (oslo(2026, 12, 23, 12), 8, oslo(2026, 12, 24, 12)),  # Christmas Eve is no public holiday
        (oslo(2026, 12, 24, 12), 8, oslo(2026, 12, 28, 12)),
        (oslo(2026, 3, 27, 15), 2, oslo(2026, 3, 30, 9)),  # clocks went forward in between
        (oslo(2026, 10, 23, 15), 2, oslo(2026, 10, 26, 9)),  # and back
    ],
)
def test_working_time_is_counted_as_people_count_it(start: datetime, hours: int, end: datetime) -> None:
    assert OFFICE.add(start, timedelta(hours=hours)) == end


def test_days_of_one_s_own_are_free_too() -> None:
    closed = WorkingHours(Calendar(closed=(date(2026, 12, 24),)), OSLO)
    assert closed.add(oslo(2026, 12, 23, 12), timedelta(hours=8)) == oslo(2026, 12, 25, 12)


def test_it_tells_when_somebody_is_there_next() -> None:
    assert opens(OFFICE, oslo(2026, 11, 20, 15)) == oslo(2026, 11, 20, 15)
    assert opens(OFFICE, oslo(2026, 11, 20, 16)) == oslo(2026, 11, 23, 8)
    assert opens(OFFICE, oslo(2026, 4, 1, 17)) == oslo(2026, 4, 7, 8)  # Easter


def test_around_the_clock_is_as_long_as_the_clock_on_days_with_23_and_25_hours() -> None:
    always = WorkingHours(Calendar(hours=dict.fromkeys(WEEKDAYS, ("00:00-24:00",))), OSLO)
    for start in (oslo(2026, 3, 28, 12), oslo(2026, 10, 24, 12)):
        assert always.add(start, timedelta(hours=48)) == start.astimezone(UTC) + timedelta(hours=48)


@given(calendars(), moments, works, works)
def test_parts_add_up_to_the_whole_and_nothing_ends_before_it_began(
    calendar: Calendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    hours = WorkingHours(calendar, OSLO)
    assert hours.add(hours.add(start, one), two) == hours.add(start, one + two)
    assert hours.add(start, one) >= start + one
    assert opens(hours, start) >= start
    assert hours.add(opens(hours, start), one + MINUTE) == hours.add(start, one + MINUTE)


@given(calendars(), moments, moments, works)
def test_whoever_begins_later_ends_no_earlier(calendar: Calendar, a: datetime, b: datetime, work: timedelta) -> None:
    hours = WorkingHours(calendar, OSLO)
    assert hours.add(min(a, b), work) <= hours.add(max(a, b), work)


@settings(max_examples=25, deadline=None)
@given(calendars(from_hour=4), moments, st.integers(1, 600))
def test_it_is_what_counting_minute_by_minute_says(calendar: Calendar, start: datetime, minutes: int) -> None:
    from holidays import country_holidays

    zone = ZoneInfo(calendar.time_zone)
    free = {*calendar.closed, *(country_holidays(calendar.country, years=(2026, 2027)) if calendar.country else ())}
    start = start.replace(second=0, microsecond=0)
    end = WorkingHours(calendar, OSLO).add(start, minutes * MINUTE)
    at, worked = start, 0
    while at < end:
        local = at.astimezone(zone)
        spans = calendar.spans(local.weekday()) if local.date() not in free else ()
        worked += any(first <= local.time() and (last is None or local.time() < last) for first, last in spans)
        at += MINUTE
    assert worked == minutes


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": {}},
        {"hours": {"mon": "8-16"}},
        {"hours": {"mon": ["12:00-16:00", "08:00-11:00"]}},
        {"hours": {"mon": "16:00-08:00"}},
        {"country": "XX"},
        {"country": "NO", "subdivision": "nowhere"},
    ],
)
def test_a_calendar_nobody_could_keep_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(wrong)


def test_each_queue_has_the_first_calendar_that_is_for_it() -> None:
    always = Calendar(queues=("tier2",), hours=dict.fromkeys(WEEKDAYS, ("00:00-24:00",)))
    due = Due((always, Calendar()), OSLO, desk=Desk(), approvals=Approvals())
    friday = oslo(2026, 11, 20, 12)
    assert due.answer("tier2", friday) == oslo(2026, 11, 20, 20)
    assert due.answer("coordinators", friday) == oslo(2026, 11, 23, 12)
    stages = ({"queue": "sponsor"}, {"queue": "coordinators"})
    assert list(due.decisions(stages, friday)) == [oslo(2026, 11, 24, 12), oslo(2026, 11, 26, 12)]
    assert due.reminder("sponsor", friday) == oslo(2026, 11, 23, 12)
