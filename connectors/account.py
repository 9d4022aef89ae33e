"""What a directory tells about one account, in the same words for every kind of directory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from connectors.characters import CharacterClass


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """How an account stands. All times are aware and in UTC; None means 'not so' or 'the directory does not say'."""

    locked_at: datetime | None = None  # by too many wrong passwords; goes away by an unlock or a reset
    unlocks_at: datetime | None = None  # when the lock passes by itself, if it does and the directory tells
    disabled: bool = False  # by an administrator; only people can undo it
    must_change: bool = False
    password_changed_at: datetime | None = None
    password_expires_at: datetime | None = None
    ends_on: date | None = None  # the last day the account may be used
    ended: bool = False
    inactive: bool = False  # ended because nobody had used the account for long; an extension starts it again
    failed_sign_ins: int = 0  # wrong passwords the server has counted since the last right one
    failed_at: datetime | None = None  # the newest of them
    revision: str = ""  # changes with every write to the entry (entryCSN, uSNChanged); empty: that cannot be told

    def facts(self) -> dict[str, str]:
        """The state as words for an operation row or a ticket; compared after a crash to see what happened."""
        return {
            "locked_at": _text(self.locked_at),
            "unlocks_at": _text(self.unlocks_at),
            "disabled": str(self.disabled).lower(),
            "must_change": str(self.must_change).lower(),
            "password_changed_at": _text(self.password_changed_at),
            "password_expires_at": _text(self.password_expires_at),
            "ends_on": _text(self.ends_on),
            "failed_sign_ins": str(self.failed_sign_ins or ""),
            "revision": self.revision,
        }

    def end_outcome(self, before: Mapping[str, str], wanted: str) -> Literal["success", "failure", "unknown"]:
        """Whether the end is the wanted one (ISO) now, or still that of `before`; any other somebody else wrote."""
        ends_on = _text(self.ends_on)
        if ends_on == wanted:
            return "success"
        return "failure" if ends_on == before.get("ends_on") else "unknown"

    def password_outcome(self, before: Mapping[str, str]) -> Literal["success", "failure", "unknown"]:
        """Whether the password changed since `before` (an earlier `facts()`).

        It did if it is newer, and did not if the whole entry is as it was; a change within the same second as the one
        before it cannot be told from another write, and an older one is a server's that has not caught up.
        """
        was, now = before.get("password_changed_at", ""), self.password_changed_at
        if now is not None and (not was or now > datetime.fromisoformat(was)):
            return "success"
        return "failure" if self.revision and self.revision == before.get("revision") else "unknown"


def _text(moment: date | datetime | None) -> str:
    return moment.isoformat() if moment else ""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One person's account in one directory. Two accounts with one `id` are the same, whatever their names."""

    id: str  # "<directory>:<the directory's own never-changing id>"
    directory: str  # the installation's name for the directory
    dn: str
    login: str
    name: str
    given_name: str = ""
    mail: str | None = None
    recovery_mail: tuple[str, ...] = ()
    own_mail: tuple[str, ...] = ()  # those of `recovery_mail` that the person may change
    phone: str = ""
    ssh_keys: tuple[str, ...] = ()  # one line each, as in authorized_keys
    language: str | None = None  # a BCP 47 tag, if the directory holds one (preferredLanguage)
    unit: str = ""
    kind: str = ""  # employeeType and the like: "contractor"
    sponsor: str | None = None  # DN of the manager or host
    created_at: datetime | None = None
    groups: frozenset[str] = field(default_factory=frozenset)  # DNs, lower case
    protected: bool = False  # privileged: no path of the portal may change it
    policy: str = ""  # DN of the password policy that binds this person, if the directory names one
    state: AccountState = field(default_factory=AccountState)
    seen_at: datetime | None = None  # None: just now; else when its owner last signed in, where nobody else may look


@dataclass(frozen=True, kw_only=True)
class Copy:
    """An account as one of several servers holds it; without it, `fault` says why."""

    server: str
    account: Account | None = None
    fault: str = ""


class PasswordVerdict(StrEnum):
    """What a sign-in with a password came to."""

    RIGHT = "right"
    WRONG = "wrong"  # also: no such account
    EXPIRED = "expired"  # the password was right or cannot be told; it must be changed first
    MUST_CHANGE = "must_change"
    LOCKED = "locked"
    DISABLED = "disabled"
    ENDED = "ended"
    INACTIVE = "inactive"  # as an account nobody had used for long
    OUTSIDE_HOURS = "outside_hours"  # the directory names hours for this person, and it is another
    NOT_FROM_HERE = "not_from_here"  # the directory names machines for this person, and the portal is none of them
    RESTRICTED = "restricted"  # another restriction of this very account, such as a smart card in place of a password
    TOO_MANY_GROUPS = "too_many_groups"  # more than fit into what the server issues at a sign-in


@dataclass(frozen=True, kw_only=True)
class PasswordCheck:
    """A verdict, and what the server's password policy added to it."""

    verdict: PasswordVerdict
    grace_left: int | None = None  # sign-ins left with an expired password
    expires_in: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class PasswordRules:
    """The rules the directory has for this person's next password. Lengths in code points, 0 or None: no such rule."""

    min_length: int = 0
    max_length: int | None = None
    counts_octets: bool = False  # the server counts the octets of UTF-8 instead, in which å has two
    history: int = 0  # how many old passwords may not be used again
    min_age: timedelta = timedelta()
    possible_from: datetime | None = None  # min_age counted from the last change, if still to come
    max_age: timedelta | None = None
    quality_checked: bool = False  # the server runs checks of its own that it does not tell
    classes: int = 0  # how many of the five in connectors.characters it must mix
    at_least: Mapping[CharacterClass, int] = field(default_factory=dict)  # how many of each kind
    ascii_only: bool = False
    ascii_kinds: bool = False  # for the server all letters beyond ASCII are one kind, and a blank is a sign
    most_repeats: int = 0  # how often one character may stand in a row
    forbidden_words: frozenset[str] = frozenset()  # of this person's names; the server finds them in any case
    own_change_allowed: bool = True
