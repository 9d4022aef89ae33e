"""Checking a login name and a password, at the same pace for everybody."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime

from audit.event import Event
from connectors import Connectors
from connectors.account import Account, PasswordVerdict
from connectors.capabilities import ChecksPassword, SignsIn
from connectors.errors import AccountNotFound, ConnectorError
from portal.accounts import Accounts, Look
from portal.books import Books
from portal.limits import Limits

_WRONG = PasswordVerdict.WRONG
TELLABLE = (PasswordVerdict.RIGHT, PasswordVerdict.EXPIRED, PasswordVerdict.MUST_CHANGE)


@dataclass(frozen=True)
class KnownPerson:
    """The password was right; it may have to be changed before anything else."""

    account: Account
    must_change: bool


@dataclass(frozen=True)
class SeveralPersons:
    """The password was right for accounts in more than one directory: only the person can tell which is meant."""

    persons: tuple[KnownPerson, ...]


@dataclass(frozen=True)
class NotSignedIn:
    """Something was wrong: name, password, or the account is locked, disabled or ended. Nobody is told which."""


@dataclass(frozen=True)
class SlowDown:
    """Too many wrong tries for this name or from this address."""

    again_at: datetime


@dataclass(frozen=True)
class DirectoryDown:
    """Nobody could be asked; or it was right nowhere, and a directory it may belong to could not be asked."""


@dataclass(frozen=True)
class _Try:
    """One account and what became of it; without a verdict its directory could not be asked."""

    account: Account
    verdict: PasswordVerdict | None
    spent: bool = False

    @property
    def person(self) -> KnownPerson | None:
        state = self.account.state
        if self.verdict not in TELLABLE or state.disabled or state.ended:
            return None
        return KnownPerson(self.account, must_change=self.verdict is not PasswordVerdict.RIGHT)

    @property
    def reason(self) -> str:
        if self.spent:
            return "too_many_tries"
        return "ended" if self.verdict in TELLABLE else str(self.verdict)


Answer = KnownPerson | SeveralPersons | NotSignedIn | SlowDown | DirectoryDown


class SignIn:
    def __init__(
        self,
        books: Books,
        *,
        accounts: Accounts,
        connectors: Connectors,
        limits: Limits,
        failure_seconds: float,
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._connectors = connectors
        self._limits = limits
        self._failure_seconds = failure_seconds

    def try_password(self, claim: str, password: str, *, source: str) -> Answer:
        """One try. Every one that fails ends at the same time after it began."""
        began = time.monotonic()
        digest = self._books.keys.digest("claim", claim.strip().lower())
        again = self._limits.may_prove(source=source, account_id=f"claim:{digest}", factor="password")
        answer = SlowDown(again) if again else self._check(claim, password, source, digest)
        if isinstance(answer, NotSignedIn | DirectoryDown) and self._failure_seconds:
            time.sleep(-(time.monotonic() - began) % self._failure_seconds)  # a slow directory: the next whole one
        return answer

    def renewed(self, account: Account, password: str) -> Account:
        """The account after its forced change; where only its owner may look, by the new password."""
        directory = self._connectors.able_to(SignsIn, account)
        if directory is None:
            return account
        try:
            seen = directory.sign_in(account.login, password)[1]
        except ConnectorError:
            return account
        return self._accounts.keep(seen) if seen else account

    def _check(self, claim: str, password: str, source: str, digest: str) -> Answer:
        tried: list[_Try] = []
        for look in sorted(self._accounts.look(claim), key=_wrong_so_far):
            # A namesake in another directory is not to be locked out by right passwords that are not theirs.
            if _wrong_so_far(look) and any(t.person for t in tried):
                continue
            tried.append(self._try(look, password, source, digest))
        persons = tuple(t.person for t in tried if t.person)
        if persons:
            names = (f"claim:{digest}", *(person.account.id for person in persons))
            self._limits.proved(names=names, factor="password")
            return persons[0] if len(persons) == 1 else SeveralPersons(persons)
        wrong = {t.account.id: t.reason for t in tried if t.verdict}
        for account_id, reason in wrong.items():
            self._record(account_id, source, reason)
        if wrong:
            self._limits.wrong_proof(source=source, names=(f"claim:{digest}", *wrong), factor="password")
        return NotSignedIn() if all(t.verdict for t in tried) else DirectoryDown()

    def _try(self, look: Look, password: str, source: str, digest: str) -> _Try:
        account = look.account or self._nobody(look, digest)
        if look.down:
            return _Try(account, None)
        # Counted for the account too, whatever it was called. That is said to nobody: it would tell that two
        # names are one person's. The directory is no longer asked, so it locks nobody out either.
        if self._limits.may_prove(source=source, account_id=account.id, factor="password"):
            return _Try(account, PasswordVerdict.WRONG, spent=True)
        try:
            return self._asked(look, account, password)
        except ConnectorError:
            return _Try(account, None)

    def _asked(self, look: Look, account: Account, password: str) -> _Try:
        if directory := self._connectors.able_to(SignsIn, account):
            check, seen = directory.sign_in(look.place.names[-1], password)
            return _Try(self._accounts.keep(seen) if seen else account, check.verdict)
        checking = self._connectors.able_to(ChecksPassword, account)
        try:
            return _Try(account, checking.check_password(account, password).verdict if checking else _WRONG)
        except AccountNotFound:
            return _Try(account, _WRONG)

    def _nobody(self, look: Look, digest: str) -> Account:
        """Somebody who does not exist, tried at the directory all the same: it must take its time for him too."""
        dn = f"cn={secrets.token_hex(8)}"
        return Account(id=f"unknown:{digest}", directory=look.place.directory, dn=dn, login="", name="")

    def _record(self, account_id: str, source: str, reason: str) -> None:
        event = Event(
            kind="login", actor=account_id, target=account_id, session="", source=source, factors=("password",)
        )
        with self._books.write() as tx:
            self._books.log.record(tx, event, "failure", reason)


def _wrong_so_far(look: Look) -> int:
    """Wrong passwords the directory has counted; where that cannot be known, some."""
    if look.account is None or look.account.seen_at:
        return 1
    return look.account.state.failed_sign_ins
