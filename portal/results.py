"""What the desk can answer. Every answer carries the word the record uses for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from audit.event import Outcome
from connectors.access import AccessPass
from connectors.account import Account

Words = str | Mapping[Any, str]  # by language, where it is not the same in all of them
Word = Literal["done", "pending", "denied", "failed", "unsure"]


@dataclass(frozen=True, kw_only=True)
class System:
    """What became of it in one of several systems. `outcome` is None as long as nobody knows."""

    name: Words
    outcome: str | None
    reason: str = ""
    ticket: int | None = None


@dataclass(frozen=True, kw_only=True)
class Done:
    """Carried out. `account` is how it reads back now, where there was something to read back."""

    attempt: str
    account: Account | None = None
    systems: tuple[System, ...] = ()  # where there are several
    given: AccessPass | None = None  # shown to whoever asked for it, this once
    reason: str = ""
    word: ClassVar[Word] = "done"
    outcome: ClassVar[Outcome] = "success"


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Handed to people, as a ticket."""

    attempt: str
    ticket: int
    reason: str = ""
    word: ClassVar[Word] = "pending"
    outcome: ClassVar[Outcome] = "pending"


@dataclass(frozen=True, kw_only=True)
class Denied:
    """Not allowed by the installation's rules; nothing was tried."""

    attempt: str
    reason: str
    message: str = ""  # what a hook of the installation's own says about it, for the page
    word: ClassVar[Word] = "denied"
    outcome: ClassVar[Outcome] = "failure"


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Tried, and certainly not done."""

    attempt: str
    reason: str
    possible_at: datetime | None = None
    detail: str = ""  # the server's own words: for the ticket, never for the page
    word: ClassVar[Word] = "failed"
    outcome: ClassVar[Outcome] = "failure"


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """Sent, but no answer came: settled later by reading the directory."""

    attempt: str
    reason: str
    systems: tuple[System, ...] = ()  # where there are several
    word: ClassVar[Word] = "unsure"
    outcome: ClassVar[Outcome] = "unknown"


Result = Done | Pending | Denied | Failed | Unsure


def short(attempt: str) -> str:
    """An attempt's number as people read it over the phone: 7F3K-21QD becomes eight characters in two groups."""
    digits = attempt.replace("-", "").upper()[:8]
    return f"{digits[:4]}-{digits[4:]}"
