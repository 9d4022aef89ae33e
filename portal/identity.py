"""Who is asking, and how sure we are of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from flask_login import UserMixin

from connectors.account import Account

SYSTEM = "system"
STAFF = frozenset({"coordinator", "tier2", "supervisor"})  # who works on tickets, and for callers

AUDITS = frozenset({"auditor"})  # who checks what the others do
OPERATORS = frozenset({"supervisor", "admin"})  # who looks after what the portal does by itself


class InRecord(TypedDict):
    """The fields of an `audit.event.Event` that say who did something."""

    actor: str
    session: str
    source: str
    factors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How well a caller was checked by whoever acts for them: for one account, in one ticket, for a short time."""

    account_id: str
    ticket: int
    points: int
    more: int  # points it takes beyond an action's own: for a rank, and for alarms
    seconded: bool  # whoever else of the service desk has to agree has done so
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Principal(UserMixin):
    """A person as far as proved. Assurance is the set of independent channels a proof came over."""

    account_id: str
    login: str
    name: str
    language: str | None = None
    channels: frozenset[str] = field(default_factory=frozenset)
    factors: tuple[str, ...] = ()  # names of the factors used, for the record
    roles: frozenset[str] = field(default_factory=frozenset)
    units: tuple[str, ...] | None = ()  # whose entries an auditor sees; None: everybody's
    fields: tuple[str, ...] = ()  # of the second tier, that somebody at the desk knows
    proved_at: datetime | None = None  # the newest proof
    session: str = ""
    source: str = ""
    caller: Evidence | None = None  # acts for somebody who calls or came

    @property
    def id(self) -> str:
        return self.account_id

    @property
    def assurance(self) -> int:
        """The number of independent channels: two codes by mail are one."""
        return len(self.channels)

    @property
    def in_record(self) -> InRecord:
        """As the record names whoever does something: Event(kind=…, **principal.in_record)."""
        return InRecord(actor=self.account_id, session=self.session, source=self.source, factors=self.factors)

    def as_account(self) -> Account:
        """The little that is known of the account while its directory does not answer."""
        directory = self.account_id.partition(":")[0]
        return Account(id=self.account_id, directory=directory, dn="", login=self.login, name=self.name)


def roles_of(account: Account, table: Mapping[Any, tuple[str, ...]], claimed: Iterable[str] = ()) -> frozenset[str]:
    """The roles an account's groups give, by the settings' table of group DNs, and those an identity provider gives.

    Whoever audits does nothing else.
    """
    roles = frozenset(role for role, groups in table.items() if {g.lower() for g in groups} & account.groups)
    roles |= frozenset(claimed)
    return AUDITS if roles >= AUDITS else roles
