"""OpenLDAP with the ppolicy overlay: where it keeps an account's state, and how it takes changes to it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.account import Account, AccountState, PasswordCheck, PasswordRules, PasswordVerdict
from connectors.capabilities import Finding
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import openldap_doctor, service_account_doctor
from connectors.ldap.dialect import Dialect
from connectors.ldap.end_dates import EndDates, generalized
from connectors.ldap.entry import Entry, generalized_time
from connectors.ldap.link import Link, Reply
from connectors.ldap.openldap_refusals import refusal_for
from connectors.ldap.policies import Policies, Policy
from connectors.ldap.ppolicy import PolicyError
from connectors.ldap.requests import Change, Filter, at_most, equals
from connectors.ldap.results import COMPARE_TRUE, INVALID_CREDENTIALS, NO_SUCH_ATTRIBUTE, SUCCESS, error_for
from connectors.ldap.samples import over
from connectors.ldap.settings import LdapSettings

DISABLED = b"000001010000Z"
"""As pwdAccountLockedTime: locked by an administrator, and no reset of the portal's may undo it (slapo-ppolicy(5))."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class OpenLdap(Dialect):
    attributes = (
        "entryUUID", "entryCSN", "pwdAccountLockedTime", "pwdChangedTime", "pwdReset", "pwdPolicySubentry",
        "pwdStartTime", "pwdEndTime", "shadowExpire", "pwdFailureTime",
    )  # fmt: skip

    marks = ("pwdAccountLockedTime", "pwdReset")
    identities = ("entryUUID",)

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        super().__init__(settings, clock)
        self.policies = Policies(settings, clock)
        zone = ZoneInfo(settings.time_zone)
        self.written_if_allowed = (settings.end_attribute,) if settings.end_attribute == "shadowExpire" else ()
        self.ends = EndDates(moment="pwdEndTime", otherwise=settings.end_attribute, zone=zone)

    def identity(self, entry: Entry) -> str:
        return entry.text("entryUUID")

    def identity_filter(self, identity: str) -> Filter | None:
        return equals("entryUUID", identity) if _UUID.fullmatch(identity) else None

    def policy_dn(self, entry: Entry) -> str:
        return entry.text("pwdPolicySubentry")

    def rules(self, service: Link, account: Account) -> PasswordRules:
        policy = self.policies.of(service, account.policy)
        # slapd does not look at the age of a password that must be changed.
        changed = None if account.state.must_change else account.state.password_changed_at
        return policy.rules(changed, self.clock())

    def state(self, service: Link, entry: Entry) -> AccountState:
        policy = self.policies.of(service, self.policy_dn(entry))
        now, changed, starts = self.clock(), entry.moment("pwdChangedTime"), entry.moment("pwdStartTime")
        ends_on, ended = self.ends.read(entry, now)
        locked_at = _locked_at(entry, policy, now)
        failures = sorted(filter(None, map(generalized_time, entry.values("pwdFailureTime"))))
        return AccountState(
            locked_at=locked_at,
            unlocks_at=locked_at + policy.lock_lasts if locked_at and policy.lock_lasts else None,
            disabled=DISABLED in entry.values("pwdAccountLockedTime") or bool(starts and now < starts),
            must_change=entry.flag("pwdReset"),
            password_changed_at=changed,
            password_expires_at=changed + policy.max_age if changed and policy.max_age else None,
            ends_on=ends_on,
            ended=ended,
            failed_sign_ins=len(failures),
            failed_at=failures[-1] if failures else None,
            revision=entry.text("entryCSN"),
        )

    def judge(self, reply: Reply, account: Account) -> PasswordCheck | None:
        if reply.code == INVALID_CREDENTIALS:
            # The overlay looks at the age only after the password was right: this error says so.
            expired = reply.policy.error is PolicyError.PASSWORD_EXPIRED
            return PasswordCheck(verdict=PasswordVerdict.EXPIRED) if expired else None
        if reply.code != SUCCESS:
            raise error_for(reply)
        return PasswordCheck(
            verdict=_verdict(reply, account.state),
            grace_left=reply.policy.grace_left,
            expires_in=reply.policy.expires_in,
        )

    def judge_by_state(self, reply: Reply, state: AccountState) -> PasswordCheck:
        """The server says "locked" of a disabled and of an ended account, too, and to many sites it says nothing."""
        refused_anyway = reply.policy.error is PolicyError.ACCOUNT_LOCKED
        if state.disabled:
            return PasswordCheck(verdict=PasswordVerdict.DISABLED)
        if state.locked_at:
            return PasswordCheck(verdict=PasswordVerdict.LOCKED)
        if refused_anyway and state.ended:
            return PasswordCheck(verdict=PasswordVerdict.ENDED)
        return PasswordCheck(verdict=PasswordVerdict.LOCKED if refused_anyway else PasswordVerdict.WRONG)

    def set_password(self, service: Link, account: Account, password: str) -> Account | None:
        """One operation: it unlocks and clears must-change as well, unless our account has the right to manage.

        Then a policy with pwdMustChange asks for another change, which a second operation takes back. What is read to
        know of that tells how the account stands afterwards, but not after a second change.
        """
        if account.state.disabled:  # the server would quietly let the person in again
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        reply = service.set_password(password, dn=account.dn)
        if reply.policy.error is PolicyError.MUST_SUPPLY_OLD:
            detail = "the password policy has pwdSafeModify: TRUE, which leaves no room for a reset"
            raise Forbidden(detail, obstacle=Obstacle.NO_RESET)
        _accept(reply)
        after = self._again(service, account)
        if after is None or after.state.must_change:
            may_ask = self.policies.of(service, account.policy).must_change_after_reset
            if may_ask and service.compare(account.dn, "pwdReset", "TRUE").code == COMPARE_TRUE:
                _accept(service.modify(account.dn, {"pwdReset": [(Change.REPLACE, [])]}))
                return None
        return after

    def _again(self, service: Link, account: Account) -> Account | None:
        """The same account as it stands now; None if it is not there, or another has its place."""
        entry = next(iter(service.read(account.dn, self.attributes).entries), None)
        if entry is None or not account.id.endswith(f":{self.identity(entry)}"):
            return None
        return replace(account, state=self.state(service, entry))

    def change_password(self, person: Link, account: Account, new: str, old: str) -> None:
        reply = person.set_password(new)
        if reply.policy.error is PolicyError.MUST_SUPPLY_OLD:  # pwdSafeModify; else it would cost one hash more
            reply = person.set_password(new, old=old)
        _accept(reply)

    def unlock(self, service: Link, account: Account) -> None:
        """Take away exactly the lock that was seen, so that one an administrator sets meanwhile stays."""
        entries = service.read(account.dn, self.attributes).entries
        if not entries:
            raise AccountNotFound(account.dn)
        locks = entries[0].values("pwdAccountLockedTime")
        if DISABLED in locks:
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        if locks:
            reply = service.modify(account.dn, {"pwdAccountLockedTime": [(Change.DELETE, list(locks))]})
            if reply.code != NO_SUCH_ATTRIBUTE:
                _accept(reply)

    def disable(self, service: Link, account: Account) -> None:
        policy = self.policies.of(service, account.policy)
        if not policy.locks:
            detail = f"the policy {policy.dn or '(none)'} lacks pwdLockout: TRUE, so no lock would have effect"
            raise Forbidden(detail, obstacle=Obstacle.NO_LOCKS)
        reply = service.modify(account.dn, {"pwdAccountLockedTime": [(Change.REPLACE, [DISABLED])]})
        _accept(reply)

    def enable(self, service: Link, account: Account) -> None:
        reply = service.modify(account.dn, {"pwdAccountLockedTime": [(Change.DELETE, [DISABLED])]})
        if reply.code != NO_SUCH_ATTRIBUTE:
            _accept(reply)

    def require_change(self, service: Link, account: Account) -> None:
        """The server clears the mark by itself as soon as the person has changed the password."""
        _accept(service.modify(account.dn, {"pwdReset": [(Change.REPLACE, [b"TRUE"])]}))

    def set_end(self, service: Link, account: Account, last_day: date | None) -> None:
        entries = service.read(account.dn, self.attributes).entries
        if not entries:
            raise AccountNotFound(account.dn)
        changes = self.ends.changes(entries[0], last_day)
        if changes:
            _accept(service.modify(account.dn, changes))

    def ends_within(self, first: date, last: date) -> Filter:
        return self.ends.within(first, last)

    def passwords_expire_within(self, service: Link, first: datetime, last: datetime) -> Filter | None:
        """The server keeps when it was changed; how long it lasts may differ from person to person."""
        age = self.policies.shortest_age(service)
        return at_most("pwdChangedTime", generalized(last - age)) if age else None

    def grant_to_find(self, base: str) -> str:
        return openldap_doctor.grant_to_find(self.settings, base)

    def grant_to_list(self) -> str:
        return f'limits dn.exact="{self.settings.bind_dn}" size.pr=1000 size.prtotal=unlimited size.hard=unlimited'

    def examine(self, service: Link, samples: Sequence[Entry], base: str) -> Iterator[Finding]:
        yield from openldap_doctor.examine_server(service)
        yield from self._examine_ourselves(service)
        if not samples:
            yield from openldap_doctor.examine_policy(self.policies.of(service, ""))
        yield from over(samples, lambda sample: self._examine_one(service, sample, base))

    def may_reset(self, service: Link, dn: str) -> bool:
        return openldap_doctor.may_reset(service, dn)

    def withhold(self, base: str, group: str) -> str:
        return openldap_doctor.withhold(self.settings, base, group)

    def indexed(self, service: Link, attributes: Sequence[str]) -> frozenset[str] | None:
        return openldap_doctor.indexed(service)

    def look_at_indexes(self, attributes: Sequence[str]) -> str:
        return f"Wanted: {self.add_indexes(attributes)}"

    def add_indexes(self, attributes: Sequence[str]) -> str:
        names = ",".join(attributes)
        return f"slapd.conf: index {names} eq\ncn=config:  olcDbIndex: {names} eq\n# slapd.conf: then slapindex"

    def look_at_replication(self, url: str) -> str:
        return f"ldapsearch -H {url} -s base -b {self.settings.people_bases[0]!r} contextCSN"

    def _examine_one(self, service: Link, sample: Entry, base: str) -> Iterator[Finding]:
        policy = self.policies.of(service, self.policy_dn(sample))
        yield from openldap_doctor.examine_policy(policy)
        yield from openldap_doctor.examine_rights(self.settings, service, sample.dn, base, policy)

    def _examine_ourselves(self, service: Link) -> Iterator[Finding]:
        """As far as its own entry can be read: the manual lets it see no more than everybody may of themselves."""
        dn = self.settings.bind_dn
        for entry in service.read(dn, self.attributes).entries:
            locks = self.policies.of(service, self.policy_dn(entry)).locks
            state = self.state(service, entry)
            yield from service_account_doctor.examine_end(dn, state, locks=locks)


def _accept(reply: Reply) -> None:
    if reply.code != SUCCESS:
        raise refusal_for(reply)


def _verdict(reply: Reply, state: AccountState) -> PasswordVerdict:
    """The password was right. The server overlooks shadowExpire, and a lock under a policy without pwdLockout."""
    if state.disabled:
        return PasswordVerdict.DISABLED
    if state.ended:
        return PasswordVerdict.ENDED
    if reply.policy.error is PolicyError.CHANGE_AFTER_RESET:
        return PasswordVerdict.MUST_CHANGE
    if reply.policy.grace_left is not None or reply.policy.error is PolicyError.PASSWORD_EXPIRED:
        return PasswordVerdict.EXPIRED
    return PasswordVerdict.RIGHT


def _locked_at(entry: Entry, policy: Policy, now: datetime) -> datetime | None:
    locked = entry.moment("pwdAccountLockedTime")
    lapsed = locked is not None and bool(policy.lock_lasts) and locked + policy.lock_lasts <= now
    return None if lapsed or not policy.locks else locked
