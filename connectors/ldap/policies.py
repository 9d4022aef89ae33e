"""Password policies as OpenLDAP keeps them, in entries of class pwdPolicy (slapo-ppolicy(5))."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.account import PasswordRules
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.requests import equals
from connectors.ldap.settings import LdapSettings

_FRESH = timedelta(seconds=60)
_CLASS = equals("objectClass", "pwdPolicy")
_ATTRIBUTES = (
    "pwdMinLength", "pwdMaxLength", "pwdInHistory", "pwdMinAge", "pwdMaxAge", "pwdCheckQuality", "pwdCheckModule",
    "pwdUseCheckModule", "pwdLockout", "pwdLockoutDuration", "pwdMustChange", "pwdAllowUserChange", "pwdSafeModify",
)  # fmt: skip
_MOST_SECONDS = 10**9  # about 30 years; a longer age means none, and would overflow a date


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy. Lengths in octets, as the server counts; a duration of zero means no such rule."""

    dn: str = ""
    min_length: int = 0
    max_length: int | None = None
    history: int = 0
    min_age: timedelta = timedelta()
    max_age: timedelta = timedelta()
    checked_by_module: bool = False
    locks: bool = False  # without this the server overlooks every lock, an administrator's too
    lock_lasts: timedelta = timedelta()
    must_change_after_reset: bool = False
    own_change_allowed: bool = True
    wants_old: bool = False  # and so refuses a reset, which has no old password to give

    def rules(self, changed_at: datetime | None, now: datetime) -> PasswordRules:
        """The policy as one person meets it who last changed the password at `changed_at`."""
        possible = changed_at + self.min_age if changed_at and self.min_age else None
        return PasswordRules(
            min_length=self.min_length,
            max_length=self.max_length,
            counts_octets=True,
            history=self.history,
            min_age=self.min_age,
            possible_from=possible if possible and possible > now else None,
            max_age=self.max_age or None,
            quality_checked=self.checked_by_module,
            own_change_allowed=self.own_change_allowed,
        )


def policy_from(entry: Entry) -> Policy:
    checks = (entry.number("pwdCheckQuality") or 0) > 0  # the lengths count only then
    return Policy(
        dn=entry.dn,
        min_length=(entry.number("pwdMinLength") or 0) if checks else 0,
        max_length=(entry.number("pwdMaxLength") or None) if checks else None,
        history=entry.number("pwdInHistory") or 0,
        min_age=_seconds(entry, "pwdMinAge"),
        max_age=_seconds(entry, "pwdMaxAge"),
        checked_by_module=checks and (bool(entry.text("pwdCheckModule")) or entry.flag("pwdUseCheckModule")),
        locks=entry.flag("pwdLockout"),
        lock_lasts=_seconds(entry, "pwdLockoutDuration"),
        must_change_after_reset=entry.flag("pwdMustChange"),
        own_change_allowed=entry.text("pwdAllowUserChange").upper() != "FALSE",
        wants_old=entry.flag("pwdSafeModify"),
    )


def _seconds(entry: Entry, attribute: str) -> timedelta:
    seconds = entry.number(attribute) or 0
    return timedelta(seconds=seconds) if 0 < seconds < _MOST_SECONDS else timedelta()


class Policies:
    """Reads policies by DN and keeps each for a minute: they change once a year, and every account needs one."""

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Policy | None]] = {}

    def of(self, service: Link, dn: str) -> Policy:
        """The policy of that DN or, if it is empty, everybody's. A policy that cannot be read has no rules."""
        key = dn or self._settings.default_policy_dn or ""
        read_at, policy = self._kept.get(key, (datetime.min.replace(tzinfo=UTC), None))
        if not timedelta() <= self._clock() - read_at < _FRESH:
            policy = self._read(service, key) if key else self.default(service)
            self._kept[key] = (self._clock(), policy)
        return policy or Policy()

    def default(self, service: Link) -> Policy | None:
        """Everybody's policy: the configured one, else the only one there is, else the one named default."""
        if self._settings.default_policy_dn:
            return self._read(service, self._settings.default_policy_dn)
        found = self._all(service)
        if len(found) == 1:
            return found[0]
        return next((policy for policy in found if policy.dn.lower().startswith("cn=default,")), None)

    def shortest_age(self, service: Link) -> timedelta | None:
        """How long a password lasts by the strictest of all policies; None: for good by every one of them."""
        ages = [policy.max_age for policy in (*self._all(service), self.of(service, "")) if policy.max_age]
        return min(ages, default=None)

    def _all(self, service: Link) -> list[Policy]:
        return [
            policy_from(entry)
            for base in service.read("", ("namingContexts",)).entries[:1]
            for context in base.texts("namingContexts")
            for entry in service.search(context, _CLASS, _ATTRIBUTES, limit=100).entries
        ]

    def _read(self, service: Link, dn: str) -> Policy | None:
        entries = service.read(dn, _ATTRIBUTES, _CLASS).entries
        return policy_from(entries[0]) if entries else None
