"""A year as a university has it, written to a log: what honest people do, with its peaks and its odd hours."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from audit.event import Event
from audit.indexing import catch_up
from audit.log import AuditLog
from portal.database import Database
from tests.portal.site import MovableClock

ZONE = ZoneInfo("Europe/Oslo")
Act = tuple[datetime, str, str, str]  # when, what, who, for whom
APPROVED = "approved"


@dataclass
class Writer:
    """Writes attempts as the desk does."""

    log: AuditLog
    database: Database
    tickets: int = 0

    def did(self, kind: str, actor: str, target: str, **more: str) -> None:
        factors = ("totp",) if kind.startswith("factor_") else ()
        event = Event(kind=kind, actor=actor, target=target, factors=factors, **more)  # type: ignore[arg-type]
        with self.database.write() as tx:
            self.log.outcome(tx, self.log.intent(tx, event), event, "success")

    def approved(self, decider: str, person: str) -> None:
        """More time, agreed to by somebody else, and carried out."""
        self.tickets += 1
        ticket = str(self.tickets)
        decided = Event(kind="approval_decided", actor=decider, target=person, ticket=ticket, decision="approved")
        with self.database.write() as tx:
            self.log.record(tx, decided, "success")
            given = Event(kind="account_extend", actor=person, target=person, ticket=ticket, new="2027-06-30")
            self.log.outcome(tx, self.log.intent(tx, given), given, "success")


def year(people: int, days: int, chance: random.Random, begin: datetime) -> list[Act]:
    """Everything of so many days, in order. Two of a hundred people have a role or rights of their own."""
    acts: list[Act] = []
    staff = [f"staff:{n}" for n in range(max(2, people // 400))]

    def some() -> str:
        return f"person:{chance.randrange(people)}"

    for day in range(days):
        date = (begin + timedelta(days=day)).replace(tzinfo=ZONE)
        busy, works = _busy(date), date.weekday() < 5
        for _ in range(_about(people * 0.006 * busy, chance)):  # two a year for each, most at the start of terms
            who, at = some(), _hour(date, chance)
            acts.append((at, "password_reset", who, who))
            if chance.random() < 0.004:  # new here: a password, then the mail goes where it is read
                acts.append((at + timedelta(hours=chance.uniform(0.1, 20)), "forward_outside_set", who, who))
        for _ in range(_about(people * 0.0004 * busy, chance)):
            who = some()
            acts.append((_hour(date, chance), "forward_outside_set", who, who))
        for _ in range(_about(people * 0.0012 * busy, chance) if works else 0):
            at = date.replace(hour=8) + timedelta(minutes=chance.triangular(0, 480, 120))
            kind = chance.choice(("password_change_required", "factor_remove", "unlock"))
            acts.append((at, kind, chance.choice(staff), some()))
        for _ in range(_about(people * 0.0012, chance) if works else 0):
            acts.append((_hour(date, chance), APPROVED, f"sponsor:{chance.randrange(people // 10)}", some()))
    return sorted(acts)


def write(acts: list[Act], log: AuditLog, database: Database, clock: MovableClock) -> None:
    """Let it happen, each at its time, and make it findable."""
    writer = Writer(log, database)
    for at, kind, actor, target in acts:
        clock.now = at
        if kind == APPROVED:
            writer.approved(actor, target)
        else:
            writer.did(kind, actor, target)
    with database.write() as tx:
        while catch_up(tx, log.keyring):
            pass


def privileged(account: str) -> bool:
    return account.startswith("staff:") or int(account.rpartition(":")[2]) % 50 == 0


def _busy(date: datetime) -> float:
    """Start of term, Mondays and Fridays, weekends, July."""
    term = 5.0 if (date.month, date.day // 10) in ((8, 1), (8, 2), (1, 0), (1, 1)) else 1.0
    week = (1.6, 1.1, 1.0, 1.0, 0.9, 0.2, 0.3)[date.weekday()]
    return term * week * (0.3 if date.month == 7 else 1.0)


def _about(mean: float, chance: random.Random) -> int:
    """A number of that mean: each of many may or may not happen."""
    return max(0, round(chance.gauss(mean, mean**0.5)))


def _hour(date: datetime, chance: random.Random) -> datetime:
    """Mostly by day, some in the evening, a few in a hundred at night."""
    part = chance.random()
    hour = chance.triangular(7, 17, 9) if part < 0.8 else chance.uniform(17, 22)
    hour = chance.uniform(22, 30) if part > 0.97 else hour
    return date + timedelta(hours=hour)
