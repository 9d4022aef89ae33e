"""What the worker does by itself: mails before an end, a look after a change, commands of the installation's own."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.settings.part import Part, Words


class Notices(Part):
    """Mails before an account ends or a password expires."""

    account_days: tuple[Annotated[int, Field(ge=0, le=365)], ...] = (30, 14, 3, 1)
    """How many days before the end people are told; none: never."""
    password_days: tuple[Annotated[int, Field(ge=0, le=365)], ...] = (14, 7, 1)
    """How many days before their password expires people are told, where the directory lets it; none: never."""
    hour: int = Field(default=7, ge=0, le=23)
    """From this hour on, in the organisation's zone."""
    most_a_day: int = Field(default=5000, ge=1)
    """No more mails in a day than this; the rest go out on the next, the most urgent first."""


class AfterChange(Part):
    """What is looked after once a password has been changed."""

    hours: int = Field(default=24, ge=0, le=168)
    """How long wrong passwords are watched, so that a device with the old one is found; 0: not at all."""
    failures: int = Field(default=2, ge=1, le=20)
    """At how many wrong passwords the person is told; keep it below what locks the account."""
    devices: tuple[Words, ...] = ()
    """Places of your own where a password is saved, named first in that mail: "eduroam on your phone"."""


class Hook(Part):
    """A command of your own before or after an action; docs/hooks.md says what it is told."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    """What the record calls it."""
    when: Literal["before", "after"]
    """Before: its exit status decides whether the action is done. After: it runs in the worker."""
    actions: tuple[str, ...] = ()
    """The actions it is for, such as reset_password; none: all of them."""
    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """The program, by its full path, and its arguments. No shell is involved."""
    seconds: float = Field(default=5, gt=0, le=60)
    """It is ended after this long; before an action at most 5, for somebody waits."""

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        if not self.command[0].startswith("/"):
            raise ValueError("command: name the program by its full path")
        if self.when == "before" and self.seconds > 5:
            raise ValueError("seconds: at most 5 before an action, for somebody waits")
        return self
