"""What differs from server to server: one subclass per kind, everything else is `directory.py`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import ClassVar

from connectors.account import Account, AccountState, PasswordCheck, PasswordRules
from connectors.capabilities import Finding
from connectors.ldap.entry import Entry
from connectors.ldap.groups import Groups
from connectors.ldap.link import Link, Reply
from connectors.ldap.requests import Filter
from connectors.ldap.settings import LdapSettings


class Dialect(ABC):
    """How one kind of server tells an account's state, and takes changes to it.

    `service` is always a connection of the service account, `person` one on which somebody signed in, or nobody yet.
    Each method may raise what `connectors.errors` holds, and Lost.
    """

    attributes: ClassVar[tuple[str, ...]]
    """Attributes to ask for beyond those the settings name."""

    names: ClassVar[tuple[str, ...]] = ()
    """Attributes with further names by which somebody may ask to be found."""

    marks: ClassVar[tuple[str, ...]] = ()
    """Attributes that an entry has only while something is the matter with the account."""

    identities: ClassVar[tuple[str, ...]] = ()
    """Attributes with the entry's own id, by which it is found again."""

    written_if_allowed: tuple[str, ...] = ()
    """Attributes written to people's entries that an object class has to allow."""

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self._groups = Groups(settings, clock)

    @abstractmethod
    def identity(self, entry: Entry) -> str:
        """The entry's own id, which survives renaming; empty if it has none."""

    @abstractmethod
    def identity_filter(self, identity: str) -> Filter | None:
        """A filter that finds exactly that entry, or None if it is no such id."""

    @abstractmethod
    def state(self, service: Link, entry: Entry) -> AccountState: ...

    @abstractmethod
    def policy_dn(self, entry: Entry) -> str:
        """DN of the password policy named by the entry itself, or an empty string."""

    @abstractmethod
    def rules(self, service: Link, account: Account) -> PasswordRules: ...

    @abstractmethod
    def judge(self, reply: Reply, account: Account) -> PasswordCheck | None:
        """What a bind came to, as far as its answer tells; None: look at the entry, then ask `judge_by_state`."""

    @abstractmethod
    def judge_by_state(self, reply: Reply, state: AccountState) -> PasswordCheck: ...

    @abstractmethod
    def set_password(self, service: Link, account: Account, password: str) -> Account | None: ...

    @abstractmethod
    def change_password(self, person: Link, account: Account, new: str, old: str) -> None:
        """Change it on a connection where the person has just signed in with the old one."""

    @abstractmethod
    def unlock(self, service: Link, account: Account) -> None: ...

    @abstractmethod
    def disable(self, service: Link, account: Account) -> None: ...

    @abstractmethod
    def enable(self, service: Link, account: Account) -> None:
        """Take back what `disable`, or an administrator in the same way, has set; nothing else."""

    def change_for_person(self, service: Link, account: Account, new: str, old: str) -> None:
        """Change it for somebody whom the server does not let in with an expired password, which was right.

        Where a server can check the old password in the same operation, its dialect does so.
        """
        self.set_password(service, account, new)

    @abstractmethod
    def require_change(self, service: Link, account: Account) -> None: ...

    @abstractmethod
    def set_end(self, service: Link, account: Account, last_day: date | None) -> None: ...

    @abstractmethod
    def ends_within(self, first: date, last: date) -> Filter:
        """A filter that lets through every account whose last day is one of these; it may let through more."""

    @abstractmethod
    def passwords_expire_within(self, service: Link, first: datetime, last: datetime) -> Filter | None:
        """The same for accounts whose password expires between these moments; None: no password ever does."""

    def whole(self, service: Link, entry: Entry) -> Entry:
        """The entry with what the server tells only when asked for this one alone; `groups` and `protected` get it."""
        return entry

    def groups(self, service: Link, entry: Entry) -> frozenset[str]:
        """DNs of all groups of the entry, groups of groups too, as `dn_key` spells them."""
        return self._groups.of(service, entry)

    def protected(self, entry: Entry) -> bool:
        """Whether the server itself marks the entry as privileged."""
        return False

    def grant_to_find(self, base: str) -> str:
        """What an administrator has to do so that people below `base` can be found."""
        return f"Give {self.settings.bind_dn} the right to read and search {base}."

    def grant_to_list(self) -> str:
        """What an administrator has to do so that long lists are not cut short."""
        return f"Let {self.settings.bind_dn} read page by page without a limit."

    @abstractmethod
    def examine(self, service: Link, samples: Sequence[Entry], base: str) -> Iterator[Finding]:
        """What the doctor can say of this kind of server, tried out on entries below `base` without changing them."""

    @abstractmethod
    def may_reset(self, service: Link, dn: str) -> bool:
        """Whether our own account has the right to set the password of this entry, found out without doing it."""

    @abstractmethod
    def withhold(self, base: str, group: str) -> str:
        """What takes away our own account's rights over this group's members."""

    def indexed(self, service: Link, attributes: Sequence[str]) -> frozenset[str] | None:
        """Which of these can be searched quickly, in lower case; None if we may not see it."""
        return None

    @abstractmethod
    def look_at_indexes(self, attributes: Sequence[str]) -> str:
        """The command by which an administrator sees whether these are indexed."""

    @abstractmethod
    def add_indexes(self, attributes: Sequence[str]) -> str: ...

    @abstractmethod
    def look_at_replication(self, url: str) -> str:
        """The command by which an administrator sees whether that server follows the others."""
