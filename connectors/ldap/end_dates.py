"""Where OpenLDAP and 389 DS keep the end of an account: shadowExpire, which hosts obey, and an attribute with a moment.

shadowExpire is the first day off, in days since 1970 (shadow(5)).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.ldap.entry import Entry
from connectors.ldap.requests import Change, Changes, Filter, all_of, any_of, at_least, at_most, equals

_EPOCH = date(1970, 1, 1)
_LAST_DAY = (date.max - _EPOCH).days
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class EndDates:
    """Reads and writes the two. `moment` is an attribute with the moment from which on the account is over."""

    moment: str
    otherwise: str  # the one to write where an entry has neither
    zone: ZoneInfo

    def read(self, entry: Entry, now: datetime) -> tuple[date | None, bool]:
        """The last usable day in that zone, and whether it is over; of two ends the earlier one."""
        ends: list[tuple[date, bool]] = []
        days = entry.number("shadowExpire")
        if days is not None and 0 <= days <= _LAST_DAY:
            first_day_off = _EPOCH + timedelta(days=days)
            # Hosts count these days in UTC, wherever they stand.
            ends.append((first_day_off - _DAY, now.astimezone(UTC).date() >= first_day_off))
        if moment := entry.moment(self.moment):
            ends.append(((moment - timedelta(seconds=1)).astimezone(self.zone).date(), now >= moment))
        return (min(day for day, _ in ends), any(over for _, over in ends)) if ends else (None, False)

    def changes(self, entry: Entry, last_day: date | None) -> Changes:
        """What to write: every end the entry has already, or else the one named `otherwise`."""
        kept = [name for name in ("shadowExpire", self.moment) if entry.values(name)]
        if last_day is None:
            return {name: [(Change.REPLACE, [])] for name in kept}
        values = {"shadowExpire": str(_off(last_day)), self.moment: generalized(self._midnight(last_day))}
        return {name: [(Change.REPLACE, [values[name].encode()])] for name in kept or [self.otherwise]}

    def within(self, first: date, last: date) -> Filter:
        """shadowExpire has no order in the usual schema: a range matches nothing there, so each day is asked for."""
        days = (equals("shadowExpire", str(number)) for number in range(_off(first), _off(last) + 1))
        after, before = self._midnight(first - _DAY), self._midnight(last)
        in_time = all_of(at_least(self.moment, generalized(after)), at_most(self.moment, generalized(before)))
        return any_of(*days, in_time)

    def _midnight(self, day: date) -> datetime:
        """The moment at which this day is over."""
        return datetime.combine(day + _DAY, time(), self.zone).astimezone(UTC)


def generalized(moment: datetime) -> str:
    """A moment in UTC as LDAP writes it (RFC 4517, 3.3.13)."""
    return moment.strftime("%Y%m%d%H%M%SZ")


def _off(last_day: date) -> int:
    """The first day off as shadowExpire counts it."""
    return (last_day + _DAY - _EPOCH).days
