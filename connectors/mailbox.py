"""What there is to a mailbox, in the same words for every mail system, and what a connector may be able to do to one.

Mail systems are apart from directories: `serves` tells whose mailboxes lie in an installation. All moments are aware
and in UTC; a connector raises only what `connectors.errors` holds, and reads back what it has written.
"""

from abc import abstractmethod
from collections.abc import Iterator
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
    unconfirmed: bool = False  # the mail system sends nothing until whoever owns the target has agreed
    aliases: tuple[str, ...] = ()  # other addresses of whoever gets it
    overruled: bool = False  # another way comes first, so nothing goes by this one

    def goes_to(self, address: str) -> bool:
        """Whether this is the address, or another of whoever gets it."""
        return address.casefold() in {one.casefold() for one in (self.target, *self.aliases)}


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
    titled: bool = True  # it can have a subject of its own
    paced: bool = True  # how often one sender gets it can be chosen

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


class TellsFullness(Capability):
    @abstractmethod
    def fullness(self) -> Iterator[tuple[str, Quota]]:
        """Every mailbox's address and how full it is, in one go; what is not known is left out."""


class Right(StrEnum):
    """What somebody may do with a mailbox of somebody else."""

    READ = "read"  # look at all mail in it
    WORK = "work"  # and file, delete and answer it
    SEND = "send"  # write in its name, without a look inside


@dataclass(frozen=True, kw_only=True)
class SharedBox:
    """A mailbox that is nobody's own, which people may ask to use."""

    address: str
    name: str = ""
    owners: tuple[str, ...] = ()  # addresses of those who decide who uses it
    system: str = ""  # where it lies, once several have been asked


@dataclass(frozen=True, kw_only=True)
class Share:
    """Somebody may use a mailbox that is not theirs."""

    box: str  # its address
    who: str  # the address of whoever may
    right: Right
    system: str = ""  # as above


@dataclass(frozen=True, kw_only=True)
class Shares:
    """What one person has to do with others' mailboxes, and others with hers."""

    mine: tuple[Share, ...] = ()  # others in my mailbox, and everybody in boxes whose owner I am
    others: tuple[Share, ...] = ()  # boxes that I may use


class SharesMailboxes(Capability):
    """`account` is whoever it is done for: the mailbox's own person, or the one who asks for a shared one."""

    rights: tuple[Right, ...] = (Right.READ, Right.WORK)  # that it can give
    own: bool = True  # people's own mailboxes, too

    @abstractmethod
    def shares(self, account: Account) -> Shares:
        """What there is now."""

    @abstractmethod
    def shared_boxes(self, account: Account) -> tuple[SharedBox, ...]:
        """Those this person may ask for, or uses already; people's own mailboxes are never among them."""

    @abstractmethod
    def share(self, account: Account, share: Share) -> None:
        """Let somebody use a mailbox, in place of the right they have to it now; Refused for an unknown address."""

    @abstractmethod
    def unshare(self, account: Account, box: str, who: str) -> None:
        """Let them use it no more; no effect if they do not."""


@dataclass(frozen=True, kw_only=True)
class MailList:
    """A distribution list, as one person sees it."""

    id: str  # by which its system finds it again: a DN, an address
    address: str
    name: str = ""
    about: str = ""
    joinable: bool = False  # everybody may join; otherwise an owner decides
    owners: tuple[str, ...] = ()  # addresses
    member: bool = False  # mail to it arrives at this person
    system: str = ""  # where it lies, once several have been asked


class KeepsLists(Capability):
    @abstractmethod
    def lists_of(self, account: Account) -> tuple[MailList, ...]:
        """Those this person is in, by name."""

    @abstractmethod
    def find_lists(self, account: Account, words: str, limit: int) -> tuple[MailList, ...]:
        """Lists with these words in name or address (empty: any), by name; at most so many."""

    @abstractmethod
    def read_list(self, account: Account, list_id: str) -> MailList:
        """One of them; Refused (NO_SUCH_LIST) where there is none by this id."""

    @abstractmethod
    def join_list(self, account: Account, list_id: str) -> None:
        """Let mail to it arrive here, too; no effect if it does. Who may join was looked at before."""

    @abstractmethod
    def leave_list(self, account: Account, list_id: str) -> None:
        """No more; no effect if it does not. Refused (LAST_MEMBER) where a list may not become empty."""


@dataclass(frozen=True, kw_only=True)
class AppPassword:
    """A password for one program or device, without the password."""

    id: str
    name: str
    created: datetime | None = None
    used: datetime | None = None


class KeepsAppPasswords(Capability):
    makes: bool = True  # False: they can only be listed and ended here

    @abstractmethod
    def app_passwords(self, account: Account) -> tuple[AppPassword, ...]:
        """All there are."""

    @abstractmethod
    def add_app_password(self, account: Account, name: str, password: str) -> None:
        """Let this password, made by the portal and shown once, open the mailbox for programs."""

    @abstractmethod
    def remove_app_password(self, account: Account, password_id: str) -> None:
        """Let it open nothing any more; no effect if there is none by this id."""
