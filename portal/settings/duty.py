"""When the people who decide are at work, and what happens while they say nothing."""

import re
from datetime import date, time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from portal.settings.part import Part

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")
OFFICE = ("08:00-16:00",)


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Spans = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class Calendar(Part):
    """When people are at work, for one or more queues."""

    name: str = "office"
    """What you call it, so that `portal check` can name it."""
    queues: tuple[Literal["sponsor", "coordinators", "tier2", "supervisors"], ...] = ()
    """Whom it is for; none: all the others."""
    hours: dict[Weekday, Spans] = dict.fromkeys(WEEKDAYS[:5], OFFICE)
    """Weekday -> hours at work: { mon = "08:00-16:00", fri = ["08:00-11:30", "12:00-15:00"] }; one left out is free."""
    country: str = ""
    """Country whose public holidays are free, as in NO; empty: none are."""
    subdivision: str = ""
    """Part of that country with holidays of its own, as in BY for Bavaria."""
    closed: tuple[date, ...] = ()
    """More days on which nobody is at work: [2026-12-24, 2026-12-31]."""
    time_zone: str = ""
    """The zone of these hours; empty: the one times are shown in."""

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        for day, spans in self.hours.items():
            ends = [span.split("-") for span in spans if SPAN.fullmatch(span)]
            if len(ends) < len(spans) or [end for pair in ends for end in pair] != sorted({e for p in ends for e in p}):
                raise ValueError(f'hours.{day}: write "08:00-16:00", the earlier hours first')
        if not any(self.hours.values()):
            raise ValueError("hours: at least one day of the week needs some")
        if self.country:
            from holidays import country_holidays  # takes a tenth of the time in which a web process starts

            try:
                country_holidays(self.country, subdiv=self.subdivision or None)
            except NotImplementedError as error:
                raise ValueError(f"country, subdivision: {error}") from None
        if self.time_zone:
            ZoneInfo(self.time_zone)
        return self

    def spans(self, weekday: int) -> tuple[tuple[time, time | None], ...]:
        """The hours of this day of the week, Monday is 0; an end of None is midnight."""
        pairs = (span.split("-") for span in self.hours.get(WEEKDAYS[weekday], ()))
        return tuple(
            (time.fromisoformat(first), None if last == "24:00" else time.fromisoformat(last)) for first, last in pairs
        )


class Approvals(Part):
    """What happens while nobody decides; docs/approvals.md tells it in full."""

    stage_hours: int = Field(default=16, ge=1)
    """Working hours each of those who decide has; then it is the turn of the next one, at last of the service desk."""
    remind: bool = True
    """Remind whoever has not decided when half of that time is over."""
    bridge_days: int = Field(default=7, ge=0, le=92)
    """Days an account is kept longer at a time that would end before somebody has decided; 0: none."""
    most_bridge_days: int = Field(default=28, ge=0, le=366)
    """All such days together, counted from the end the account had; never more than was asked for."""


class Shifts(Part):
    """The shift plan of those who work at the service desk; docs/shifts.md."""

    gap_days: int = Field(default=14, ge=0, le=92)
    """How many days ahead working hours that nobody covers are marked and told; 0: not at all."""
    hour: int = Field(default=7, ge=0, le=23)
    """From this hour on they are told, once a day at most, in the organisation's zone."""
    mail: tuple[str, ...] = ()
    """Addresses of those who plan, to be told of such hours; none: those of the service desk."""


class Reviews(Part):
    """Sponsors are asked again and again whether each of their people still needs the account; docs/extensions.md."""

    months: int = Field(default=0, ge=0, le=60)
    """How many months from one time to the next; 0: nobody is asked."""
    kinds: tuple[str, ...] = ()
    """The kinds of account it is for, as the directory calls them; none: all that name a sponsor."""
    answer_days: int = Field(default=21, ge=2, le=92)
    """How many days a sponsor has; when half of them are over he is reminded, once."""
    silence: Literal["ticket", "stand"] = "ticket"
    """What follows if he says nothing: a ticket for the service desk, or the end stands that the account has."""
    hour: int = Field(default=7, ge=0, le=23)
    """From this hour on they are asked, in the organisation's zone."""
