"""A FreeIPA as the portal sees it: finds people, checks and changes passwords, unlocks, disables and extends."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.access import EnablesAccount
from connectors.account import Account, AccountState, PasswordCheck, PasswordRules, PasswordVerdict
from connectors.capabilities import (
    ChangesPassword,
    ChecksPassword,
    DisablesAccount,
    Examined,
    Finding,
    FindsAccounts,
    KnowsSponsors,
    ListsAccounts,
    RequiresPasswordChange,
    SetsEndDate,
    SetsPassword,
    TellsPasswordRules,
    UnlocksAccount,
)
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused, Unavailable, Unconfirmed
from connectors.freeipa import doctor
from connectors.freeipa.client import Client, Command
from connectors.freeipa.entry import written
from connectors.freeipa.people import People
from connectors.freeipa.refusals import password_refusal
from connectors.freeipa.settings import FreeIpaSettings
from connectors.typed import check_storable, is_sendable

_SECOND = timedelta(seconds=1)
_BY_REASON = {  # X-IPA-Rejection-Reason, where the entry itself does not say it better
    "invalid-password": PasswordVerdict.WRONG,  # newer servers say so of everything but an expired password
    "password-expired": PasswordVerdict.EXPIRED,  # only after the password was right
    "user-locked": PasswordVerdict.LOCKED,  # of a disabled account, too
    "krbprincipal-expired": PasswordVerdict.ENDED,
    "denied": PasswordVerdict.RESTRICTED,
}


class FreeIpa(
    FindsAccounts,
    ChecksPassword,
    TellsPasswordRules,
    SetsPassword,
    ChangesPassword,
    UnlocksAccount,
    DisablesAccount,
    EnablesAccount,
    RequiresPasswordChange,
    SetsEndDate,
    ListsAccounts,
    KnowsSponsors,
    Examined,
):
    """One FreeIPA. Safe for threads and across a fork. `account` should have been read just before a change."""

    def __init__(self, settings: FreeIpaSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._clock = clock
        self._zone = ZoneInfo(settings.time_zone)
        self._client = Client(settings)
        self._people = People(settings, self._client, clock)

    def find(self, claim: str) -> Account:
        return self._people.find(claim)

    def read(self, account_id: str) -> Account:
        return self._people.read(account_id)

    def password_rules(self, account: Account) -> PasswordRules:
        return self._people.policies.of(account.policy, account.login).rules(account.login)

    def check_password(self, account: Account, password: str) -> PasswordCheck:
        if not is_sendable(password):
            return PasswordCheck(verdict=PasswordVerdict.WRONG)
        reason = self._client.sign_in(_login(account), password)
        if not reason:
            return PasswordCheck(verdict=PasswordVerdict.RIGHT)
        if reason not in _BY_REASON:
            raise Unavailable(f"the sign-in was rejected: {reason}")
        try:
            state = self._people.show(_login(account)).state
        except AccountNotFound:
            return PasswordCheck(verdict=PasswordVerdict.WRONG)
        return PasswordCheck(verdict=_judged(_BY_REASON[reason], state))

    def set_password(self, account: Account, password: str) -> None:
        """Set it, move its end to where the policy has it, and unlock.

        FreeIPA makes a password that somebody else has set expire at once, whatever is sent along, and holds it to none
        of its rules but the history. If we may not move the end, the account says `must_change` afterwards.
        """
        check_storable(password)
        self._check_ours(account)
        if account.state.disabled:
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        login = _login(account)
        policy = self._people.policies.of(account.policy, login)
        if refusal := policy.refusal(password, login):
            raise Refused(refusal, f"the policy {policy.name}, which FreeIPA itself does not hold a reset to")
        self._modify(login, password=True, userpassword=password)
        try:
            with suppress(Forbidden):
                ends = written(self._clock() + policy.max_age) if policy.max_age else ""
                self._modify(login, krbpasswordexpiration=ends)
            if account.state.locked_at:
                self._client.call(Command(method="user_unlock", args=(login,), write=True))
        except Unavailable as error:
            raise Unconfirmed(f"the password is set; then: {error.detail}") from error

    def change_password(self, account: Account, old: str, new: str) -> None:
        check_storable(new)
        self._check_ours(account)
        if not is_sendable(old):
            raise Refused(Refusal.WRONG_PASSWORD, "no usable password")
        login = _login(account)
        result, why = self._client.change_password(login, old, new)
        if result == "ok":
            return
        if result == "policy-error":
            refused = password_refusal(why) or Refused(Refusal.POLICY, why)
            if refused.refusal is Refusal.TOO_YOUNG and account.state.password_changed_at:
                age = self._people.policies.of(account.policy, login).min_age
                refused.possible_at = account.state.password_changed_at + age
            raise refused
        state = self._people.show(login).state
        for stopped, refusal in (
            (state.disabled, Refusal.DISABLED), (state.ended, Refusal.ENDED), (state.locked_at, Refusal.LOCKED),
            (result == "invalid-password", Refusal.WRONG_PASSWORD),
        ):  # fmt: skip
            if stopped:
                raise Refused(refusal, f"the change was answered: {result}")
        raise Unavailable(f"the change was answered: {result}")

    def unlock_account(self, account: Account) -> None:
        self._check_ours(account)
        state = self._people.show(_login(account)).state
        if state.disabled:
            raise Refused(Refusal.DISABLED, "disabled by an administrator")
        if state.locked_at:
            self._client.call(Command(method="user_unlock", args=(_login(account),), write=True))

    def disable_account(self, account: Account) -> None:
        self._check_ours(account)
        self._client.call(Command(method="user_disable", args=(_login(account),), write=True))

    def enable_account(self, account: Account) -> None:
        self._check_ours(account)
        self._client.call(Command(method="user_enable", args=(_login(account),), write=True))

    def require_password_change(self, account: Account) -> None:
        """As FreeIPA does it after an administrator's reset: the password is over since the moment it was set."""
        self._check_ours(account)
        since = account.state.password_changed_at or self._clock() - _SECOND
        self._modify(_login(account), krbpasswordexpiration=written(since))

    def set_end_date(self, account: Account, last_day: date | None) -> None:
        """The last second of that day, which is how the manual of `ipa user-mod --principal-expiration` has it."""
        self._check_ours(account)
        ends = datetime.combine(last_day + timedelta(days=1), time(), self._zone) - _SECOND if last_day else None
        self._modify(_login(account), krbprincipalexpiration=written(ends) if ends else "")

    def ending(self, first: date, last: date) -> Iterator[Account]:
        """FreeIPA has no search for a span of days, so everybody is read."""
        for account in self._people.listed():
            if account.state.ends_on is not None and first <= account.state.ends_on <= last:
                yield account

    def passwords_expiring(self, first: datetime, last: datetime) -> Iterator[Account]:
        for account in self._people.listed():
            expires = account.state.password_expires_at
            if expires is not None and first <= expires < last:
                yield account

    def sponsor_of(self, account: Account) -> Account | None:
        attribute, _, login = (account.sponsor or "").partition(",")[0].partition("=")
        if attribute.lower() != "uid":
            return None
        try:
            found = self._people.show(login)
        except AccountNotFound:
            return None
        return found if found.dn.lower() == (account.sponsor or "").lower() else None

    def sponsored_by(self, sponsor: Account | None) -> Iterator[Account]:
        """By the login alone: FreeIPA knows no sponsors but its own users."""
        if sponsor is None:
            yield from (account for account in self._people.listed() if account.sponsor)
        elif sponsor.directory == self.settings.name:
            yield from self._people.listed(manager=_login(sponsor))

    def examine(self) -> Iterator[Finding]:
        return doctor.examine(self.settings, self._client, self._people, self._clock)

    def close(self) -> None:
        """Close all idle connections."""
        self._client.close()

    def _modify(self, login: str, *, password: bool = False, **options: str) -> None:
        self._client.call(Command(method="user_mod", args=(login,), options=options, write=True, password=password))

    def _check_ours(self, account: Account) -> None:
        if account.directory != self.settings.name:
            detail = f"{account.id} is no account of {self.settings.name}"
            raise Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)


def _login(account: Account) -> str:
    """As the DN has it: the commands' key. No login needs escaping there."""
    return account.dn.partition(",")[0].partition("=")[2]


def _judged(verdict: PasswordVerdict, state: AccountState) -> PasswordVerdict:
    """The entry tells apart what the answer does not."""
    if state.disabled:
        return PasswordVerdict.DISABLED
    if verdict is PasswordVerdict.EXPIRED:
        return PasswordVerdict.MUST_CHANGE if state.must_change else PasswordVerdict.EXPIRED
    if state.ended:
        return PasswordVerdict.ENDED
    return PasswordVerdict.LOCKED if state.locked_at else verdict
