"""What there is to a mailbox, in the same words for every mail system, and what a connector may be able to do to one.

Mail systems are apart from directories: `serves` tells whose mailboxes lie in an installation. All moments are aware
and in UTC; a connector raises only what `connectors.errors` holds, and reads back what it has written.
"""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.account import Account
from connectors.capability import Capability

WEEK = 7  # days within which a sender gets one auto reply


@dataclass(frozen=True, kw_only=True)
class AutoReply:
    """What is answered by itself, to whom, and when: from `starts` until just before `ends`; None: no such bound."""

    subject: str
    text: str
    outside_text: str = ""  # to senders outside the organisation, in place of `text`
    inside_only: bool = False  # senders outside get no answer at all
    starts: datetime | None = None
    ends: datetime | None = None
    days: int = WEEK  # within these one sender gets one answer


class Source(StrEnum):
    """What makes mail leave a mailbox."""

    PORTAL = "portal"  # set up here; can be ended here
    SERVER = "server"  # an entry or setting of the mail system
    FILTER = "filter"  # a rule the person has written elsewhere


@dataclass(frozen=True, kw_only=True)
class Forward:
    """One way by which mail leaves a mailbox."""

    target: str  # an address
    keep_copy: bool = True  # the mailbox gets it as well
    starts: datetime | None = None
    ends: datetime | None = None
    source: Source = Source.PORTAL
    rule: str = ""  # what a filter is called, where it has a name


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Octets; no limit: None. `used` is None where the system does not tell."""

    used: int | None = None
    limit: int | None = None

    @property
    def part(self) -> float | None:
        """How much of it is full, 0.0 to 1.0."""
        if self.used is None or not self.limit:
            return None
        return min(self.used / self.limit, 1.0)


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A mailbox, as far as one installation knows it: what it cannot know is None or empty."""

    address: str
    auto_reply: AutoReply | None = None
    own_auto_reply: bool = False  # the person has written one into rules of their own
    forwards: tuple[Forward, ...] = ()
    aliases: tuple[str, ...] = ()  # other addresses that arrive here
    quota: Quota | None = None
    unread: str = ""  # rules of the person's own by this name could not be understood


class ReadsMailbox(Capability):
    @abstractmethod
    def read_mailbox(self, account: Account) -> Mailbox:
        """The mailbox as this installation knows it now; raise AccountNotFound where it has none."""


class SetsAutoReply(Capability):
    dated: bool = True  # it can begin and end by itself
    parted: bool = True  # it can answer senders outside otherwise

    @abstractmethod
    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        """Put this one in place of what there is; None: there is none any more, and no trace of it."""


class Forwards(Capability):
    ends_by_itself: bool = True  # a forward can begin later, and end

    @abstractmethod
    def add_forward(self, account: Account, forward: Forward) -> None:
        """Add one, in place of one to the same target. Whether a copy is kept is the same for all."""

    @abstractmethod
    def remove_forward(self, account: Account, target: str) -> None:
        """End one that is the portal's or the server's; no effect if there is none to this target."""


class KeepsAliases(Capability):
    @abstractmethod
    def add_alias(self, account: Account, address: str) -> None:
        """Let this address arrive here; Refused where it belongs to somebody else."""

    @abstractmethod
    def remove_alias(self, account: Account, address: str) -> None:
        """Let it arrive here no more; no effect if it does not."""


class SetsQuota(Capability):
    @abstractmethod
    def set_quota(self, account: Account, octets: int) -> None:
        """Set how large the mailbox may grow."""
