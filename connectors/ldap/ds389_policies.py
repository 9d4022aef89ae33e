"""Password policies as 389 DS keeps them: everybody's in cn=config, local ones in entries of class passwordPolicy.

What a local policy leaves out is not taken from cn=config but has a value built into the server: the one that a fresh
cn=config shows (version 2.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.account import Account, PasswordRules
from connectors.characters import CharacterClass
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.settings import LdapSettings

ATTRIBUTES = (
    "nsslapd-pwpolicy-local", "passwordCheckSyntax", "passwordMinLength", "passwordMinCategories",
    "passwordMinDigits", "passwordMinAlphas", "passwordMinUppers", "passwordMinLowers", "passwordMinSpecials",
    "passwordMin8Bit", "passwordMaxRepeats", "passwordMaxSequence", "passwordMaxSeqSets", "passwordMaxClassChars",
    "passwordPalindrome", "passwordDictCheck", "passwordBadWords", "passwordMinTokenLength", "passwordHistory",
    "passwordInHistory", "passwordMinAge", "passwordMaxAge", "passwordExp", "passwordChange", "passwordMustChange",
    "passwordLockout", "passwordMaxFailure", "passwordUnlock", "passwordLockoutDuration", "passwordResetFailureCount",
    "passwordTrackUpdateTime", "passwordAdminDN", "accountInactivityLimit",
)  # fmt: skip
_KINDS = {
    "passwordMinDigits": CharacterClass.DIGIT,
    "passwordMinUppers": CharacterClass.UPPER,
    "passwordMinLowers": CharacterClass.LOWER,
    "passwordMinSpecials": CharacterClass.SIGN,
}
_NOT_TOLD = (
    "passwordMinAlphas", "passwordMin8Bit", "passwordMaxSequence", "passwordMaxSeqSets", "passwordMaxClassChars",
    "passwordPalindrome", "passwordDictCheck", "passwordBadWords",
)  # fmt: skip
"""Rules about characters for which `PasswordRules` has no field: that there are some is all that is told."""

_FRESH = timedelta(seconds=60)
_MOST_SECONDS = 10**9  # about 30 years; longer means never, and would overflow a date


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy. Where none can be read, an account's own attributes are believed."""

    dn: str = ""  # empty: it cannot be read
    local: bool = True  # whether policies of single accounts and subtrees count
    min_length: int = 0
    categories: int = 0
    token_length: int = 0  # so many letters in a row of somebody's names are too many
    at_least: Mapping[CharacterClass, int] = field(default_factory=dict)
    most_repeats: int = 0
    quality_checked: bool = False
    history: int = 0
    min_age: timedelta = timedelta()
    expires: bool = True
    max_age: timedelta = timedelta()
    own_change_allowed: bool = True
    obeys_must_change: bool = True
    locks: bool = True
    most_failures: int = 1
    unlocks: bool = False  # by itself, and then a mark "for good" is one of the past
    lock_lasts: timedelta = timedelta(seconds=3600)
    failures_count_for: timedelta = timedelta(seconds=600)
    keeps_change_time: bool = False
    administrators: str = ""  # DN of whoever no rule holds for

    def rules(self, account: Account, possible_from: datetime | None) -> PasswordRules:
        return PasswordRules(
            min_length=self.min_length,
            history=self.history,
            min_age=self.min_age,
            possible_from=possible_from,
            max_age=self.max_age if self.expires and self.max_age else None,
            quality_checked=self.quality_checked,
            classes=self.categories if self.categories > 1 else 0,
            at_least=self.at_least,
            ascii_kinds=True,
            most_repeats=self.most_repeats,
            forbidden_words=_pieces(account, self.token_length) if self.token_length else frozenset(),
            own_change_allowed=self.own_change_allowed,
        )


def policy_from(entry: Entry) -> Policy:
    checks = _on(entry, "passwordCheckSyntax")
    return Policy(
        dn=entry.dn,
        local=_on(entry, "nsslapd-pwpolicy-local", otherwise="on"),
        min_length=_number(entry, "passwordMinLength", 8) if checks else 0,
        categories=_number(entry, "passwordMinCategories", 3) if checks else 0,
        token_length=_number(entry, "passwordMinTokenLength", 3) if checks else 0,
        at_least={kind: least for name, kind in _KINDS.items() if checks and (least := _number(entry, name, 0)) > 0},
        most_repeats=_number(entry, "passwordMaxRepeats", 0) if checks else 0,
        quality_checked=checks and any(entry.text(name) not in ("", "0", "off") for name in _NOT_TOLD),
        history=_number(entry, "passwordInHistory", 6) if _on(entry, "passwordHistory") else 0,
        min_age=_seconds(entry, "passwordMinAge", 0),
        expires=_on(entry, "passwordExp"),
        max_age=_seconds(entry, "passwordMaxAge", 8640000),
        own_change_allowed=_on(entry, "passwordChange", otherwise="on"),
        obeys_must_change=_on(entry, "passwordMustChange"),
        locks=_on(entry, "passwordLockout"),
        most_failures=_number(entry, "passwordMaxFailure", 3),
        unlocks=_on(entry, "passwordUnlock", otherwise="on"),
        lock_lasts=_seconds(entry, "passwordLockoutDuration", 3600),
        failures_count_for=_seconds(entry, "passwordResetFailureCount", 600),
        keeps_change_time=_on(entry, "passwordTrackUpdateTime"),
        administrators=entry.text("passwordAdminDN"),
    )


def _on(entry: Entry, attribute: str, otherwise: str = "off") -> bool:
    return (entry.text(attribute) or otherwise).lower() in ("on", "true", "1")


def _number(entry: Entry, attribute: str, otherwise: int) -> int:
    found = entry.number(attribute)
    return otherwise if found is None else found


def _seconds(entry: Entry, attribute: str, otherwise: int) -> timedelta:
    seconds = _number(entry, attribute, otherwise)
    return timedelta(seconds=seconds) if 0 < seconds < _MOST_SECONDS else timedelta()


def _pieces(account: Account, size: int) -> frozenset[str]:
    """The server takes any so many letters in a row for part of the name, wherever they stand in it."""
    names = (account.login, account.name, account.given_name, account.mail or "")
    return frozenset(name[at : at + size].lower() for name in names for at in range(len(name) - size + 1))


class Policies:
    """Reads policies by DN and keeps each for a minute: they change once a year, and every account needs one."""

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        self.everybodys = settings.default_policy_dn or "cn=config"
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Policy]] = {}

    def of(self, service: Link, dn: str) -> Policy:
        """The policy of that DN; everybody's, if it is empty or the server has local ones switched off."""
        everybodys = self._of(service, self.everybodys)
        return self._of(service, dn) if dn and everybodys.local else everybodys

    def _of(self, service: Link, dn: str) -> Policy:
        read_at, policy = self._kept.get(dn, (datetime.min.replace(tzinfo=UTC), Policy()))
        if not timedelta() <= self._clock() - read_at < _FRESH:
            entries = service.read(dn, ATTRIBUTES).entries
            # An entry with none of them is one whose attributes may not be read.
            policy = policy_from(entries[0]) if entries and entries[0].raw else Policy()
            self._kept[dn] = (self._clock(), policy)
        return policy
