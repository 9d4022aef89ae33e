"""Setting a password: the rules a new one must keep, and what changes in the entry with it."""

from datetime import datetime

from portal.demo.directory import hashing
from portal.demo.directory.entry import Entry, format_time
from portal.demo.directory.policy import PasswordPolicy
from portal.demo.directory.refusal import Code, PolicyError, Refusal
from portal.demo.directory.tree import Tree

_OCTET_STRING = "1.3.6.1.4.1.1466.115.121.1.40"  # the syntax that pwdHistory names


def known(entry: Entry, password: bytes) -> bool:
    """Whether this is the entry's password now."""
    return any(hashing.fits(password, stored) for stored in entry.values("userPassword"))


def set_password(tree: Tree, entry: Entry, new: bytes, *, own: bool) -> None:
    """Put a new password into a copy of an entry, with all that goes with it; nothing is saved here.

    Raises Refusal, 19 or 50 with the policy's number. It binds the portal's account like everybody else.
    """
    policy, now = tree.policy_for(entry), tree.clock()
    if own and not policy.own_change_allowed:
        text = "User alteration of password is not allowed"
        raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS, text, policy=PolicyError.MODIFICATION_NOT_ALLOWED)
    _check_age(entry, policy, now)
    _check_quality(new, policy)
    _check_history(entry, new, policy)
    _remember(entry, policy, now)
    entry.put("userPassword", [hashing.hashed(new, tree.random(hashing.SALT_LENGTH))])
    entry.put("pwdChangedTime", [format_time(now)])
    for spent in ("pwdFailureTime", "pwdGraceUseTime", "pwdAccountLockedTime", "pwdReset"):
        entry.put(spent, [])


def _check_age(entry: Entry, policy: PasswordPolicy, now: datetime) -> None:
    changed = entry.moment("pwdChangedTime")
    if changed and not entry.flag("pwdReset") and now < changed + policy.min_age:
        raise _violation("Password is too young to change", PolicyError.TOO_YOUNG)


def _check_quality(new: bytes, policy: PasswordPolicy) -> None:
    text = "Password fails quality checking policy"
    if not new or len(new) < policy.min_length:
        raise _violation(text, PolicyError.TOO_SHORT)
    if policy.checks_quality and hashing.looks_hashed(new):
        raise _violation(text, PolicyError.INSUFFICIENT_QUALITY)


def _check_history(entry: Entry, new: bytes, policy: PasswordPolicy) -> None:
    if not policy.history:
        return
    if known(entry, new):
        raise _violation("Password is not being changed from existing value", PolicyError.IN_HISTORY)
    if any(hashing.fits(new, value.split(b"#", 3)[3]) for value in entry.values("pwdHistory")):
        raise _violation("Password is in history of old passwords", PolicyError.IN_HISTORY)


def _remember(entry: Entry, policy: PasswordPolicy, now: datetime) -> None:
    """Move the present hash into the history, which keeps as many as the policy says."""
    stamp = f"{format_time(now)}#{_OCTET_STRING}#".encode()
    present = [stamp + str(len(old)).encode() + b"#" + old for old in entry.values("userPassword")]
    history = [*entry.values("pwdHistory"), *present]
    entry.put("pwdHistory", history[-policy.history :] if policy.history else [])


def _violation(text: str, error: PolicyError) -> Refusal:
    return Refusal(Code.CONSTRAINT_VIOLATION, text, policy=error)
