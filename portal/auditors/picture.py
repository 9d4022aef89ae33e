"""The picture over what was found: a column for each hour, day, week or month, in the colours of the results."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date
from flask_babel import gettext as _

from portal.auditors.asking import MINUTE
from portal.auditors.periods import Period, periods
from portal.auditors.sentences import STATES, result_words
from portal.web.pages import clock_time, day, day_and_time

HEIGHT = 120


@dataclass(frozen=True)
class Part:
    """A piece of a column: how things ended, and where it lies, in percent across and pixels down."""

    state: str
    top: float
    height: float


@dataclass(frozen=True)
class ColumnOf:
    """One period: its words, its numbers in the order of the results, and its picture."""

    words: str
    url: str  # the same search, within this period
    counts: tuple[int, ...]
    total: int
    left: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Picture:
    """The columns from the oldest to the newest."""

    columns: tuple[ColumnOf, ...]
    results: tuple[tuple[str, str], ...]  # state and words, in the order of the numbers
    most: ColumnOf | None
    first: str  # where it begins and ends
    last: str
    height: int = HEIGHT


def picture(found: Iterable[tuple[datetime, str]], zone: ZoneInfo, address: Callable[[dict[str, str]], str]) -> Picture:
    """Draw it; `address` makes the link that narrows the search to a period."""
    unit, row = periods(found, zone)
    highest = max((period.total for period in row), default=0)
    columns = tuple(_column(unit, place, period, len(row), highest, address) for place, period in enumerate(row))
    first, last = _bounds(unit, row) if row else ("", "")
    return Picture(
        columns=columns,
        results=tuple((STATES[outcome], words) for outcome, words in result_words().items()),
        most=max(columns, key=lambda column: column.total, default=None),
        first=first,
        last=last,
    )


def _column(
    unit: str, place: int, period: Period, count: int, highest: int, address: Callable[[dict[str, str]], str]
) -> ColumnOf:
    parts, top = [], float(HEIGHT)
    for outcome, state in STATES.items():
        if number := period.counts[outcome]:
            height = HEIGHT * number / highest
            top -= height
            parts.append(Part(state, round(top, 1), round(height, 1)))
    width = 100 / max(count, 8)  # a single one is not as broad as the page
    span = {"since": period.start.strftime(MINUTE), "until": period.end.strftime(MINUTE)}
    return ColumnOf(
        words=_words(unit, period),
        url=address(span),
        counts=tuple(period.counts[outcome] for outcome in STATES),
        total=period.total,
        left=round(place * width, 2),
        width=round(width * 0.86, 2),
        parts=tuple(parts),
    )


def _words(unit: str, period: Period) -> str:
    words: Mapping[str, Callable[[], str]] = {
        "hour": lambda: _("%(from)s to %(to)s", **{"from": day_and_time(period.start), "to": clock_time(period.end)}),
        "day": lambda: day(period.start),
        "week": lambda: _("Week from %(day)s", day=day(period.start)),
        "month": lambda: str(format_date(period.start, "MMMM y")),
    }
    return words[unit]()


def _bounds(unit: str, row: Sequence[Period]) -> tuple[str, str]:
    begin, end = row[0].start, row[-1].end
    match unit:
        case "hour":
            return day_and_time(begin), day_and_time(end)
        case "day" | "week":
            return day(begin), day(end - timedelta(days=1))
        case _:
            return _words(unit, row[0]), _words(unit, row[-1])
