"""389 Directory Server, or Red Hat's: where it keeps an account's state, and how it takes changes to it."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connectors.account import Account, AccountState, PasswordCheck, PasswordRules, PasswordVerdict
from connectors.capabilities import Finding
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import ds389_doctor, ds389_inactivity, service_account_doctor
from connectors.ldap.dialect import Dialect
from connectors.ldap.ds389_inactivity import Inactivity
from connectors.ldap.ds389_policies import Policies, Policy
from connectors.ldap.ds389_refusals import kept_out, refusal_for
from connectors.ldap.end_dates import EndDates, generalized
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link, Reply
from connectors.ldap.ppolicy import PolicyError
from connectors.ldap.requests import Change, Changes, Filter, all_of, at_least, at_most, equals
from connectors.ldap.results import CONSTRAINT_VIOLATION, INVALID_CREDENTIALS, SUCCESS, error_for, missing
from connectors.ldap.samples import over
from connectors.ldap.settings import LdapSettings

FOR_GOOD = datetime(1970, 1, 1, tzinfo=UTC)
"""As accountUnlockTime: not by itself. As passwordExpirationTime: a new password is wanted."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){3}", re.IGNORECASE)
_NO_VALUE: list[tuple[Change, list[bytes]]] = [(Change.REPLACE, [])]
_UNLOCKED: Changes = dict.fromkeys(("accountUnlockTime", "passwordRetryCount", "retryCountResetTime"), _NO_VALUE)


