"""One small abstract class per thing a connector may be able to do.

A connector declares what it can do by inheriting; a method it forgets is an error when it is built.
All of them raise only what `connectors.errors` holds, and answer within their configured time limit.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from enum import StrEnum

from connectors.account import Account, Copy, PasswordCheck, PasswordRules
from connectors.capability import Capability as Capability


class FindsAccounts(Capability):
    """Finds and reads accounts. Reading changes nothing and is not recorded."""

    @abstractmethod
    def find(self, claim: str) -> Account:
        """Return the one account whose login or mail address is `claim`; raise AccountNotFound or AccountAmbiguous."""

    @abstractmethod
    def read(self, account_id: str) -> Account:
        """Return the account as it stands now, by the directory's own id; raise AccountNotFound."""


class ChecksPassword(Capability):
    @abstractmethod
    def check_password(self, account: Account, password: str) -> PasswordCheck:
        """Try the password as the person would. An empty or NUL-bearing one is WRONG and never sent."""


class SignsIn(Capability):
    """Where nobody may look anybody up: people are known only while they bind with their own password."""

    @abstractmethod
    def sign_in(self, claim: str, password: str) -> tuple[PasswordCheck, Account | None]:
        """Try the password as `check_password` does; with a right one comes the account, read by its owner."""


class TellsPasswordRules(Capability):
    @abstractmethod
    def password_rules(self, account: Account) -> PasswordRules:
        """The rules that bind this very person, whose account has just been read, as the directory holds them."""


class SetsPassword(Capability):
    @abstractmethod
    def set_password(self, account: Account, password: str) -> Account | None:
        """Set a new password as the service account, unlock, ask for no other; return the account if looked at then."""


class ChangesPassword(Capability):
    @abstractmethod
    def change_password(self, account: Account, old: str, new: str) -> None:
        """Change it with the old one, as the person. Works with an expired or must-change password too."""


class UnlocksAccount(Capability):
    @abstractmethod
    def unlock_account(self, account: Account) -> None:
        """Take the lock of too many wrong passwords away; no effect on an account that is not locked."""


class DisablesAccount(Capability):
    @abstractmethod
    def disable_account(self, account: Account) -> None:
        """Stop every sign-in until an administrator allows it again."""


class RequiresPasswordChange(Capability):
    @abstractmethod
    def require_password_change(self, account: Account) -> None:
        """Make the person choose a new password at the next sign-in; the one they have stays right until then."""


class SetsEndDate(Capability):
    @abstractmethod
    def set_end_date(self, account: Account, last_day: date | None) -> None:
        """Set the last day the account may be used, in the directory's time zone; None: it has no end any more."""


class KeepsSshKeys(Capability):
    """Holds people's public SSH keys; `Account.ssh_keys` tells them."""

    @abstractmethod
    def add_ssh_key(self, account: Account, key: str) -> None:
        """Add one line, as it stands in authorized_keys; no effect if it is there already."""

    @abstractmethod
    def remove_ssh_key(self, account: Account, key: str) -> None:
        """Take away exactly this line; no effect if it is not there any more."""


class SetsRecoveryMail(Capability):
    @abstractmethod
    def change_recovery_mail(self, account: Account, *, old: str, new: str) -> None:
        """Put `new` in place of `old` in one step; either may be empty. No effect where it is so already."""


class SetsPhone(Capability):
    @abstractmethod
    def set_phone(self, account: Account, number: str) -> None:
        """Set the one telephone number (E.164); an empty one takes it away."""


class SeesGroups(Capability):
    @abstractmethod
    def has_group(self, dn: str) -> bool:
        """Whether there is a group with this DN that we may read."""


class KnowsSponsors(Capability):
    """Tells who answers for an account, as the account's own entry names them."""

    @abstractmethod
    def sponsor_of(self, account: Account) -> Account | None:
        """Whoever the account names; None where it names nobody, or somebody who is no longer there."""

    @abstractmethod
    def sponsored_by(self, sponsor: Account | None) -> Iterator[Account]:
        """Yield every account that names this person (None: anybody), without their groups, page by page."""


