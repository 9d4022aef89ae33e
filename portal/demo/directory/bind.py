"""Signing in with a password, under the password policy."""

from dataclasses import dataclass
from datetime import datetime

from portal.demo.directory import hashing
from portal.demo.directory.entry import Entry, format_time
from portal.demo.directory.names import Key
from portal.demo.directory.policy import PasswordPolicy
from portal.demo.directory.refusal import Code, PolicyError
from portal.demo.directory.tree import Tree


@dataclass(frozen=True, kw_only=True)
class BindAnswer:
    """What a sign-in came to. `told` is False for a name nobody has: then no policy control is sent."""

    code: Code
    error: PolicyError | None = None
    grace_left: int | None = None
    expires_in: int | None = None  # seconds
    told: bool = True


def bind(tree: Tree, name: Key, password: bytes) -> BindAnswer:
    """Try a password; wrong ones are counted, and the count is on disk before the answer."""
    entry = tree.find(name)
    if entry is None:
        return BindAnswer(code=Code.INVALID_CREDENTIALS, told=False)
    policy, now = tree.policy_for(entry), tree.clock()
    if policy.shut(entry, now):
        return BindAnswer(code=Code.INVALID_CREDENTIALS, error=PolicyError.ACCOUNT_LOCKED)
    if not any(hashing.fits(password, stored) for stored in entry.values("userPassword")):
        _count_failure(tree, entry, policy, now)
        return BindAnswer(code=Code.INVALID_CREDENTIALS)
    changed = entry.copy()
    changed.put("pwdFailureTime", [])
    changed.put("pwdAccountLockedTime", [])  # a lock that has run out
    answer = _under_policy(changed, policy, now)
    if changed.attributes != entry.attributes:
        tree.write(changed)
    return answer


def _count_failure(tree: Tree, entry: Entry, policy: PasswordPolicy, now: datetime) -> None:
    if not policy.max_failures:
        return
    failures = [*policy.recent_failures(entry, now), now][-policy.max_failures :]
    changed = entry.copy()
    changed.put("pwdFailureTime", [format_time(moment, fraction=True) for moment in failures])
    if policy.lockout and len(failures) >= policy.max_failures:
        changed.put("pwdAccountLockedTime", [format_time(now)])
    tree.write(changed)


def _under_policy(entry: Entry, policy: PasswordPolicy, now: datetime) -> BindAnswer:
    """The right password was given; say what the policy adds, noting a used grace sign-in in the entry."""
    if policy.must_change and entry.flag("pwdReset"):
        return BindAnswer(code=Code.SUCCESS, error=PolicyError.CHANGE_AFTER_RESET)
    expires = policy.expires_at(entry)
    if expires is None or now < expires - policy.warn_before:
        return BindAnswer(code=Code.SUCCESS)
    if now <= expires:
        soon = int((expires - now).total_seconds()) if policy.warn_before else None
        return BindAnswer(code=Code.SUCCESS, expires_in=soon)
    used = entry.values("pwdGraceUseTime")
    left = policy.grace - len(used)
    if left < 1:
        return BindAnswer(code=Code.INVALID_CREDENTIALS, error=PolicyError.PASSWORD_EXPIRED)
    entry.put("pwdGraceUseTime", [*used, format_time(now, fraction=True)])
    return BindAnswer(code=Code.SUCCESS, grace_left=left - 1)
