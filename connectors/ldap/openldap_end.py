"""Where OpenLDAP keeps the end of an account: shadowExpire, which hosts obey, and pwdEndTime, which slapd obeys.

shadowExpire is the first day off, in days since 1970 (shadow(5)); pwdEndTime is a moment (slapo-ppolicy(5)).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.ldap.entry import Entry
from connectors.ldap.requests import Change, Changes, Filter, all_of, any_of, at_least, at_most, equals

_EPOCH = date(1970, 1, 1)
_LAST_DAY = (date.max - _EPOCH).days
_DAY = timedelta(days=1)


def read(entry: Entry, now: datetime, zone: ZoneInfo) -> tuple[date | None, bool]:
    """The last usable day in that zone, and whether it is over; of two ends the earlier one."""
    ends: list[tuple[date, bool]] = []
    days = entry.number("shadowExpire")
    if days is not None and 0 <= days <= _LAST_DAY:
        first_day_off = _EPOCH + timedelta(days=days)
        # Hosts count these days in UTC, wherever they stand.
        ends.append((first_day_off - _DAY, now.astimezone(UTC).date() >= first_day_off))
    if moment := entry.moment("pwdEndTime"):
        ends.append(((moment - timedelta(seconds=1)).astimezone(zone).date(), now >= moment))
    return (min(day for day, _ in ends), any(over for _, over in ends)) if ends else (None, False)


def changes(entry: Entry, last_day: date | None, otherwise: str, zone: ZoneInfo) -> Changes:
    """What to write: every end the entry has already, or else the one named `otherwise`."""
    kept = [name for name in ("shadowExpire", "pwdEndTime") if entry.values(name)]
    if last_day is None:
        return {name: [(Change.REPLACE, [])] for name in kept}
    values = {"shadowExpire": str(_off(last_day)), "pwdEndTime": _written(_midnight(last_day, zone))}
    return {name: [(Change.REPLACE, [values[name].encode()])] for name in kept or [otherwise]}


def within(first: date, last: date, zone: ZoneInfo) -> Filter:
    """shadowExpire has no order in the usual schema: a range matches nothing there, so each day is asked for."""
    days = (
        equals("shadowExpire", str(n)) for n in range((first + _DAY - _EPOCH).days, (last + _DAY - _EPOCH).days + 1)
    )
    after, before = _midnight(first - _DAY, zone), _midnight(last, zone)
    return any_of(*days, all_of(at_least("pwdEndTime", _written(after)), at_most("pwdEndTime", _written(before))))


def _off(last_day: date) -> int:
    """The first day off as shadowExpire counts it."""
    return (last_day + _DAY - _EPOCH).days


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which this day is over."""
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")
