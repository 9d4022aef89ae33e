"""Finding entries by everything an auditor asks for, newest first, at a cost that does not grow with the log.

`Query` says what is wanted, `find` gives the numbers of a page, `each` every entry of the view, however long it is:
    for entry in search.each(db, log.keyring, query): ...
What was appended in the last second may not be findable yet: see `audit.indexing`. A view of an auditor who sees some
units only always carries them in `units`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, true, union_all

from audit.among import among
from audit.keyring import Keyring
from audit.reading import SEEN, Entry, milliseconds, moment_of, read
from audit.tables import index, remarks, terms, words
from audit.terms import words_in

# Rows looked at together: most pages are full after the first. Where nothing fits in all of them, the reader is asked
# whether to go on, so that no page takes long.
_WINDOWS = (200, 800, 2_000)
_A_TIME = 200  # entries read together
_PROBE = 1_000
_NEWEST = 2**62


@dataclass(frozen=True)
class Query:
    """Which entries are wanted: all that is said must fit, of several values one. Persons are pseudonyms."""

    about: Sequence[str] = ()
    by: Sequence[str] = ()
    kinds: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    ticket: str = ""
    source: str = ""  # a network address
    text: str = ""  # words of what people wrote, all of them
    since: datetime | None = None
    until: datetime | None = None  # not included
    reviewed: bool | None = None  # whether an auditor has said so
    units: Sequence[str] | None = None  # None: of everybody
    nobody: bool = False  # a name was given that nobody bears

    @property
    def empty(self) -> bool:
        """Whether nothing can be found: for a name that nobody bears, or whoever may see no unit."""
        return self.nobody or (self.units is not None and not self.units)


NOTHING = Query(nobody=True)


class Found(NamedTuple):
    """The numbers of entries, newest first, and where to go on; None at the end."""

    numbers: list[int]
    onward: int | None = None


class _Group(NamedTuple):
    """One condition: an entry stands in this table, with one of these terms where there are any."""

    table: Table
    terms: Sequence[int] = ()

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        return [self.table.c.term.in_(self.terms)] if self.terms else []

    def holds(self, number: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether an entry fits: a subquery for each row, so that no database joins two long lists as a whole."""
        chosen = select(1).where(self.table.c.idx == number, *self.conditions).limit(1)
        return chosen.scalar_subquery().is_not(None)

    def newest(self, low: int, high: int, limit: int) -> Select[Any]:
        """The newest numbers in a span, each list read from its end."""
        span = (self.table.c.idx >= low, self.table.c.idx < high)
        column = self.table.c.idx
        lists = [
            select(column).where(*span, *one).order_by(column.desc()).limit(limit)
            for one in ([[self.table.c.term == term] for term in self.terms] or [[]])
        ]
        if len(lists) == 1:
            return lists[0]
        every = union_all(*(select(part.subquery().c.idx) for part in lists)).subquery()
        return select(every.c.idx).distinct().order_by(every.c.idx.desc()).limit(limit)


def find(tx: Connection, keyring: Keyring, query: Query, limit: int, before: int | None = None) -> Found:
    """A page of what is wanted. It may be short, and still have something to go on to: then little fits."""
    if query.empty:
        return Found([])
    low, high = _span(tx, query, before)
    groups = _groups(keyring, query)
    leading = _rarest(tx, groups, low, high)
    others = [group for group in groups if group is not leading]
    found: list[int] = []
    plain = not others and query.reviewed is None  # then every row fits
    for most in _WINDOWS:
        window = min(most, limit + 1 - len(found)) if plain else most
        looked = _window(tx, query, leading, others, low, high, window)
        found += looked.fitting
        if len(found) > limit:
            return Found(found[:limit], found[limit - 1])
        if looked.rows < window:
            return Found(found)
        high = looked.last
    return Found(found, high)


def each(tx: Connection, keyring: Keyring, query: Query) -> Iterator[Entry]:
    """Every entry of a view, newest first, with the personal values that still exist; reads a few at a time."""
    before: int | None = _NEWEST
    while before is not None:
        page = find(tx, keyring, query, _A_TIME, before)
        yield from read(tx, keyring, page.numbers)
        before = page.onward


