"""What a ticket is, and what a wish for a new one says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.settings.desk import Impact, Priority, Urgency

LAST_NUMBER = 2**31 - 1  # what the column holds; a database cannot even be asked for more
OPEN = ("open", "taken")
FIRST = "coordinators"  # the queue of the first tier
SECOND = "tier2"  # and of the second; that of one field of it is tier2/<field>
SPONSOR = "sponsor"  # the queue of those who are named one by one
APPROVED = "approved"  # decided, and not yet carried out
MERGED = "merged"  # into another one, which is worked on in its place
ENDED = ("fulfilled", "refused", "withdrawn")
CLOSED = (*ENDED, MERGED)


class AlreadyDecided(Exception):
    """Somebody else was quicker; the ticket is not as it was shown."""


class TicketNotFound(Exception):
    """No ticket by that number."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """One thing that happened to a ticket."""

    id: int
    at: datetime
    author_id: str
    author: str
    kind: str
    text: str
    shown: bool  # to the requester
    to: str = ""  # who or what it concerns besides the author: a colleague, a queue, another ticket


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """One wish in people's hands."""

    number: int
    requester_id: str | None
    queue: str
    action: str
    reason: str  # a code the explainer knows
    subject: str
    claim: str  # who they say they are; proved only if requester_id is set
    text: str
    steps: Sequence[str]  # what was done before, oldest first
    facts: Mapping[str, str]  # what the directory said
    details: Mapping[str, Any]
    language: str
    status: str
    version: int
    taken_by: str | None
    taken_name: str | None
    opened: datetime
    due: datetime
    closed: datetime | None
    account_id: str | None = None  # of an approval: whose account the action is for
    stage: int | None = None  # of an approval: the one whose turn it is
    stages: Sequence[Mapping[str, Any]] = ()  # of an approval: who decides in turn, {queue, ids, names}
    reminds: datetime | None = None
    climbs: datetime | None = None
    lapses: date | None = None  # the last day of its account, if a bridge could keep it from ending meanwhile
    impact: Impact = "one"
    urgency: Urgency = "soon"
    priority: Priority = "normal"
    answered: datetime | None = None  # when the person first heard something
    solve_by: datetime | None = None  # `due` until then is by when it is answered; None: it is a decision
    merged_into: int | None = None

    @property
    def proved(self) -> bool:
        """Whether it is that person who asks: signed in or by proofs, or checked by the service desk."""
        said_only = self.details.get("channel") and not self.details.get("checked")
        return self.requester_id is not None and not said_only

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a new ticket says. Never a secret."""

    requester_id: str | None
    claim: str
    action: str
    reason: str
    subject: str = ""  # in the person's own words; empty: what the action and the reason say
    text: str = ""
    steps: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"
    account_id: str = ""  # of an approval: whose account the action is for
    stages: Sequence[Mapping[str, Any]] = ()  # of an approval: who decides in turn, {queue, ids, names}
    lapses: date | None = None  # the last day of its account, while that has not ended
    key: str = ""  # what makes two wishes the same; empty: requester, action and reason


def about(ticket: Ticket) -> dict[str, Any]:
    """What every mail about a ticket names; an empty subject is told from action and reason by whoever writes it."""
    return {"number": ticket.number, "subject": ticket.subject, "action": ticket.action, "reason": ticket.reason}
