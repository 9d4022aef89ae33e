"""How long accounts may be kept longer: the rules and the dates offered."""

from calendar import monthrange
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from portal.settings.part import Part, Words


class Term(Part):
    """A day of the year on which many accounts end."""

    name: Words
    """What people call it: "end of the spring term"."""
    day: Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    """Month and day, as in "06-20"; 02-29 is 28 February in other years."""

    def next_after(self, day: date) -> date:
        """The first such day after this one."""
        return next(found for year in (day.year, day.year + 1) if (found := self._in(year)) > day)

    def _in(self, year: int) -> date:
        month, number = map(int, self.day.split("-"))
        return date(year, month, min(number, monthrange(year, month)[1]))


class Extension(Part):
    """How long accounts of one kind may be kept longer."""

    kinds: tuple[str, ...] = ()
    """The kinds of account it is for, as the directory calls them; none: all the others."""
    ask_days: int = Field(default=60, ge=1)
    """How many days before the end somebody may ask."""
    counted_from: Literal["end", "today"] = "end"
    """What it is counted from: the present end, or the day of asking; an end that is past counts as today."""
    step_days: int = Field(default=184, ge=1, le=3660)
    """The longest one extension."""
    total_days: int | None = Field(default=None, ge=1)
    """The longest an account may live from the day it was made, all extensions together."""
    presets: tuple[int, ...] = (30, 180, 365)
    """Lengths offered as a choice, in days; those longer than one step are left out."""
    terms: tuple[Term, ...] = ()
    """Dates offered as a choice."""
