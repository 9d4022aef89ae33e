"""What one reason code means to a person: what is so, what to do, who must act, and when it will work."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class Next(StrEnum):
    """The three ways on."""

    FIX = "fix"  # the person can mend it now
    LATER = "later"  # it will work at a named time
    TICKET = "ticket"  # only people can; a ticket is open or offered


class Who(StrEnum):
    """Whose turn it is."""

    YOU = "you"
    SERVICE_DESK = "service_desk"
    DIRECTORY = "directory"
    MANAGER = "manager"
    PORTAL = "portal"


WHO = {
    Who.YOU: _l("You"),
    Who.SERVICE_DESK: _l("The service desk"),
    Who.DIRECTORY: _l("The people who run the directory"),
    Who.MANAGER: _l("Whoever is responsible for you, such as your manager"),
    Who.PORTAL: _l("Nobody: the portal does it by itself"),
}


@dataclass(frozen=True)
class Explanation:
    """One cause. Texts are translated when shown.

    `title` says what is so, `advice` what to do. `when` says, in words, when it will work where no answer can name
    the minute. `remedy` is for those who work on the ticket: what ends the cause for everybody.
    """

    title: Any
    advice: Any
    next: Next
    who: Who = Who.YOU
    when: Any = ""
    remedy: Any = ""


def fix(title: Any, advice: Any) -> Explanation:
    """The person mends it, now."""
    return Explanation(title, advice, Next.FIX)


def later(title: Any, advice: Any, *, when: Any, who: Who = Who.YOU, remedy: Any = "") -> Explanation:
    return Explanation(title, advice, Next.LATER, who, when, remedy)


def ticket(title: Any, advice: Any, *, who: Who = Who.SERVICE_DESK, remedy: Any = "") -> Explanation:
    """Only people can; when they answer stands on the ticket."""
    return Explanation(title, advice, Next.TICKET, who, "", remedy)
