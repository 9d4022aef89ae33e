"""An LDAP directory as the portal sees it: finds people, checks and changes passwords, unlocks and disables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import TypeVar

from connectors.access import EnablesAccount
from connectors.account import Account, Copy, PasswordCheck, PasswordRules, PasswordVerdict
from connectors.capabilities import (
    Capability,
    ChangesPassword,
    ChecksPassword,
    DisablesAccount,
    Examined,
    Finding,
    FindsAccounts,
    KeepsSshKeys,
    KnowsSponsors,
    ListsAccounts,
    ReadsEveryServer,
    RequiresPasswordChange,
    SeesGroups,
    SetsEndDate,
    SetsPassword,
    SetsPhone,
    SetsRecoveryMail,
    SignsIn,
    TellsPasswordRules,
    UnlocksAccount,
)
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import copies, doctor, own_data
from connectors.ldap.kinds import dialect_for
from connectors.ldap.link import Link, Reply
from connectors.ldap.opener import as_nobody, as_service, look
from connectors.ldap.own_bind import OwnBind
from connectors.ldap.people import People
from connectors.ldap.pool import Pool
from connectors.ldap.requests import equals, present
from connectors.ldap.results import PASSING, error_for
from connectors.ldap.servers import Servers
from connectors.ldap.settings import LdapSettings
from connectors.typed import check_storable, is_encodable, is_sendable

T = TypeVar("T")

_REFUSED_SIGN_IN = {
    PasswordVerdict.WRONG: Refusal.WRONG_PASSWORD,
    PasswordVerdict.LOCKED: Refusal.LOCKED,
    PasswordVerdict.DISABLED: Refusal.DISABLED,
    PasswordVerdict.ENDED: Refusal.ENDED,
    PasswordVerdict.INACTIVE: Refusal.INACTIVE,
    PasswordVerdict.OUTSIDE_HOURS: Refusal.OUTSIDE_HOURS,
    PasswordVerdict.NOT_FROM_HERE: Refusal.NOT_FROM_HERE,
    PasswordVerdict.RESTRICTED: Refusal.RESTRICTED,
    PasswordVerdict.TOO_MANY_GROUPS: Refusal.TOO_MANY_GROUPS,
}


_WITHOUT_SERVICE_ACCOUNT = (SignsIn, ChecksPassword, ChangesPassword, TellsPasswordRules, Examined)


class LdapDirectory(
    FindsAccounts,
    SignsIn,
    ChecksPassword,
    TellsPasswordRules,
    SetsPassword,
    ChangesPassword,
    UnlocksAccount,
    DisablesAccount,
    EnablesAccount,
    RequiresPasswordChange,
    SetsEndDate,
    KnowsSponsors,
    ListsAccounts,
    KeepsSshKeys,
    SetsRecoveryMail,
    SetsPhone,
    ReadsEveryServer,
    SeesGroups,
    Examined,
):
    """One directory. Safe for threads and across a fork. `account` should have been read just before a change.

    Two pools: connections of the service account are never used to try a person's password, nor the other way round.
    """

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._dialect = dialect_for(settings, clock)
        self._people = People(settings, self._dialect)
        self._own_bind = OwnBind(settings, self._dialect, self._people)
        self._servers = Servers(settings.urls, lambda url: look(settings, url))
        self._as_service = as_service(settings)
        size, wait = settings.pool_size, settings.connect_timeout
        self._service = Pool(self._servers, self._as_service, size=size, wait=wait)
        self._persons = Pool(self._servers, as_nobody(settings), size=size, wait=wait)
        self._written = copies.Written()

    def offers(self, capability: type[Capability]) -> bool:
        """Without a service account what people can do by themselves; with one nobody must sign in to be found."""
        if not self.settings.bind_dn:
            return capability in _WITHOUT_SERVICE_ACCOUNT
        if capability is ReadsEveryServer and len(self.settings.urls) < 2:
            return False
        return super().offers(capability) and own_data.offered(self.settings, capability) and capability is not SignsIn

    def find(self, claim: str) -> Account:
        return self._service.run(lambda service: self._people.find(service, claim))

    def read(self, account_id: str) -> Account:
        at = self._written.at(account_id)
        return self._service.run(lambda service: self._people.read(service, account_id), at=at)

    def read_everywhere(self, account_id: str) -> Iterator[Copy]:
        urls = self.settings.urls
        return copies.read_everywhere(urls, self._servers, self._as_service, self._people, account_id)

    def sign_in(self, claim: str, password: str) -> tuple[PasswordCheck, Account | None]:
        if not is_sendable(password) or not is_encodable(claim):
            return PasswordCheck(verdict=PasswordVerdict.WRONG), None
        own = self._own_bind
        if self.settings.person_dn:
            dn = own.dn(claim)
        else:
            dn = self._service.run(lambda anybody: own.searched_dn(anybody, claim))
        return self._persons.run(lambda person: own.sign_in(person, dn, claim, password))

    def password_rules(self, account: Account) -> PasswordRules:
        try:
            return self._service.run(lambda service: self._dialect.rules(service, account))
        except ConnectorError:
            if self.settings.bind_dn:
                raise
            return PasswordRules()  # not everybody may read them

    def check_password(self, account: Account, password: str) -> PasswordCheck:
        if not is_sendable(password):
            return PasswordCheck(verdict=PasswordVerdict.WRONG)
        reply = self._persons.run(lambda person: _bind(person, account.dn, password))
        return self._judged(account, reply)

    def set_password(self, account: Account, password: str) -> Account | None:
        check_storable(password)
        self._check_ours(account)
        with self._dated(account):
            return self._write(
                self._service, account, lambda service: self._dialect.set_password(service, account, password)
            )

    def change_password(self, account: Account, old: str, new: str) -> None:
        """As the person. Somebody whose expired password no longer signs in at all is served by the service account."""
        check_storable(new)
        self._check_ours(account)
        if not is_sendable(old):
            raise Refused(Refusal.WRONG_PASSWORD, "no usable password")
        with self._dated(account):
            reply = self._write(self._persons, account, lambda person: self._bind_and_change(person, account, old, new))
        if reply is None:
            return
        check = self._judged(account, reply)
        if refusal := _REFUSED_SIGN_IN.get(check.verdict):
            raise Refused(refusal, "the old password does not sign in")
        if not self.settings.bind_dn:
            raise Forbidden("the server lets nobody in whose password has expired, and there is no service account")
        if not self.password_rules(account).own_change_allowed:
            raise Refused(Refusal.CHANGE_NOT_ALLOWED, "the password policy leaves no change to the person")
        with self._dated(account):
            self._write(
                self._service, account, lambda service: self._dialect.change_for_person(service, account, new, old)
            )

    def unlock_account(self, account: Account) -> None:
        self._check_ours(account)
        self._write(self._service, account, lambda service: self._dialect.unlock(service, account))

    def disable_account(self, account: Account) -> None:
        self._check_ours(account)
        self._write(self._service, account, lambda service: self._dialect.disable(service, account))

    def enable_account(self, account: Account) -> None:
        self._check_ours(account)
        self._write(self._service, account, lambda service: self._dialect.enable(service, account))

    def require_password_change(self, account: Account) -> None:
        self._check_ours(account)
        self._write(self._service, account, lambda service: self._dialect.require_change(service, account))

    def set_end_date(self, account: Account, last_day: date | None) -> None:
        self._check_ours(account)
        self._write(self._service, account, lambda service: self._dialect.set_end(service, account, last_day))

    def add_ssh_key(self, account: Account, key: str) -> None:
        self._change_own(account, self.settings.ssh_key_attribute, old="", new=key)

    def remove_ssh_key(self, account: Account, key: str) -> None:
        self._change_own(account, self.settings.ssh_key_attribute, old=key, new="")

    def change_recovery_mail(self, account: Account, *, old: str, new: str) -> None:
        self._change_own(account, self.settings.own_mail_attribute, old=old, new=new)

    def set_phone(self, account: Account, number: str) -> None:
        self._check_ours(account)
        attribute = self.settings.phone_attribute
        self._write(self._service, account, lambda service: own_data.put(service, account, attribute, number))

    def sponsor_of(self, account: Account) -> Account | None:
        named = account.sponsor
        return self._service.run(lambda service: self._people.at(service, named)) if named else None

    def sponsored_by(self, sponsor: Account | None) -> Iterator[Account]:
        named = self.settings.sponsor_attribute
        with self._service.lend() as service:
            yield from self._people.listed(service, equals(named, sponsor.dn) if sponsor else present(named))

    def ending(self, first: date, last: date) -> Iterator[Account]:
        with self._service.lend() as service:
            for account in self._people.listed(service, self._dialect.ends_within(first, last)):
                if account.state.ends_on is not None and first <= account.state.ends_on <= last:
                    yield account

    def passwords_expiring(self, first: datetime, last: datetime) -> Iterator[Account]:
        with self._service.lend() as service:
            wanted = self._dialect.passwords_expire_within(service, first, last)
            for account in self._people.listed(service, wanted) if wanted else ():
                expires = account.state.password_expires_at
                if expires is not None and first <= expires < last:
                    yield account

    def has_group(self, dn: str) -> bool:
        return self._service.run(lambda service: bool(service.read(dn, ("1.1",)).entries))

    def examine(self) -> Iterator[Finding]:
        return doctor.examine(self.settings, self._dialect, self._people)

    def close(self) -> None:
        """Close all idle connections."""
        self._service.close()
        self._persons.close()

    def _change_own(self, account: Account, attribute: str, *, old: str, new: str) -> None:
        self._check_ours(account)
        self._write(
            self._service, account, lambda service: own_data.change(service, account, attribute, old=old, new=new)
        )

    def _write(self, pool: Pool, account: Account, work: Callable[[Link], T]) -> T:
        def noted(link: Link) -> T:
            self._written.note(account.id, link.url)
            return work(link)

        return pool.run(noted)

    def _bind_and_change(self, person: Link, account: Account, old: str, new: str) -> Reply | None:
        """None when it is done, else the answer to a sign-in that was not let in."""
        reply = _bind(person, account.dn, old)
        check = self._dialect.judge(reply, account)
        if check is None or reply.code != 0 or check.verdict in _REFUSED_SIGN_IN:
            return reply
        self._dialect.change_password(person, account, new, old)
        return None

    @contextmanager
    def _dated(self, account: Account) -> Iterator[None]:
        """Add to a refusal for being too early when it will be possible."""
        try:
            yield
        except Refused as refused:
            if refused.refusal is Refusal.TOO_YOUNG:
                with suppress(ConnectorError):
                    refused.possible_at = self.password_rules(account).possible_from
            raise

    def _judged(self, account: Account, reply: Reply) -> PasswordCheck:
        check = self._dialect.judge(reply, account)
        if check is not None:
            return check
        if not self.settings.bind_dn:
            return self._dialect.judge_by_state(reply, account.state)
        try:
            return self._dialect.judge_by_state(reply, self.read(account.id).state)
        except AccountNotFound:
            return PasswordCheck(verdict=PasswordVerdict.WRONG)

    def _check_ours(self, account: Account) -> None:
        if account.directory != self.settings.name:
            detail = f"{account.id} is no account of {self.settings.name}"
            raise Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)


def _bind(person: Link, dn: str, password: str) -> Reply:
    """The answer to a sign-in. A server that is only busy is not the answer: raises what makes the pool try again."""
    reply = person.bind(dn, password)
    if reply.code in PASSING:
        raise error_for(reply)
    return reply
