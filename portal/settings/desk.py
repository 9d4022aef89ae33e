"""The service desk: how urgent what is, by when it is answered, and to whom what kind of problem climbs."""

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.settings.part import Part, Words

Impact = Literal["many", "some", "one"]
Urgency = Literal["now", "soon", "later"]
Priority = Literal["urgent", "high", "normal", "low"]
IMPACTS: tuple[Impact, ...] = ("many", "some", "one")
URGENCIES: tuple[Urgency, ...] = ("now", "soon", "later")
PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


class Target(Part):
    """By when tickets of one priority are answered and solved, in working hours of the queue they are in."""

    answer_hours: int = Field(ge=1)
    """Until the first answer; told to the person."""
    solve_hours: int = Field(ge=1)
    """Until it is solved."""


TARGETS: dict[Priority, Target] = {
    "urgent": Target(answer_hours=1, solve_hours=4),
    "high": Target(answer_hours=4, solve_hours=8),
    "normal": Target(answer_hours=8, solve_hours=24),
    "low": Target(answer_hours=16, solve_hours=40),
}
MATRIX: dict[Impact, tuple[Priority, Priority, Priority]] = {
    "many": ("urgent", "urgent", "high"),
    "some": ("urgent", "high", "normal"),
    "one": ("high", "normal", "low"),
}
IMPACT: dict[str, Impact] = {"server_behind": "many", "directory_down": "some", "no_right": "some"}
_CANNOT_WAIT = (  # actions and reasons of people who cannot work, or whose account somebody else may have
    "recover",
    "reset_password",
    "unlock_account",
    "no_factor_left",
    "not_me",
    "disabled",
    "locked_after_change",
    "server_behind",
)
URGENCY: dict[str, Urgency] = dict.fromkeys(_CANNOT_WAIT, "now")


class Domain(Part):
    """People of the second tier who know one field."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,29}$")]
    """A short name for addresses, such as "mail"."""
    title: Words
    """What the desk calls it. May differ by language: { en = "Mail", nb = "E-post" }."""
    kinds: tuple[str, ...] = ()
    """Actions and reason codes of problems that climb to them; the first domain that names one gets it."""
    groups: tuple[str, ...] = ()
    """DNs of groups of those who know it; none: everybody of the second tier does. Read at each sign-in."""


class Desk(Part):
    """The people who take over what the portal cannot do. docs/desk.md tells how they work."""

    mail: tuple[str, ...] = ()
    """Addresses that are told of each new ticket."""
    tell_assigned: bool = True
    """Mail whoever is given a ticket by a colleague; several within five minutes in one letter."""
    targets: dict[Priority, Target] = {}
    """Working hours by priority, as in { normal = { answer_hours = 8, solve_hours = 24 } }; those left out stay."""
    matrix: dict[Impact, tuple[Priority, Priority, Priority]] = {}
    """Whom it concerns -> priority if needed now, soon, later: { one = ["high", "normal", "low"] }."""
    impact: dict[str, Impact] = {}
    """Action, reason code or "kind:" and a kind of account -> whom it concerns. What is not named: one."""
    urgency: dict[str, Urgency] = {}
    """Action, reason code or "kind:" and a kind of account -> how long it can wait. What is not named: soon."""
    domains: tuple[Domain, ...] = ()
    """The fields of the second tier. Without any, all that climbs goes to one queue."""
    duplicate_hours: int = Field(default=72, ge=1)
    """How far apart two tickets of the same person, or with the same cause, are shown as likely the same."""

    @model_validator(mode="after")
    def _domains_differ(self) -> Self:
        names = [domain.name for domain in self.domains]
        if len(set(names)) < len(names):
            raise ValueError(f"domains: each needs a name of its own (now: {', '.join(names)})")
        return self

    def target(self, priority: Priority) -> Target:
        return self.targets.get(priority) or TARGETS[priority]

    def fields_of(self, groups: Collection[str]) -> tuple[str, ...]:
        """The fields that somebody in these groups (DNs in small letters) knows."""
        return tuple(d.name for d in self.domains if not {dn.lower() for dn in d.groups}.isdisjoint(groups))

    def field_of(self, queue: str) -> Domain | None:
        """The field whose queue this is, if it is one whose people are known."""
        return next((d for d in self.domains if d.groups and queue == f"tier2/{d.name}"), None)

    def priority(self, impact: Impact, urgency: Urgency) -> Priority:
        """What follows from whom it concerns and how long it can wait."""
        return (self.matrix.get(impact) or MATRIX[impact])[URGENCIES.index(urgency)]
