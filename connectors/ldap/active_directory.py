"""Active Directory, of Windows or Samba: where it keeps an account's state, and how it takes changes to it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.account import Account, AccountState, PasswordCheck, PasswordRules, PasswordVerdict
from connectors.capabilities import Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import active_directory_doctor, filetime, requests
from connectors.ldap.active_directory_groups import TOKEN_GROUPS, Memberships, privileged
from connectors.ldap.active_directory_policy import Policies, Policy, cause
from connectors.ldap.active_directory_refusals import refusal_for, verdict_of
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link, Reply
from connectors.ldap.requests import Change, Changes, Filter, all_of, at_least, at_most, equals
from connectors.ldap.results import INVALID_CREDENTIALS, NO_SUCH_ATTRIBUTE, SUCCESS, Busy
from connectors.ldap.settings import LdapSettings

_DISABLED, _NEVER_EXPIRES = 0x2, 0x10000  # in userAccountControl (MS-ADTS, 2.2.16)
_LOCKED = 0x10  # in the computed one, which alone knows whether the lock has lapsed
_DAY = timedelta(days=1)
_MIND_HISTORY = requests.control("1.2.840.113556.1.4.2239", b"\x30\x03\x02\x01\x01")
"""Makes a reset mind history and age (MS-ADTS, LDAP_SERVER_POLICY_HINTS_OID); a server that lacks it overlooks it."""


class ActiveDirectory(Dialect):
    attributes = (
        "objectGUID", "uSNChanged", "userAccountControl", "msDS-User-Account-Control-Computed", "lockoutTime",
        "pwdLastSet", "msDS-UserPasswordExpiryTimeComputed", "accountExpires", "badPwdCount", "badPasswordTime",
        "msDS-ResultantPSO", "adminCount",
    )  # fmt: skip
    names = ("userPrincipalName",)
    identities = ("objectGUID",)

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        super().__init__(settings, clock)
        self.policies = Policies(clock)
        self.memberships = Memberships(clock)
        self.zone = ZoneInfo(settings.time_zone)

    def identity(self, entry: Entry) -> str:
        octets = bytes(next(iter(entry.values("objectGUID")), b""))
        return str(UUID(bytes_le=octets)) if len(octets) == 16 else ""

    def identity_filter(self, identity: str) -> Filter | None:
        try:
            guid = UUID(identity)
        except ValueError:
            return None
        return equals("objectGUID", guid.bytes_le) if str(guid) == identity else None

    def whole(self, service: Link, entry: Entry) -> Entry:
        found = service.read(entry.dn, (TOKEN_GROUPS,)).entries
        return replace(entry, raw={**entry.raw, **found[0].raw}) if found else entry

    def groups(self, service: Link, entry: Entry) -> frozenset[str]:
        return self.memberships.of(service, entry)

    def protected(self, entry: Entry) -> bool:
        """Also whoever's groups our own account may not read: everybody is in one at least."""
        unseen = bool(self.settings.bind_dn) and not entry.values(TOKEN_GROUPS)
        return entry.number("adminCount") == 1 or privileged(entry) or unseen

    def policy_dn(self, entry: Entry) -> str:
        return entry.text("msDS-ResultantPSO")

    def rules(self, service: Link, account: Account) -> PasswordRules:
        return self._rules(self.policies.of(service, account.policy), account)

    def state(self, service: Link, entry: Entry) -> AccountState:
        """Of what it counts for itself a domain controller tells others nothing: failures are those of this one."""
        control = entry.number("userAccountControl") or 0
        locked_at = filetime.moment(entry.number("lockoutTime")) if _is_locked(entry) else None
        policy = self.policies.of(service, self.policy_dn(entry))
        ends_at = filetime.moment(entry.number("accountExpires"))
        return AccountState(
            locked_at=locked_at,
            unlocks_at=locked_at + policy.lock_lasts if locked_at and policy and policy.lock_lasts else None,
            disabled=bool(control & _DISABLED),
            must_change=entry.number("pwdLastSet") == 0 and not control & _NEVER_EXPIRES,
            password_changed_at=filetime.moment(entry.number("pwdLastSet")),
            password_expires_at=filetime.moment(entry.number("msDS-UserPasswordExpiryTimeComputed")),
            ends_on=(ends_at - timedelta(microseconds=1)).astimezone(self.zone).date() if ends_at else None,
            ended=ends_at is not None and self.clock() >= ends_at,
            failed_sign_ins=entry.number("badPwdCount") or 0,
            failed_at=filetime.moment(entry.number("badPasswordTime")),
            revision=entry.text("uSNChanged"),
        )

    def judge(self, reply: Reply, account: Account) -> PasswordCheck | None:
        if reply.code == SUCCESS:
            return PasswordCheck(verdict=PasswordVerdict.RIGHT)
        if reply.code != INVALID_CREDENTIALS:
            raise refusal_for(reply)
        verdict = verdict_of(reply)
        return PasswordCheck(verdict=verdict) if verdict else None

    def judge_by_state(self, reply: Reply, state: AccountState) -> PasswordCheck:
        """A code that nobody knew when this was written: refused, so what keeps the person out matters."""
        if state.disabled:
            return PasswordCheck(verdict=PasswordVerdict.DISABLED)
        return PasswordCheck(verdict=PasswordVerdict.LOCKED if state.locked_at else PasswordVerdict.WRONG)

    def set_password(self, service: Link, account: Account, password: str) -> None:
        """One operation: it unlocks, too, which a reset alone does not. The server itself ends a must-change.

        Without the control a reset overlooks the shortest age, so we look at it.
        """
        if account.state.disabled:
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        rules = self.rules(service, account)
        if rules.possible_from:
            detail = "the password has not reached its shortest age"
            raise Refused(Refusal.TOO_YOUNG, detail, possible_at=rules.possible_from)
        changes: Changes = {
            "unicodePwd": [(Change.REPLACE, [_quoted(password)])],
            "lockoutTime": [(Change.REPLACE, [b"0"])],
        }
        reply = service.modify(account.dn, changes, (_MIND_HISTORY,))
        if reply.code != SUCCESS:
            raise _with_cause(refusal_for(reply), password, rules)

    def change_password(self, person: Link, account: Account, new: str, old: str) -> None:
        self._change(person, account, new, old, self.policies.known(account.policy))

    def change_for_person(self, service: Link, account: Account, new: str, old: str) -> None:
        """The server checks the old password here as well, and all rules hold; our account needs no right for it."""
        self._change(service, account, new, old, self.policies.of(service, account.policy))

    def unlock(self, service: Link, account: Account) -> None:
        entry = self._fresh(service, account)
        if _is_disabled(entry):
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        if entry.number("lockoutTime"):
            _modify(service, account, {"lockoutTime": [(Change.REPLACE, [b"0"])]})

    def disable(self, service: Link, account: Account) -> None:
        self._switch(service, account, on=False)

    def enable(self, service: Link, account: Account) -> None:
        self._switch(service, account, on=True)

    def _switch(self, service: Link, account: Account, *, on: bool) -> None:
        """The bits beside this one are an administrator's: taken over as they are, or nothing is written."""
        entry = self._fresh(service, account)
        control = entry.number("userAccountControl")
        if control is None:
            raise Forbidden("userAccountControl cannot be read, so its other bits cannot be kept")
        if _is_disabled(entry) is not on:
            return
        was, wanted = str(control).encode(), str(control ^ _DISABLED).encode()
        reply = service.modify(account.dn, {"userAccountControl": [(Change.DELETE, [was]), (Change.ADD, [wanted])]})
        if reply.code == NO_SUCH_ATTRIBUTE:
            raise Busy("userAccountControl was changed at the same moment")
        if reply.code != SUCCESS:
            raise refusal_for(reply)

    def require_change(self, service: Link, account: Account) -> None:
        if (self._fresh(service, account).number("userAccountControl") or 0) & _NEVER_EXPIRES:
            detail = "the account is set to a password that never expires, so nobody would be asked for a new one"
            raise Forbidden(detail, obstacle=Obstacle.UNWILLING)
        _modify(service, account, {"pwdLastSet": [(Change.REPLACE, [b"0"])]})

    def set_end(self, service: Link, account: Account, last_day: date | None) -> None:
        end = filetime.written(self._midnight(last_day)) if last_day else str(filetime.NEVER)
        _modify(service, account, {"accountExpires": [(Change.REPLACE, [end.encode()])]})

    def ends_within(self, first: date, last: date) -> Filter:
        """Days end at midnight, as Active Directory Users and Computers writes them."""
        after, until = self._midnight(first - _DAY), self._midnight(last)
        return all_of(
            at_least("accountExpires", filetime.written(after)), at_most("accountExpires", filetime.written(until))
        )

    def passwords_expire_within(self, service: Link, first: datetime, last: datetime) -> Filter:
        """When it expires is worked out for each as it is read, and cannot be searched for: only when it was set."""
        return all_of(at_least("pwdLastSet", "1"), at_most("pwdLastSet", filetime.written(last)))

    def examine(self, service: Link, samples: Sequence[Entry], base: str) -> Iterator[Finding]:
        return active_directory_doctor.examine(self.settings, service, samples, base, self.policies)

    def may_reset(self, service: Link, dn: str) -> bool:
        """Not asked: rights are given to units here, and a group of one's own does not stop them. adminCount does."""
        return False

    def withhold(self, base: str, group: str) -> str:
        return "Move them into a unit of their own, outside people_bases."

    def indexed(self, service: Link, attributes: Sequence[str]) -> frozenset[str] | None:
        return active_directory_doctor.indexed(service, attributes)

    def look_at_indexes(self, attributes: Sequence[str]) -> str:
        return "Get-ADObject -SearchBase (Get-ADRootDSE).schemaNamingContext -Filter 'searchFlags -band 1'"

    def add_indexes(self, attributes: Sequence[str]) -> str:
        return (
            "# as a schema administrator, for each; only worth it with many thousands of people\n"
            "Get-ADObject -SearchBase (Get-ADRootDSE).schemaNamingContext -Filter 'lDAPDisplayName -eq \"NAME\"' |"
            " Set-ADObject -Replace @{searchFlags=1}"
        )

    def look_at_replication(self, url: str) -> str:
        return "repadmin /replsummary\nsamba-tool drs showrepl"

    def _rules(self, policy: Policy | None, account: Account) -> PasswordRules:
        return policy.rules(account, self.clock()) if policy else PasswordRules(quality_checked=True)

    def _change(self, link: Link, account: Account, new: str, old: str, policy: Policy | None) -> None:
        changes: Changes = {"unicodePwd": [(Change.DELETE, [_quoted(old)]), (Change.ADD, [_quoted(new)])]}
        reply = link.modify(account.dn, changes)
        if reply.code != SUCCESS:
            raise _with_cause(refusal_for(reply, own=True), new, self._rules(policy, account))

    def _fresh(self, service: Link, account: Account) -> Entry:
        entries = service.read(account.dn, self.attributes).entries
        if not entries:
            raise AccountNotFound(account.dn)
        return entries[0]

    def _midnight(self, day: date) -> datetime:
        """The moment at which this day is over."""
        return datetime.combine(day + _DAY, time(), self.zone)


def _is_locked(entry: Entry) -> bool:
    """A lock that has lapsed leaves its time behind; where the computed attribute is hidden, it counts as one."""
    computed = entry.number("msDS-User-Account-Control-Computed")
    return computed is None or bool(computed & _LOCKED)


def _is_disabled(entry: Entry) -> bool:
    return bool((entry.number("userAccountControl") or 0) & _DISABLED)


def _quoted(password: str) -> bytes:
    """As unicodePwd takes it (MS-ADTS, 3.1.1.3.1.5.1)."""
    return f'"{password}"'.encode("utf-16-le")


def _modify(service: Link, account: Account, changes: Changes) -> None:
    reply = service.modify(account.dn, changes)
    if reply.code != SUCCESS:
        raise refusal_for(reply)


def _with_cause(error: ConnectorError, password: str, rules: PasswordRules) -> ConnectorError:
    """The rule broken, where the server does not name it and we can see it."""
    if isinstance(error, Refused) and error.refusal is Refusal.POLICY and (found := cause(password, rules)):
        return Refused(found, error.detail)
    return error
