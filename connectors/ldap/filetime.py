"""Moments and spans as Active Directory counts them: in steps of 100 ns, moments since 1601 (MS-DTYP, 2.3.3)."""

from datetime import UTC, datetime, timedelta

NEVER = 0x7FFFFFFFFFFFFFFF
"""As a moment: not at all; 0 means the same (MS-ADA1, accountExpires)."""

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_MOST_DAYS = 36500  # a longer age is none, and would overflow a date


def moment(count: int | None) -> datetime | None:
    """That moment to the microsecond; None for never, for 0, and for what lies beyond the calendar."""
    if not count or not 0 < count < NEVER:
        return None
    try:
        return _EPOCH + timedelta(microseconds=count // 10)
    except OverflowError:
        return None


def written(at: datetime) -> str:
    return str((at - _EPOCH) // timedelta(microseconds=1) * 10)


def span(count: int | None) -> timedelta:
    """A rule's length of time, which is stored below zero; zero where the rule does not hold."""
    length = timedelta(microseconds=max(0, -(count or 0)) // 10)
    return length if length.days < _MOST_DAYS else timedelta()
