"""By when somebody answers: the hours of the settings, counted in the working time of whoever has to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.duty.hours import WorkingHours
from portal.settings.desk import Desk, Priority
from portal.settings.duty import Approvals, Calendar


class Due:
    """The times tickets and decisions are due."""

    def __init__(self, calendars: Sequence[Calendar], zone: ZoneInfo, *, desk: Desk, approvals: Approvals) -> None:
        self._calendars = [(calendar.queues, WorkingHours(calendar, zone)) for calendar in calendars]
        self._usual = WorkingHours(Calendar(), zone)
        self._desk = desk
        self._stage = timedelta(hours=approvals.stage_hours)
        self._remind = approvals.remind

    def answer(self, queue: str, now: datetime, priority: Priority = "normal") -> datetime:
        """By when a ticket in this queue has its first answer."""
        return self.hours(queue).add(now, timedelta(hours=self._desk.target(priority).answer_hours))

    def solution(self, queue: str, now: datetime, priority: Priority = "normal") -> datetime:
        """By when it is solved."""
        return self.hours(queue).add(now, timedelta(hours=self._desk.target(priority).solve_hours))

    def decision(self, queue: str, now: datetime) -> datetime:
        """By when somebody in this queue, or the sponsor, decides."""
        return self.hours(queue).add(now, self._stage)

    def reminder(self, queue: str, now: datetime) -> datetime | None:
        """When whoever has to decide, and has not, is reminded; None: never."""
        return self.hours(queue).add(now, self._stage / 2) if self._remind else None

    def decisions(self, stages: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[datetime]:
        """By when each of these decides, if each takes all the time there is."""
        for stage in stages:
            now = self.decision(stage["queue"], now)
            yield now

    def hours(self, queue: str) -> WorkingHours:
        """When those are at work who look after a queue: the first calendar that is for it, or for its tier."""
        queue = queue.partition("/")[0]
        return next((hours for queues, hours in self._calendars if queue in queues or not queues), self._usual)
