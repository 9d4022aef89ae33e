"""What other ticket systems are told of our tickets, and what a connector may be able to do there."""

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from textwrap import shorten

from connectors.capability import Capability

TITLE_LENGTH = 160  # of ServiceNow's short_description; Request Tracker takes 200, Zammad 250, GLPI and Jira 255


@dataclass(frozen=True, kw_only=True)
class TicketCopy:
    """What another ticket system is told of one of our tickets. Never a secret."""

    key: str  # letters and digits only: one word to every search; the same for ever, and of no other ticket
    subject: str
    text: str
    queue: str  # ours

    @property
    def title(self) -> str:
        """The subject and the key, so short that no system cuts the key off: a repeat would not find it."""
        return f"{shorten(self.subject, TITLE_LENGTH - len(self.key) - 3, placeholder='…')} [{self.key}]"


@dataclass(frozen=True, kw_only=True)
class CopyReference:
    """Where the copy is."""

    id: str  # as the other system's interface wants it
    number: str  # as its people say it
    url: str  # where they see it; empty where nobody can


class CopyState(StrEnum):
    """What the other system says of a copy."""

    OPEN = "open"
    SOLVED = "solved"
    REFUSED = "refused"
    GONE = "gone"  # deleted there, or merged into another


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing that happened to our ticket."""

    mark: str  # letters, digits and a hyphen; the same for ever, and of no other remark
    text: str
    state: CopyState = CopyState.OPEN  # how our ticket stands after it


class CopiesTickets(Capability):
    """Keeps copies of our tickets. Both methods look first whether it was done before, so that a repeat does no harm.

    After Unconfirmed, wait until the other side's search shows what is there: `settle_seconds`.
    """

    settle_seconds = 0.0

    @abstractmethod
    def open_copy(self, copy: TicketCopy) -> CopyReference:
        """Open it, or find the one that has this key."""

    @abstractmethod
    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        """Add it unless its mark is there already; and close the copy if our ticket is closed by now."""


class TellsCopyState(Capability):
    @abstractmethod
    def copy_state(self, reference: CopyReference) -> CopyState:
        """How the copy stands now, as the people over there have left it."""
