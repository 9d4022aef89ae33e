"""Accounts that 389 DS stops because nobody has signed in for long (its Account Policy plugin).

The limit is in the entry that acctPolicySubentry names, or else in the plugin's own; the last sign-in is
lastLoginTime, and where there was none yet the entry's creation counts.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from connectors.ldap.entry import Entry
from connectors.ldap.link import Link

ATTRIBUTES = ("acctPolicySubentry", "lastLoginTime", "createTimestamp")
_EVERYBODYS = "cn=config,cn=Account Policy Plugin,cn=plugins,cn=config"
_FRESH = timedelta(seconds=60)
_MOST_SECONDS = 10**9  # about 30 years; longer means never, and would overflow a date


class Inactivity:
    """Limits are kept for a minute."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, timedelta | None]] = {}

    def stopped_at(self, service: Link, entry: Entry) -> datetime | None:
        """When the server began to let nobody in; None if it still does, or its limit cannot be read."""
        last = entry.moment("lastLoginTime") or entry.moment("createTimestamp")
        limit = self._limit(service, entry.text("acctPolicySubentry") or _EVERYBODYS)
        stopped = last + limit if last and limit else None
        return stopped if stopped and stopped < self._clock() else None

    def _limit(self, service: Link, dn: str) -> timedelta | None:
        read_at, limit = self._kept.get(dn, (datetime.min.replace(tzinfo=UTC), None))
        if not timedelta() <= self._clock() - read_at < _FRESH:
            entries = service.read(dn, ("accountInactivityLimit",)).entries
            seconds = (entries[0].number("accountInactivityLimit") or 0) if entries else 0
            limit = timedelta(seconds=seconds) if 0 < seconds < _MOST_SECONDS else None
            self._kept[dn] = (self._clock(), limit)
        return limit
