"""The shift plan as pure data: which turns a plan comes to on which days, and which working hours nobody covers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.duty.absences import Absence
from portal.duty.hours import WorkingHours

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Somebody's turn, once or again and again. Times are those of the queue's zone."""

    id: int = 0
    queue: str
    account_id: str
    name: str
    first: date
    last: date | None
    weeks: int
    starts: time
    ends: time  # not after `starts`: on the next day

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days from `first` to `last` on which it begins."""
        step = timedelta(weeks=self.weeks)
        day = self.first + step * max(0, -(-(first - self.first) // step))
        while day <= min(last, self.last or last):
            yield day
            day += step


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One shift on one day, and who has it."""

    shift: int
    day: date
    queue: str
    account_id: str  # empty: nobody
    name: str
    starts: datetime
    ends: datetime
    planned: str = ""  # who would have it, if somebody else has, or nobody


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Working hours of a queue that nobody covers."""

    queue: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who has one turn in place of the one who is planned; nobody: an empty id."""

    account_id: str
    name: str


def turns(
    shifts: Iterable[Shift],
    changes: Mapping[tuple[int, date], Change],
    absences: Sequence[Absence],
    hours: WorkingHours,
    first: date,
    last: date,
) -> list[Turn]:
    """The turns of one queue that begin on these days. On a day off only what was planned for that very day is."""
    shifts = list(shifts)
    staff = {shift.account_id: shift.name for shift in shifts}
    found = [
        _held(_turn(shift, day, hours.zone), changes.get((shift.id, day)), absences, staff)
        for shift in shifts
        for day in shift.days(first, last)
        if shift.first == shift.last or not hours.is_free(day)
    ]
    return sorted(found, key=lambda turn: (turn.starts, turn.ends, turn.shift))


def gaps(queue: str, worked: Iterable[tuple[datetime, datetime]], covered: Iterable[Turn]) -> Iterator[Gap]:
    """What of these stretches of work lies in nobody's turn."""
    spans = sorted((turn.starts, turn.ends) for turn in covered if turn.account_id)
    for start, end in worked:
        for first, last in spans:
            if last <= start or first >= end:
                continue
            if first > start:
                yield Gap(queue=queue, starts=start, ends=first)
            start = max(start, last)
        if start < end:
            yield Gap(queue=queue, starts=start, ends=end)


def _turn(shift: Shift, day: date, zone: ZoneInfo) -> Turn:
    until = day if shift.ends > shift.starts else day + DAY
    return Turn(
        shift=shift.id,
        day=day,
        queue=shift.queue,
        account_id=shift.account_id,
        name=shift.name,
        starts=datetime.combine(day, shift.starts, zone).astimezone(UTC),
        ends=datetime.combine(until, shift.ends, zone).astimezone(UTC),
    )


def _held(turn: Turn, change: Change | None, absences: Sequence[Absence], staff: Mapping[str, str]) -> Turn:
    """Who has it after all: a colleague who swapped, or the substitute of whoever is away, if he works there too."""
    if change is not None:
        turn = replace(turn, account_id=change.account_id, name=change.name, planned=turn.name)
    away = {gone.account_id: gone for gone in absences if gone.first <= turn.day <= gone.last}
    if turn.account_id not in away:
        return turn
    other = away[turn.account_id].substitute_id
    if other in away or other not in staff:
        return replace(turn, account_id="", name="", planned=turn.name)
    return replace(turn, account_id=other, name=staff[other], planned=turn.name)
