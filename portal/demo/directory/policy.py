"""The password policy: its rules as an entry holds them, and how an account stands under them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.demo.directory.entry import Entry, parse_time

FOR_GOOD = "000001010000Z"  # pwdAccountLockedTime of an account that an administrator has shut


@dataclass(frozen=True, kw_only=True)
class PasswordPolicy:
    """Rules for passwords. Zero or an empty time span: no such rule."""

    min_length: int = 0
    history: int = 0
    min_age: timedelta = timedelta()
    max_age: timedelta = timedelta()
    warn_before: timedelta = timedelta()
    grace: int = 0
    lockout: bool = False
    max_failures: int = 0
    lockout_duration: timedelta = timedelta()
    failures_count_for: timedelta = timedelta()
    must_change: bool = False
    own_change_allowed: bool = True
    old_needed: bool = False
    checks_quality: bool = False

    @classmethod
    def of(cls, entry: Entry | None) -> "PasswordPolicy":
        """Read a pwdPolicy entry; without one there are no rules."""
        if entry is None:
            return cls()
        return cls(
            min_length=entry.number("pwdMinLength"),
            history=entry.number("pwdInHistory"),
            min_age=_seconds(entry, "pwdMinAge"),
            max_age=_seconds(entry, "pwdMaxAge"),
            warn_before=_seconds(entry, "pwdExpireWarning"),
            grace=entry.number("pwdGraceAuthNLimit"),
            lockout=entry.flag("pwdLockout"),
            max_failures=entry.number("pwdMaxFailure"),
            lockout_duration=_seconds(entry, "pwdLockoutDuration"),
            failures_count_for=_seconds(entry, "pwdFailureCountInterval"),
            must_change=entry.flag("pwdMustChange"),
            own_change_allowed=entry.first("pwdAllowUserChange") != "FALSE",
            old_needed=entry.flag("pwdSafeModify"),
            checks_quality=entry.number("pwdCheckQuality") > 0,
        )

    def shut(self, entry: Entry, now: datetime) -> bool:
        """Whether nobody may sign in here: past its end, locked by failures, or shut for good."""
        ends = entry.moment("pwdEndTime")
        if ends is not None and now >= ends:
            return True
        since = entry.first("pwdAccountLockedTime")
        if not self.lockout or since is None:
            return False
        locked_at = entry.moment("pwdAccountLockedTime")
        if since == FOR_GOOD or locked_at is None:
            return True
        return locked_at <= now and (not self.lockout_duration or now < locked_at + self.lockout_duration)

    def expires_at(self, entry: Entry) -> datetime | None:
        """When the password grows too old; None if it does not."""
        changed = entry.moment("pwdChangedTime")
        return changed + self.max_age if changed and self.max_age else None

    def recent_failures(self, entry: Entry, now: datetime) -> list[datetime]:
        """Wrong passwords that still count, oldest first."""
        moments = sorted(filter(None, (parse_time(value.decode()) for value in entry.values("pwdFailureTime"))))
        if self.failures_count_for:
            moments = [moment for moment in moments if moment > now - self.failures_count_for]
        return moments


def _seconds(entry: Entry, name: str) -> timedelta:
    return timedelta(seconds=entry.number(name))
