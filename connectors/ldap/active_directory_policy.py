"""Password rules in Active Directory: the domain's own, and fine-grained ones (PSOs) that come before them.

The attributes are described in MS-ADTS; whom a PSO binds the server works out itself (msDS-ResultantPSO).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.account import Account, PasswordRules
from connectors.characters import classes_in
from connectors.errors import Refusal
from connectors.ldap.entry import Entry
from connectors.ldap.filetime import span
from connectors.ldap.link import Link

_FRESH = timedelta(seconds=60)
_LONGEST = 256  # characters in unicodePwd
_CLASSES = 3  # of five, where the rule of complexity holds
_COMPLEX = 0x1  # in pwdProperties (MS-SAMR, 2.2.9.1)
_LEAST_WORD = 3
_BETWEEN_WORDS = re.compile(r"[,.\-_ #\t]+")  # as Windows splits a display name
_DOMAIN = ("minPwdLength", "pwdHistoryLength", "pwdProperties", "minPwdAge", "maxPwdAge", "lockoutDuration")
_PSO = (
    "msDS-MinimumPasswordLength", "msDS-PasswordHistoryLength", "msDS-PasswordComplexityEnabled",
    "msDS-MinimumPasswordAge", "msDS-MaximumPasswordAge", "msDS-LockoutDuration",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One set of rules; a span of zero means no such rule."""

    dn: str
    min_length: int
    history: int
    complex: bool
    min_age: timedelta
    max_age: timedelta
    lock_lasts: timedelta

    def rules(self, account: Account, now: datetime) -> PasswordRules:
        changed = account.state.password_changed_at
        possible = changed + self.min_age if changed and self.min_age else None
        return PasswordRules(
            min_length=self.min_length,
            max_length=_LONGEST,
            history=self.history,
            min_age=self.min_age,
            possible_from=possible if possible and possible > now else None,
            max_age=self.max_age or None,
            classes=_CLASSES if self.complex else 0,
            forbidden_words=words_of(account) if self.complex else frozenset(),
        )


def words_of(account: Account) -> frozenset[str]:
    """What the rule of complexity forbids in a password: the account's name as a whole and each part of the other."""
    words = (account.login, *_BETWEEN_WORDS.split(account.name))
    return frozenset(word for word in words if len(word) >= _LEAST_WORD)


def cause(password: str, rules: PasswordRules) -> Refusal | None:
    """The rule that a refused password breaks, if we can see one: Windows names none."""
    plain = password.casefold()
    if rules.possible_from:
        return Refusal.TOO_YOUNG
    if len(password) < rules.min_length:
        return Refusal.TOO_SHORT
    if len(classes_in(password)) < rules.classes:
        return Refusal.NOT_COMPLEX
    if any(word.casefold() in plain for word in rules.forbidden_words):
        return Refusal.CONTAINS_NAME
    return None


class Policies:
    """Reads rules by DN and keeps each for a minute: they change once a year, and every account needs them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Policy | None]] = {}

    def of(self, service: Link, dn: str) -> Policy | None:
        """The fine-grained rules of that DN or, if it is empty, the domain's. None if we may not read them."""
        if not self._fresh(dn):
            self._kept[dn] = (self._clock(), _pso(service, dn) if dn else _domain(service))
        return self._kept[dn][1]

    def known(self, dn: str) -> Policy | None:
        """The same as far as it was read a moment ago."""
        return self._kept[dn][1] if self._fresh(dn) else None

    def _fresh(self, dn: str) -> bool:
        read_at, _ = self._kept.get(dn, (datetime.min.replace(tzinfo=UTC), None))
        return timedelta() <= self._clock() - read_at < _FRESH


def domain_dn(service: Link) -> str:
    """The domain that the server holds, "" if it does not say."""
    root = service.read("", ("defaultNamingContext",)).entries
    return root[0].text("defaultNamingContext") if root else ""


def _domain(service: Link) -> Policy | None:
    dn = domain_dn(service)
    entry = next(iter(service.read(dn, _DOMAIN).entries), None) if dn else None
    if entry is None or entry.number("minPwdLength") is None:
        return None
    return _policy(entry, _DOMAIN, complexity=bool((entry.number("pwdProperties") or 0) & _COMPLEX))


def _pso(service: Link, dn: str) -> Policy | None:
    entry = next(iter(service.read(dn, _PSO).entries), None)
    if entry is None or entry.number("msDS-MinimumPasswordLength") is None:
        return None
    return _policy(entry, _PSO, complexity=entry.flag("msDS-PasswordComplexityEnabled"))


def _policy(entry: Entry, names: tuple[str, ...], *, complexity: bool) -> Policy:
    min_length, history, _, min_age, max_age, lock_lasts = names
    return Policy(
        dn=entry.dn,
        min_length=entry.number(min_length) or 0,
        history=entry.number(history) or 0,
        complex=complexity,
        min_age=span(entry.number(min_age)),
        max_age=span(entry.number(max_age)),
        lock_lasts=span(entry.number(lock_lasts)),
    )