class ListsAccounts(Capability):
    @abstractmethod
    def ending(self, first: date, last: date) -> Iterator[Account]:
        """Yield every account whose last day is one of these, in no order, page by page as the server gives them.

        Their groups and what follows from them are not looked up. Raises Unavailable where a list would be cut short.
        """

    @abstractmethod
    def passwords_expiring(self, first: datetime, last: datetime) -> Iterator[Account]:
        """Yield, in the same way, every account whose password expires from one moment to the other."""


class NotesLapses(Capability):
    """Remembers which accounts are to end, because whoever answers for them wants it so."""

    @abstractmethod
    def let_lapse(self, account: Account, ends_on: date) -> None:
        """Note that the account is to end on this last day, in place of what was noted before."""


class ReadsEveryServer(Capability):
    """Offered only where there are several servers, each with a copy of every account."""

    @abstractmethod
    def read_everywhere(self, account_id: str) -> Iterator[Copy]:
        """Yield the account as each server holds it; one that cannot be asked takes at most its time limit."""


class KeepsFactors(Capability):
    """Holds people's enrolled factors: the portal's own shelf, or a factor server."""

    @abstractmethod
    def confirm_factor(self, account: Account, factor_id: str) -> None:
        """Let a factor count that was enrolled and has passed its check code."""

    @abstractmethod
    def rename_factor(self, account: Account, factor_id: str, name: str) -> None: ...

    @abstractmethod
    def switch_factor(self, account: Account, factor_id: str, *, on: bool) -> None:
        """Stop a factor from counting without forgetting it, or let it count again."""

    @abstractmethod
    def remove_factor(self, account: Account, factor_id: str) -> None: ...


class HoldsAddressChanges(Capability):
    """Keeps changes of private addresses until their waiting time is over."""

    @abstractmethod
    def ask_address_change(self, account: Account, change_id: str, *, old: str, new: str, channels: str) -> None:
        """Let a change wait, in place of one that waits already. `channels`: how whoever asks was proved, by blanks."""

    @abstractmethod
    def cancel_address_change(self, account: Account, change_id: str) -> None:
        """End a change that still waits."""


class ClosesSessions(Capability):
    @abstractmethod
    def close_session(self, account: Account, session_id: str) -> None:
        """End one of the person's own sessions; no effect if it has already ended."""

    @abstractmethod
    def close_sessions(self, account: Account, *, keep: str) -> None:
        """End all of the person's sessions but the one named; `keep` may be empty."""


class SendsMail(Capability):
    @abstractmethod
    def send(self, message: EmailMessage) -> None:
        """Hand one message to the mail server; raise Unavailable (try again later) or Forbidden (never taken)."""

    def rest(self) -> None:
        """Let go of what was kept for a next message that did not come; called about every second."""


class KnowsLeaks(Capability):
    @abstractmethod
    def seen(self, password: str) -> int | None:
        """How often the password turned up in known leaks; 0: it did, nobody counted; None: it did not.

        Raises Unavailable where nobody could be asked.
        """


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"  # something that is offered cannot work


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One result of the doctor: what was looked at, what is wrong, and the exact thing that mends it."""

    severity: Severity
    subject: str  # "TLS", "right to set userPassword"
    message: str
    remedy: str = ""  # a grant, setting or command, ready to paste
    base: str = ""  # the part of a directory it is true of; empty: of all
    stops: tuple[type[Capability], ...] = ()  # what cannot be done for the people there


class Examined(Capability):
    """Can be looked over by `portal check`. Changes nothing."""

    @abstractmethod
    def examine(self) -> Iterator[Finding]:
        """Yield what was found, good and bad; never raise for a fault it can name."""
