"""Checking a login name and a password, at the same pace for everybody."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime

from audit.event import Event
from audit.log import AuditLog
from connectors import Connectors
from connectors.account import Account, PasswordVerdict
from connectors.capabilities import ChecksPassword
from connectors.errors import AccountAmbiguous, AccountNotFound, ConnectorError
from portal.accounts import Accounts
from portal.database import Database
from portal.keys import Keys
from portal.limits import Limits

TELLABLE = (PasswordVerdict.RIGHT, PasswordVerdict.EXPIRED, PasswordVerdict.MUST_CHANGE)


@dataclass(frozen=True)
class KnownPerson:
    """The password was right; it may have to be changed before anything else."""

    account: Account
    must_change: bool


@dataclass(frozen=True)
class NotSignedIn:
    """Something was wrong: name, password, or the account is locked, disabled or ended. Nobody is told which."""


@dataclass(frozen=True)
class SlowDown:
    """Too many wrong tries for this name or from this address."""

    again_at: datetime


@dataclass(frozen=True)
class DirectoryDown:
    """Nobody could be asked."""


Answer = KnownPerson | NotSignedIn | SlowDown | DirectoryDown


class SignIn:
    def __init__(
        self,
        *,
        database: Database,
        log: AuditLog,
        accounts: Accounts,
        connectors: Connectors,
        limits: Limits,
        keys: Keys,
        failure_seconds: float,
    ) -> None:
        self._database = database
        self._log = log
        self._accounts = accounts
        self._connectors = connectors
        self._limits = limits
        self._keys = keys
        self._failure_seconds = failure_seconds

    def try_password(self, claim: str, password: str, *, source: str) -> Answer:
        """One try. Every one that fails ends at the same time after it began."""
        began = time.monotonic()
        digest = self._keys.digest("claim", claim.strip().lower())
        again = self._limits.may_prove(source=source, account_id=f"claim:{digest}", factor="password")
        answer = SlowDown(again) if again else self._check(claim, password, source, digest)
        if isinstance(answer, NotSignedIn):
            time.sleep(max(0.0, self._failure_seconds - (time.monotonic() - began)))
        return answer

    def _check(self, claim: str, password: str, source: str, digest: str) -> Answer:
        try:
            account = self._find(claim, digest)
            # Counted for the account too, whatever it was called. That is said to nobody: it would tell that two
            # names are one person's. The directory is no longer asked, so it locks nobody out either.
            spent = self._limits.may_prove(source=source, account_id=account.id, factor="password")
            verdict = PasswordVerdict.WRONG if spent else self._verdict(account, password)
        except ConnectorError:
            return DirectoryDown()
        stopped = account.state.disabled or account.state.ended
        if verdict not in TELLABLE or stopped:
            reason = "ended" if verdict in TELLABLE and stopped else str(verdict)
            self._record(account.id, source, "too_many_tries" if spent else reason)
            self._limits.wrong_proof(source=source, names=(f"claim:{digest}", account.id), factor="password")
            return NotSignedIn()
        self._limits.proved(names=(f"claim:{digest}", account.id), factor="password")
        return KnownPerson(account, must_change=verdict is not PasswordVerdict.RIGHT)

    def _verdict(self, account: Account, password: str) -> PasswordVerdict:
        directory = self._connectors.able_to(ChecksPassword, account)
        try:
            return directory.check_password(account, password).verdict if directory else PasswordVerdict.WRONG
        except AccountNotFound:
            return PasswordVerdict.WRONG

    def _find(self, claim: str, digest: str) -> Account:
        try:
            return self._accounts.find(claim)
        except (AccountNotFound, AccountAmbiguous):
            return self._nobody(digest)

    def _nobody(self, digest: str) -> Account:
        """Somebody who does not exist, tried at the directory all the same: it must take its time for him too."""
        home = sorted(self._connectors.directories)[0]
        return Account(id=f"unknown:{digest}", directory=home, dn=f"cn={secrets.token_hex(8)}", login="", name="")

    def _record(self, account_id: str, source: str, reason: str) -> None:
        event = Event(
            kind="login", actor=account_id, target=account_id, session="", source=source, factors=("password",)
        )
        with self._database.write() as tx:
            self._log.record(tx, event, "failure", reason)