class Ds389(Dialect):
    attributes = (
        "nsUniqueId", "entryusn", "modifyTimestamp", "pwdPolicySubentry", "pwdUpdateTime", "passwordExpirationTime",
        "passwordRetryCount", "retryCountResetTime", "accountUnlockTime", "nsAccountLock", "shadowExpire",
        "krbPrincipalExpiration", *ds389_inactivity.ATTRIBUTES,
    )  # fmt: skip

    identities = ("nsUniqueId",)

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        super().__init__(settings, clock)
        self.policies = Policies(settings, clock)
        self.inactivity = Inactivity(clock)
        self.written_if_allowed = (settings.end_attribute,) if settings.end_attribute == "shadowExpire" else ()
        zone = ZoneInfo(settings.time_zone)
        self.ends = EndDates(moment="krbPrincipalExpiration", otherwise=settings.end_attribute, zone=zone)
        self.zone = zone

    def identity(self, entry: Entry) -> str:
        return entry.text("nsUniqueId")

    def identity_filter(self, identity: str) -> Filter | None:
        return equals("nsUniqueId", identity) if _ID.fullmatch(identity) else None

    def policy_dn(self, entry: Entry) -> str:
        return entry.text("pwdPolicySubentry")

    def rules(self, service: Link, account: Account) -> PasswordRules:
        policy = self.policies.of(service, account.policy)
        possible = None
        if policy.min_age:  # counted when the password was changed, and written down then
            entries = service.read(account.dn, ("passwordAllowChangeTime",)).entries
            possible = entries[0].moment("passwordAllowChangeTime") if entries else None
        return policy.rules(account, possible if possible and possible > self.clock() else None)

    def state(self, service: Link, entry: Entry) -> AccountState:
        policy = self.policies.of(service, self.policy_dn(entry))
        expires = entry.moment("passwordExpirationTime")
        ends_on, ended = self.ends.read(entry, self.clock())
        if stopped_at := self.inactivity.stopped_at(service, entry):
            day = stopped_at.astimezone(self.zone).date()
            ends_on, ended = min(ends_on or day, day), True
        locked_at = _locked_at(entry, policy, self.clock())
        unlocks_at = entry.moment("accountUnlockTime") if locked_at else None
        return AccountState(
            locked_at=locked_at,
            unlocks_at=None if unlocks_at == FOR_GOOD else unlocks_at,
            disabled=entry.flag("nsAccountLock"),
            must_change=expires == FOR_GOOD and policy.obeys_must_change,
            password_changed_at=entry.moment("pwdUpdateTime"),
            # A few seconds after the beginning of 1970 are marks of the server's own.
            password_expires_at=expires if expires and expires.year > FOR_GOOD.year and policy.expires else None,
            ends_on=ends_on,
            ended=ended,
            inactive=stopped_at is not None,
            failed_sign_ins=_failures(entry, self.clock(), locked=locked_at is not None),
            # Each server counts entryusn for itself.
            revision=" ".join(entry.texts("modifyTimestamp", "entryusn")),
        )

    def judge(self, reply: Reply, account: Account) -> PasswordCheck | None:
        if verdict := kept_out(reply):
            return PasswordCheck(verdict=verdict)
        if reply.code == INVALID_CREDENTIALS:
            # The server looks at the age only after the password was right: this error says so.
            expired = reply.policy.error is PolicyError.PASSWORD_EXPIRED
            return PasswordCheck(verdict=PasswordVerdict.EXPIRED if expired else PasswordVerdict.WRONG)
        if reply.code != SUCCESS:
            raise error_for(reply)
        return PasswordCheck(
            verdict=_verdict(reply, account.state),
            grace_left=reply.policy.grace_left,
            expires_in=reply.policy.expires_in,
        )

    def judge_by_state(self, reply: Reply, state: AccountState) -> PasswordCheck:
        """Never needed: the answer to a bind tells all."""
        return PasswordCheck(verdict=PasswordVerdict.WRONG)

    def set_password(self, service: Link, account: Account, password: str) -> None:
        self._reset(service, account, [(Change.REPLACE, [password.encode()])])

    def change_for_person(self, service: Link, account: Account, new: str, old: str) -> None:
        """The server compares the old password with the stored one before it takes it away."""
        self._reset(service, account, [(Change.DELETE, [old.encode()]), (Change.ADD, [new.encode()])])

    def change_password(self, person: Link, account: Account, new: str, old: str) -> None:
        """By the password-modify operation: after a modification the server answers before it has taken a must-change
        away. But it keeps its reason for a refusal to itself, which a modification that is refused as well tells.
        """
        reply = person.set_password(new)
        if reply.code == CONSTRAINT_VIOLATION:
            reply = person.modify(account.dn, {"userPassword": [(Change.REPLACE, [new.encode()])]})
        if reply.code != SUCCESS:
            raise refusal_for(reply)

    def unlock(self, service: Link, account: Account) -> None:
        """Take away exactly the lock that was seen."""
        entry = self._read(service, account)
        if entry.flag("nsAccountLock"):
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        if entry.values("accountUnlockTime"):
            self._modify(service, account, _UNLOCKED)

    def disable(self, service: Link, account: Account) -> None:
        self._modify(service, account, {"nsAccountLock": [(Change.REPLACE, [b"true"])]})

    def enable(self, service: Link, account: Account) -> None:
        """A lock that comes from a role is not the entry's own, and stays."""
        self._modify(service, account, {"nsAccountLock": [(Change.REPLACE, [])]})

    def require_change(self, service: Link, account: Account) -> None:
        """The server clears the mark by itself as soon as the person has changed the password."""
        policy = self.policies.of(service, account.policy)
        if not policy.dn or not policy.obeys_must_change:
            # It would be taken for the mark of a first sign-in, which lets the password expire a day later.
            detail = f"the policy {policy.dn or 'cannot be read, so nobody knows that it'} lacks passwordMustChange: on"
            raise Forbidden(detail, obstacle=Obstacle.NO_LOCKS)
        mark = generalized(FOR_GOOD).encode()
        self._modify(service, account, {"passwordExpirationTime": [(Change.REPLACE, [mark])]})

    def set_end(self, service: Link, account: Account, last_day: date | None) -> None:
        """An account that was stopped for inactivity is woken as well: it counts as used today."""
        entry = self._read(service, account)
        changes = dict(self.ends.changes(entry, last_day))
        if self.inactivity.stopped_at(service, entry):
            changes["lastLoginTime"] = [(Change.REPLACE, [generalized(self.clock()).encode()])]
        if changes:
            self._modify(service, account, changes)

    def ends_within(self, first: date, last: date) -> Filter:
        """Not those that would be stopped for inactivity: they end on no day, but go on with the next sign-in."""
        return self.ends.within(first, last)

    def passwords_expire_within(self, service: Link, first: datetime, last: datetime) -> Filter:
        return all_of(
            at_least("passwordExpirationTime", generalized(first)), at_most("passwordExpirationTime", generalized(last))
        )

    def grant_to_find(self, base: str) -> str:
        s = self.settings
        names = ("objectClass", s.login_attribute, *s.mail_attributes, *(self.attributes if s.bind_dn else ()))
        return ds389_doctor.grant(s, base, tuple(dict.fromkeys(names)), "read,search,compare")

    def grant_to_list(self) -> str:
        limits = ("nsPagedSizeLimit", "nsSizeLimit", "nsLookThroughLimit")
        changes = "\n-\n".join(f"replace: {name}\n{name}: -1" for name in limits)
        return f"dn: {self.settings.bind_dn}\nchangetype: modify\n{changes}"

    def examine(self, service: Link, samples: Sequence[Entry], base: str) -> Iterator[Finding]:
        yield from self._examine_ourselves(service)
        if not samples:
            yield from self._examine_policy(service, "")
        yield from over(samples, lambda sample: self._examine_one(service, sample, base))

    def may_reset(self, service: Link, dn: str) -> bool:
        return ds389_doctor.may_reset(self.settings, service, dn)

    def withhold(self, base: str, group: str) -> str:
        return ds389_doctor.withhold(self.settings, base, group)

    def look_at_indexes(self, attributes: Sequence[str]) -> str:
        return "dsconf INSTANCE backend index list userRoot --just-names"

    def add_indexes(self, attributes: Sequence[str]) -> str:
        return "\n".join(
            f"dsconf INSTANCE backend index add --attr {name} --index-type eq --reindex userRoot" for name in attributes
        )

    def look_at_replication(self, url: str) -> str:
        return f"dsconf {url} replication monitor"

    def _examine_one(self, service: Link, sample: Entry, base: str) -> Iterator[Finding]:
        yield from self._examine_policy(service, self.policy_dn(sample))
        yield from ds389_doctor.examine_rights(self.settings, service, sample, base)

    def _examine_policy(self, service: Link, local: str) -> Iterator[Finding]:
        policy = self.policies.of(service, local)
        yield from ds389_doctor.examine_policy(self.settings, service, policy, local or self.policies.everybodys)

    def _examine_ourselves(self, service: Link) -> Iterator[Finding]:
        """As far as its own entry can be read."""
        dn = self.settings.bind_dn
        for entry in service.read(dn, self.attributes).entries:
            policy = self.policies.of(service, self.policy_dn(entry))
            state = self.state(service, entry)
            locks = policy.locks and bool(self.policy_dn(entry))  # everybody's need not be the one that binds it
            yield from service_account_doctor.examine_end(dn, state, locks=locks)

    def _reset(self, service: Link, account: Account, changes: list[tuple[Change, list[bytes]]]) -> None:
        """One operation, which unlocks and takes a must-change or an old date away as well.

        The server itself does that a moment after its answer, and then writes the date that the policy wants.
        """
        if account.state.disabled:  # the new password would be of no use
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        self._modify(service, account, {"userPassword": changes, "passwordExpirationTime": _NO_VALUE, **_UNLOCKED})

    def _read(self, service: Link, account: Account) -> Entry:
        entries = service.read(account.dn, self.attributes).entries
        if not entries:
            raise AccountNotFound(account.dn)
        return entries[0]

    def _modify(self, service: Link, account: Account, changes: Changes) -> None:
        reply = service.modify(account.dn, changes)
        if reply.code != SUCCESS:
            raise AccountNotFound(account.dn) if missing(service, account.dn, reply) else refusal_for(reply)


