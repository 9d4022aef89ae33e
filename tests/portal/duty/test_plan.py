"""What a shift plan comes to on which day, and which working hours nobody covers: pure dates and times."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.duty.absences import Absence
from portal.duty.hours import WorkingHours
from portal.duty.icalendar import calendar
from portal.duty.plan import Change, Shift, Turn, gaps, turns
from portal.settings.duty import Calendar

OSLO = ZoneInfo("Europe/Oslo")
HOURS = WorkingHours(Calendar(country="NO"), OSLO)
MONDAY = date(2026, 3, 23)  # clocks go forward on the Sunday after


def shift(**more: object) -> Shift:
    usual = {"id": 1, "queue": "coordinators", "account_id": "main:carol", "name": "Carol", "first": MONDAY}
    return Shift(**usual | {"last": None, "weeks": 1, "starts": time(8), "ends": time(16)} | more)  # type: ignore[arg-type]


def played(*shifts: Shift, weeks: int = 2, **more: object) -> list[Turn]:
    known = {"changes": {}, "absences": (), "hours": HOURS, "first": MONDAY, "last": MONDAY + timedelta(weeks=weeks)}
    return turns(shifts, **known | more)  # type: ignore[arg-type]


def away(who: str, other: str) -> Absence:
    span = {"first": MONDAY, "last": MONDAY + timedelta(days=3)}
    return Absence(account_id=who, name="", substitute_id=other, substitute="", **span)


def test_eight_in_the_morning_stays_eight_when_clocks_change() -> None:
    assert [turn.starts.hour for turn in played(shift(first=MONDAY + timedelta(days=1)))] == [7, 6]


def test_a_night_s_turn_ends_on_the_next_day_and_is_an_hour_shorter_when_clocks_go_forward() -> None:
    saturday = MONDAY + timedelta(days=5)
    (turn,) = played(shift(first=saturday, last=saturday, starts=time(22), ends=time(6)), weeks=1)
    assert turn.ends - turn.starts == timedelta(hours=7)


def test_every_other_week_is_counted_from_the_first() -> None:
    days = list(shift(weeks=2).days(date(2026, 4, 1), date(2026, 5, 10)))
    assert days == [date(2026, 4, 6), date(2026, 4, 20), date(2026, 5, 4)]


def test_on_a_holiday_only_what_was_planned_for_that_very_day_takes_place() -> None:
    easter = date(2026, 4, 6)
    assert [t.day for t in played(shift())] == [MONDAY, MONDAY + timedelta(weeks=1)]
    assert [t.day for t in played(shift(first=easter, last=easter))] == [easter]


@pytest.mark.parametrize(
    ("absences", "holder"),
    [
        ((), "main:carol"),
        ((away("main:carol", "main:dag"),), "main:dag"),
        ((away("main:carol", "main:stranger"),), ""),  # decides for her, but does not work there
        ((away("main:carol", "main:dag"), away("main:dag", "main:gro")), ""),
    ],
)
def test_whoever_is_away_is_stood_in_for_by_a_substitute_who_works_there(
    absences: tuple[Absence, ...], holder: str
) -> None:
    dag = shift(id=2, account_id="main:dag", name="Dag", first=MONDAY + timedelta(days=4))
    assert played(shift(), dag, absences=absences)[0].account_id == holder


def test_a_turn_somebody_has_taken_over_is_theirs_even_if_the_first_one_is_away() -> None:
    changed = {(1, MONDAY): Change(account_id="main:gro", name="Gro")}
    turn = played(shift(), changes=changed, absences=(away("main:carol", ""),))[0]
    assert (turn.account_id, turn.planned) == ("main:gro", "Carol")


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 12)), max_size=6))
def test_gaps_and_turns_together_are_the_working_hours_exactly(spans: list[tuple[int, int]]) -> None:
    """Minute by minute, in the simplest way there is."""
    start = datetime(2026, 3, 23, tzinfo=UTC)
    work = [(start + timedelta(hours=8), start + timedelta(hours=16)), (start + timedelta(hours=18), start + 2 * DAY)]
    covered = [
        Turn(shift=n, day=MONDAY, queue="q", account_id="a", name="", starts=start + first * HOUR,
             ends=start + (first + long) * HOUR)
        for n, (first, long) in enumerate(spans)
    ]  # fmt: skip
    found = list(gaps("q", work, covered))
    for minute in range(0, 48 * 60, 30):
        at = start + timedelta(minutes=minute)
        worked = any(a <= at < b for a, b in work)
        held = any(t.starts <= at < t.ends for t in covered)
        assert any(g.starts <= at < g.ends for g in found) == (worked and not held)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_calendar_is_what_rfc_5545_asks_for() -> None:
    turn = played(shift())[0]
    text = calendar("Shifts", "x.example", [(turn, "Desk; long, " + "å" * 60)], turn.starts)
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART:20260323T070000Z" in lines and "UID:1-2026-03-23@x.example" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "SUMMARY:Desk\\; long\\, " + "å" * 60 in text.replace("\r\n ", "")