def attempt(tx: Connection, keyring: Keyring, correlation: str) -> list[Entry]:
    """The intent, outcome and whatever else belongs to one attempt, newest first."""
    whole = _Group(terms, [keyring.term("attempt", correlation)])
    return read(tx, keyring, [row[0] for row in tx.execute(whole.newest(0, _NEWEST, _A_TIME))])


def _groups(keyring: Keyring, query: Query) -> list[_Group]:
    several = {
        "about": query.about,
        "by": query.by,
        "kind": query.kinds,
        "outcome": query.outcomes,
        "unit": [keyring.blind("unit", unit) for unit in query.units or ()],
        "ticket": [query.ticket] if query.ticket else (),
        "source": [keyring.blind("source", query.source)] if query.source else (),
    }
    groups = [
        _Group(terms, [keyring.term(what, value) for value in values]) for what, values in several.items() if values
    ]
    return groups + [_Group(words, [keyring.term("word", word)]) for word in dict.fromkeys(words_in(query.text))]


def _rarest(tx: Connection, groups: Sequence[_Group], low: int, high: int) -> _Group | None:
    """The condition that fewest entries meet, as far as a short look tells."""
    if len(groups) < 2:
        return groups[0] if groups else None

    def count(group: _Group) -> int:
        newest = group.newest(low, high, _PROBE).subquery()
        return int(tx.execute(select(func.count()).select_from(newest)).scalar_one())

    return min(groups, key=count)


class _Looked(NamedTuple):
    """How many rows met the leading condition, the last of them, and those that met all others."""

    rows: int
    last: int
    fitting: list[int]


def _window(
    tx: Connection, query: Query, leading: _Group | None, others: Sequence[_Group], low: int, high: int, limit: int
) -> _Looked:
    """The next numbers that meet the leading condition; only those that fit are brought here, for rows cost most."""
    if leading:
        newest = leading.newest(low, high, limit)
    else:
        span = (index.c.idx >= low, index.c.idx < high, index.c.phase.in_(SEEN))
        newest = select(index.c.idx).where(*span).order_by(index.c.idx.desc()).limit(limit)
    rows = newest.cte()
    tests = [group.holds(rows.c.idx) for group in others]
    if query.reviewed is not None:
        seen = select(1).where(remarks.c.idx == rows.c.idx, remarks.c.kind == "reviewed").limit(1).scalar_subquery()
        tests.append(seen.is_not(None) if query.reviewed else seen.is_(None))
    total = select(func.count().label("n"), func.min(rows.c.idx).label("last")).select_from(rows).subquery()
    fits = select(rows.c.idx).where(*tests).subquery()
    both = select(total.c.n, total.c.last, fits.c.idx).select_from(total.outerjoin(fits, true()))
    told = tx.execute(both.order_by(fits.c.idx.desc())).all()
    return _Looked(told[0][0], told[0][1] or 0, [row[2] for row in told if row[2] is not None])


def _span(tx: Connection, query: Query, before: int | None) -> tuple[int, int]:
    """The first number wanted and the one behind the last: entries stand in the order of their times."""
    low = first_since(tx, milliseconds(query.since)) if query.since else 0
    high = first_since(tx, milliseconds(query.until)) if query.until else _NEWEST
    return low, min(high, _NEWEST if before is None else before)


def first_since(tx: Connection, wanted: int) -> int:
    """The number of the first entry written at this moment (in milliseconds since 1970) or later, by halving."""
    low, high = 0, int(tx.execute(select(func.coalesce(func.max(index.c.idx), -1) + 1)).scalar_one())
    while low < high:
        middle = (low + high) // 2
        chosen = select(index.c.time).where(index.c.idx >= middle).order_by(index.c.idx).limit(1)
        if tx.execute(chosen).scalar_one() < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def over_time(tx: Connection, numbers: Sequence[int]) -> list[tuple[datetime, str]]:
    """When each of these entries was written and how it ended, for a picture."""
    chosen = select(index.c.time, index.c.outcome).where(among(tx, index.c.idx, numbers))
    return [(moment_of(time), outcome) for time, outcome in tx.execute(chosen).all()]
