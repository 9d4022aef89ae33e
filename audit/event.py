"""What somebody did, as the rest of the program says it; how it is written down is not its concern."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["success", "failure", "pending", "unknown"]
Phase = Literal["intent", "outcome", "record"]
SYSTEM = "system"  # the portal itself acts
ANONYMOUS = "anonymous"  # somebody of whom nothing is known


def is_account(actor: str | None) -> bool:
    """Whether an actor is an account, not the portal itself, somebody unknown or nobody."""
    return actor not in (None, SYSTEM, ANONYMOUS)


class EntryRefused(ValueError):
    """The event cannot be written down as it is: a mistake of the caller."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event. Only codes, ticket numbers, end dates and entry numbers are written in clear.

    Accounts become pseudonyms; session, source and object become keyed hashes; source, object, reason and everything
    in `disclose` (also old and new, but for an end date) can be read back until the person is erased.
    """

    kind: str  # a key of KINDS
    actor: str = ANONYMOUS  # an account id, SYSTEM or ANONYMOUS
    target: str | None = None  # the account id it happens to
    ticket: str | None = None
    session: str = ""
    source: str = ""  # the network address it came from
    reason: str = ""  # why, in the person's own words
    factors: tuple[str, ...] = ()  # names of FACTOR_TYPES, or others
    object: str = ""  # a group, mailbox or page by name
    attribute: str = ""  # which attribute or setting changes
    old: str = ""
    new: str = ""
    decision: Literal["", "approved", "denied"] = ""
    number: int | None = None  # an entry of this log that is viewed, or the first one kept
    sha256: str = ""  # of a file that was handed out, in hex
    statement: str = ""  # about the log itself, in clear: the checkpoint it goes on from, or its new key
    disclose: Mapping[str, str] = field(default_factory=dict)  # other personal values by name
