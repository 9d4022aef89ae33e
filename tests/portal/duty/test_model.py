"""Whatever the calendars are and whoever is silent: no account ends before the answer, no bridge passes its cap."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from audit.log import AuditLog
from connectors.account import Account, AccountState
from portal.action import Action
from portal.actions.extend_account import ExtendAccount
from portal.books import Books
from portal.database import Database
from portal.duty.absences import Absences
from portal.duty.bridges import Bridges
from portal.duty.due import Due
from portal.duty.silence import Silence
from portal.extending.extension import guard
from portal.identity import Principal
from portal.keys import Keys
from portal.outbox import Outbox
from portal.results import Done, Failed, Result
from portal.schema import upgrade_schema
from portal.settings.desk import Desk
from portal.settings.duty import WEEKDAYS, Approvals, Calendar
from portal.settings.extension import Extension
from portal.tables import ticket
from portal.tickets.counter import Counter
from portal.tickets.store import Tickets
from portal.tickets.ticket import Ticket, Wish
from tests.portal.site import MovableClock

KEY = "0" * 64
UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
ASKED = timedelta(days=184)
GUARD = guard((Extension(),), UTC_ZONE)


@dataclass
class World:
    """One account without a directory: a desk that writes at once, and refuses what the rules do."""

    account: Account
    clock: MovableClock
    bridged: list[date] = field(default_factory=list)

    def read(self, account_id: str) -> Account:
        return self.account

    def offers(self, action: type[Action]) -> bool:
        return True

    def carry_out_approved(self, actor: Any, action: Any, account: Account, ticket: int) -> Result:
        if reason := GUARD(action, account, self.clock()):
            return Failed(attempt="", reason=reason)
        self.account = replace(account, state=AccountState(ends_on=action.until))
        self.bridged.append(action.until)
        return Done(attempt="", account=self.account)


@dataclass(frozen=True)
class Case:
    calendar: Calendar
    rules: Approvals
    asked_at: datetime
    days_left: int
    stages: tuple[str, ...]
    answers: tuple[float | None, ...]  # the part of its time each stage takes; None: away, or silent
    approves: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=2, unique=True))
    hours = dict.fromkeys(days, draw(st.sampled_from((("08:00-16:00",), ("09:00-11:00", "13:00-16:30")))))
    country, closed = (
        draw(st.sampled_from(("", "NO", "SE"))),
        draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)))),
    )
    stages = draw(st.sampled_from((("sponsor",), ("sponsor", "tier2"), ("coordinators",), ("sponsor", "coordinators"))))
    some = st.one_of(st.none(), st.floats(0, 0.99))
    return Case(
        calendar=Calendar.model_validate({"hours": hours, "country": country, "closed": closed[:5]}),
        rules=Approvals(
            stage_hours=draw(st.integers(1, 24)),
            bridge_days=draw(st.integers(1, 14)),
            most_bridge_days=draw(st.integers(0, 60)),
        ),
        asked_at=START + timedelta(hours=draw(st.integers(0, 300 * 24))),
        days_left=draw(st.integers(0, 30)),
        stages=stages,
        answers=(*(draw(some) for _ in stages), draw(st.floats(0, 0.99))),  # the service desk always answers
        approves=draw(st.booleans()),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{Path(tmp_path_factory.mktemp('model')) / 'portal.db'}"
    upgrade_schema(url)
    database = Database(url)
    yield database
    database.engine.dispose()


def play(database: Database, case: Case) -> None:
    clock = MovableClock(case.asked_at)
    first_end = case.asked_at.date() + timedelta(days=case.days_left)
    name = secrets.token_hex(8)
    account = Account(id=f"main:{name}", directory="main", dn="", login=name, name=name)
    world = World(replace(account, state=AccountState(ends_on=first_end)), clock)
    keys = Keys(KEY)
    with database.write() as tx:
        tx.execute(delete(ticket))  # of an example that failed
    log = AuditLog(origin="model/audit", key=keys.raw("audit"), clock=clock, version="1")
    due = Due((case.calendar,), UTC_ZONE, desk=Desk(), approvals=case.rules)
    outbox = Outbox(database, keys, clock, lambda: None)
    tickets = Tickets(keys, clock, due, Desk(), lambda *_: None)
    books = Books(database=database, log=log, keys=keys, outbox=outbox, clock=clock)
    bridges = Bridges(books, settings=case.rules, zone=UTC_ZONE, tickets=tickets, accounts=world, desk=world)  # type: ignore[arg-type]
    silence = Silence(books, tickets=tickets, absences=Absences(books, zone=UTC_ZONE, tickets=tickets), bridges=bridges)
    counter = Counter(books, tickets=tickets)
    number = ask(database, counter, world.account, case, first_end)
    outbox.run({"keep_account": bridges.keep})  # opening the ticket wakes the worker; its passes come six hours late
    last = end_of_all(case, due)
    cap = first_end + timedelta(days=case.rules.most_bridge_days)
    asked = get(database, tickets, number)
    while asked.is_open:
        assert clock() <= last + timedelta(days=1), "somebody should have answered by now"
        clock.move(timedelta(hours=6))
        if last.date() < cap:
            assert (world.account.state.ends_on or date.min) >= clock().date(), "it ended before anybody had answered"
        silence.run()
        asked = answer(database, tickets, number, case, clock())
        ends_on = world.account.state.ends_on
        assert ends_on and ends_on <= max(cap, first_end), "beyond the cap"
    assert len(world.bridged) == len(set(world.bridged))
    given = len(world.bridged)
    clock.move(timedelta(days=40))
    silence.run()
    assert len(world.bridged) == given, "a bridge after the answer"


def ask(database: Database, counter: Counter, account: Account, case: Case, ends_on: date) -> int:
    stages = [{"queue": s, "ids": ["main:host"] if s == "sponsor" else [], "names": ["Host"]} for s in case.stages]
    wish = Wish(
        requester_id=account.id,
        claim=account.login,
        action=ExtendAccount.name,
        reason="needs_approval",
        details={"until": (ends_on + ASKED).isoformat(), "reason": "still here"},
        facts={"ends_on": ends_on.isoformat()},
        account_id=account.id,
        stages=stages,
        lapses=ends_on,
    )
    requester = Principal(account_id=account.id, login=account.login, name=account.name)
    with database.write() as tx:
        return counter.open(tx, wish, actor=requester)


def answer(database: Database, tickets: Tickets, number: int, case: Case, now: datetime) -> Ticket:
    """Whoever's turn it is says yes or no, once its part of the time is over."""
    asked = get(database, tickets, number)
    part = case.answers[min(asked.stage or 0, len(case.answers) - 1)]
    if case.stages[-1] == "coordinators" and (asked.stage or 0) == len(case.stages) - 1:
        part = part if part is not None else case.answers[-1]  # it is the service desk already
    if asked.is_open and part is not None and now >= asked.due - timedelta(hours=case.rules.stage_hours * (1 - part)):
        to = "approved" if case.approves else "refused"
        with database.write() as tx:
            tickets.move(tx, number, version=asked.version, to=to, by="main:host", name="Host")
    return get(database, tickets, number)


def end_of_all(case: Case, due: Due) -> datetime:
    """By when the service desk has answered at the latest, each pass of the worker six hours late."""
    at = case.asked_at
    for queue in (*case.stages, "coordinators"):
        at = due.decision(queue, at + timedelta(hours=6))
    return at + timedelta(hours=6)


def get(database: Database, tickets: Tickets, number: int) -> Ticket:
    with database.read() as db:
        return tickets.get(db, number)


@settings(
    max_examples=1000 if os.environ.get("SPAREKEY_CAMPAIGN") else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.campaign
@given(cases())
@example(
    Case(  # asked for in the evening of its last day, hours before a worker's next pass
        calendar=Calendar(hours={"mon": ("08:00-16:00",), "tue": ("08:00-16:00",)}),
        rules=Approvals(stage_hours=1, bridge_days=1, most_bridge_days=2),
        asked_at=datetime(2026, 1, 4, 18, tzinfo=UTC),
        days_left=0,
        stages=("sponsor",),
        answers=(None, 0.0),
        approves=True,
    )
)
def test_no_request_in_time_ends_unanswered_and_no_bridge_passes_its_cap(store: Database, case: Case) -> None:
    play(store, case)
