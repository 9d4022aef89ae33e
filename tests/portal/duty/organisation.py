"""An organisation without a directory server: people whose accounts end, those who answer for them, a service desk."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage

from connectors.account import Account, AccountState
from connectors.capabilities import FindsAccounts, KnowsSponsors, ListsAccounts, SendsMail, SetsEndDate
from connectors.errors import AccountNotFound, Unavailable
from connectors.smtp import SmtpSettings
from portal.duty.plan import Shift
from portal.identity import SYSTEM, Principal
from portal.parts import Parts

DESK = ("carol", "dag", "gro", "tuva", "nils")
DAY = timedelta(days=1)
MADE = datetime(2020, 1, 1, tzinfo=UTC)


class Directory(FindsAccounts, ListsAccounts, SetsEndDate, KnowsSponsors):
    """Accounts in memory; while it is away it says so."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.people: dict[str, Account] = {}
        self.clock = clock
        self.away = False
        self.written: list[tuple[str, date]] = []

    def add(self, login: str, *, sponsor: str = "", ends_on: date | None = None) -> Account:
        account = Account(
            id=f"main:{login}",
            directory="main",
            dn=login,
            login=login,
            name=login.title(),
            mail=f"{login}@example.org",
            sponsor=sponsor or None,
            kind="guest" if ends_on else "employee",
            created_at=MADE,
            state=AccountState(ends_on=ends_on),
        )
        self.people[account.id] = account
        return account

    def find(self, claim: str) -> Account:
        return self.read(f"main:{claim}")

    def read(self, account_id: str) -> Account:
        self._answer()
        if account_id not in self.people:
            raise AccountNotFound(account_id)
        return self._now(self.people[account_id])

    def ending(self, first: date, last: date) -> Iterator[Account]:
        self._answer()
        for account in list(self.people.values()):
            if account.state.ends_on and first <= account.state.ends_on <= last:
                yield self._now(account)

    def passwords_expiring(self, first: datetime, last: datetime) -> Iterator[Account]:
        return iter(())

    def set_end_date(self, account: Account, last_day: date | None) -> None:
        self._answer()
        self.people[account.id] = replace(self.people[account.id], state=AccountState(ends_on=last_day))
        self.written.append((account.id, last_day or date.max))

    def sponsor_of(self, account: Account) -> Account | None:
        self._answer()
        found = self.people.get(f"main:{account.sponsor}") if account.sponsor else None
        return self._now(found) if found else None

    def sponsored_by(self, sponsor: Account | None) -> Iterator[Account]:
        self._answer()
        for account in list(self.people.values()):
            if account.sponsor and (sponsor is None or account.sponsor == sponsor.login):
                yield self._now(account)

    def _now(self, account: Account) -> Account:
        ends_on = account.state.ends_on
        ended = ends_on is not None and self.clock().date() > ends_on
        return replace(account, state=replace(account.state, ended=ended))

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("away for a day")


class Box(SendsMail):
    """Takes every mail, and keeps whom it went to and what it said."""

    all: list[tuple[str, str, str]]

    def __init__(self, settings: SmtpSettings) -> None:
        self.all = []

    def send(self, message: EmailMessage) -> None:
        self.all.append((str(message["To"]), str(message["Subject"]), message.get_content()))

    def about(self, words: str) -> list[tuple[str, str, str]]:
        return [mail for mail in self.all if words in mail[1]]


@dataclass
class Staff:
    """The service desk's people, and a plan that they change again and again."""

    parts: Parts
    directory: Directory
    chance: random.Random
    boss: Principal = field(default_factory=lambda: Principal(account_id=SYSTEM, login=SYSTEM, name=""))

    def plan(self, today: date) -> None:
        for number, login in enumerate(DESK):
            account = self.directory.find(login)
            early = number % 2 == 0
            shift = Shift(
                queue="coordinators",
                account_id=account.id,
                name=account.name,
                first=today,
                last=None,
                weeks=1 + number % 2,
                starts=time(8) if early else time(12),
                ends=time(13) if early else time(18),
            )
            self.parts.duty.shifts.plan(self.boss, account, shift, (number % 5, (number + 1) % 5, (number + 3) % 5))

    def change(self, today: date) -> None:
        """Somebody gives a turn away, another is ill, a third comes back."""
        with self.parts.database.read() as db:
            turns = self.parts.duty.shifts.turns(db, "coordinators", today, today + 7 * DAY)
        for turn in self.chance.sample(turns, min(1, len(turns))):
            other = self.directory.find(self.chance.choice(DESK))
            self.parts.duty.shifts.hand(self.boss, turn, self.chance.choice((other, other, None)))
        ill, other = self.chance.sample(DESK, 2)
        self.away(ill, other, today, today + self.chance.randrange(1, 6) * DAY)

    def away(self, login: str, other: str, first: date, last: date) -> None:
        who, substitute = self.directory.find(login), self.directory.find(other)
        actor = Principal(account_id=who.id, login=login, name=who.name)
        self.parts.absences.name(actor, substitute, first, last)

    def on_duty(self) -> list[Principal]:
        with self.parts.database.read() as db:
            turns = self.parts.duty.shifts.on_duty(db, "coordinators")
        roles = frozenset({"coordinator"})
        return [
            Principal(account_id=t.account_id, login=t.name, name=t.name, roles=roles, session="session") for t in turns
        ]