def _verdict(reply: Reply, state: AccountState) -> PasswordVerdict:
    """The password was right. The server overlooks both end dates."""
    if state.ended:
        return PasswordVerdict.ENDED
    if reply.policy.error is PolicyError.CHANGE_AFTER_RESET:
        return PasswordVerdict.MUST_CHANGE
    if reply.policy.grace_left is not None:
        return PasswordVerdict.EXPIRED
    return PasswordVerdict.RIGHT


def _locked_at(entry: Entry, policy: Policy, now: datetime) -> datetime | None:
    """The server keeps only when a lock ends; of one without an end, when the wrong passwords began."""
    until = entry.moment("accountUnlockTime")
    if until is None or not policy.locks or (entry.number("passwordRetryCount") or 0) < policy.most_failures:
        return None
    if until == FOR_GOOD and not policy.unlocks:
        counted_until = entry.moment("retryCountResetTime")
        began = counted_until - policy.failures_count_for if counted_until else None
        return began or entry.moment("modifyTimestamp") or FOR_GOOD
    return until - policy.lock_lasts if now < until else None


def _failures(entry: Entry, now: datetime, *, locked: bool) -> int:
    """The server leaves an old count standing until the next wrong password."""
    counted_until = entry.moment("retryCountResetTime")
    counts = locked or counted_until is None or now < counted_until
    return (entry.number("passwordRetryCount") or 0) if counts else 0
