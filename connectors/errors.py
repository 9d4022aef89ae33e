"""All that a connector may raise. Each kind is one thing the caller can do about it."""

from datetime import datetime
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
    CHANGE_NOT_ALLOWED = "change_not_allowed"
    LOCKED = "locked"
    DISABLED = "disabled"
    ENDED = "ended"
    OUTSIDE_HOURS = "outside_hours"
    NOT_FROM_HERE = "not_from_here"
    RESTRICTED = "restricted"
    TOO_MANY_GROUPS = "too_many_groups"
    POLICY = "policy"  # the server refused by policy and does not tell which rule


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


class Unavailable(ConnectorError):
    """Could not be reached, or did not understand us; nothing was sent; worth another try."""


class Unconfirmed(ConnectorError):
    """Sent, but no answer: it may or may not have happened. Read back before repeating."""
