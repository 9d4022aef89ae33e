"""All that a connector may raise. Each kind is one thing the caller can do about it."""

from datetime import datetime, timedelta
from enum import StrEnum


class Refusal(StrEnum):
    """Why a directory said no to a new password or a sign-in, in our own words for every server's codes."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_WEAK = "too_weak"
    IN_HISTORY = "in_history"
    SAME_AS_NOW = "same_as_now"
    TOO_YOUNG = "too_young"
    CONTAINS_NAME = "contains_name"
    COMMON_WORD = "common_word"  # in the server's own list of words
    NOT_COMPLEX = "not_complex"  # a kind of character is missing: capital, digit, sign
    REPEATS = "repeats"  # too many of one character, or too long a run such as abcd
    UNUSABLE_CHARACTERS = "unusable_characters"
    CHANGE_NOT_ALLOWED = "change_not_allowed"
    EXPIRED = "expired"  # the password, not the account
    MUST_CHANGE = "must_change"
    LOCKED = "locked"
    DISABLED = "disabled"
    ENDED = "ended"
    INACTIVE = "inactive"  # stopped by the server because nobody used the account for long
    OUTSIDE_HOURS = "outside_hours"
    NOT_FROM_HERE = "not_from_here"
    RESTRICTED = "restricted"
    TOO_MANY_GROUPS = "too_many_groups"
    OWN_AUTO_REPLY = "own_auto_reply"  # rules of the person's own answer already
    TOO_MANY_FORWARDS = "too_many_forwards"
    TARGET_MUST_CONFIRM = "target_must_confirm"  # the mail system has asked whoever owns the address to agree
    ADDRESS_TAKEN = "address_taken"  # it belongs to somebody else
    NO_SUCH_MAILBOX = "no_such_mailbox"  # nobody there has this address
    NO_SUCH_LIST = "no_such_list"
    LAST_MEMBER = "last_member"  # a list of this kind may not become empty
    POLICY = "policy"  # the server refused by policy and does not tell which rule


class Obstacle(StrEnum):
    """Why we may not do something, which only people can settle."""

    NO_RIGHT = "no_right"  # our account lacks a right; `detail` names what was to be written
    PROTECTED = "protected"
    NOT_SECURE = "not_secure"  # the server wants better encryption for this
    READ_ONLY = "read_only"  # this server takes no changes: a replica, or maintenance
    SCHEMA = "schema"  # an attribute or object class that the server does not have
    UNSUPPORTED = "unsupported"  # the server does not know this operation
    NO_RESET = "no_reset"  # its rules want the old password for every change
    NO_LOCKS = "no_locks"  # its rules overlook every lock, ours too
    OTHER_DIRECTORY = "other_directory"
    ROUTED_ELSEWHERE = "routed_elsewhere"  # mail never gets to the mailbox
    UNWILLING = "unwilling"  # refused, and neither code nor text tells why


class Outage(StrEnum):
    """Why nobody could be asked, so that nothing was done."""

    DOWN = "directory_down"
    BUSY = "directory_busy"
    PORTAL_REFUSED = "portal_refused"  # it answers, but does not let the portal's own account in, or is not trusted


class ConnectorError(Exception):
    """The attempt failed and nothing was changed. `detail` is for the record and the ticket, never for the page."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class AccountNotFound(ConnectorError):
    """Nobody by that name."""


class AccountAmbiguous(ConnectorError):
    """More than one entry by that name: we never guess which."""


class Refused(ConnectorError):
    """The other side said no for a reason the person can do something about."""

    def __init__(self, refusal: Refusal, detail: str = "", *, possible_at: datetime | None = None) -> None:
        super().__init__(detail)
        self.refusal = refusal
        self.possible_at = possible_at


class Forbidden(ConnectorError):
    """We may not do this: a missing right, a protected entry. Only people can settle it."""

    def __init__(self, detail: str = "", *, obstacle: Obstacle = Obstacle.NO_RIGHT) -> None:
        super().__init__(detail)
        self.obstacle = obstacle


class Unavailable(ConnectorError):
    """Could not be reached, or did not understand us; nothing was sent; worth another try."""

    def __init__(self, detail: str = "", *, outage: Outage = Outage.DOWN, wait: timedelta = timedelta()) -> None:
        super().__init__(detail)
        self.outage = outage
        self.wait = wait  # the other side asked not to be tried again before


class Unconfirmed(ConnectorError):
    """Sent, but no answer: it may or may not have happened. Read back before repeating."""
