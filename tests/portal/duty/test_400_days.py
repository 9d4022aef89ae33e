"""More than a year of an organisation: who asks in time has an answer before the account ends; nobody is told twice."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from portal.actions.extend_account import ExtendAccount
from portal.demo.mail import Mailbag
from portal.identity import Principal
from portal.results import Pending
from portal.settings.duty import Approvals, Calendar
from portal.settings.installation import Settings
from portal.tickets.store import AlreadyDecided
from tests.portal.duty.organisation import DAY, DESK, Box, Directory, Staff
from tests.portal.site import MovableClock, Person, Site
from tests.portal.test_approvals import get
from tests.servers.slapd import Slapd

ALL = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
PEOPLE, DAYS, HOSTS = (1000, 400, 60) if ALL else (8, 24, 4)
LAST_CALL = 12 * DAY  # after the service desk's turn has begun, somebody on duty decides by then
START = datetime.fromisoformat("2026-11-23T08:30:00+00:00")  # Christmas and Easter lie ahead


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only one kind: what is tried here does not depend on the database."""
    return sqlite_url


@pytest.fixture
def directory(clock: MovableClock) -> Directory:
    clock.now = START
    return Directory(clock)


@pytest.fixture
def site(
    settings: Settings,
    clock: MovableClock,
    mailbag: Mailbag,
    slapd_server: Slapd,
    directory: Directory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """The whole portal, with a directory and a mail server in memory."""
    from connectors import Connectors

    monkeypatch.setattr(
        "portal.assembly.connectors_of",
        lambda _settings, _keys, _clock, _mail, own: Connectors([("main", directory), *own]),
    )
    monkeypatch.setattr("portal.assembly.Smtp", Box)
    calendars = (Calendar(country="NO"),)
    running = Site(settings.model_copy(update={"calendars": calendars}), clock, mailbag, slapd_server)
    yield running
    running.close()


class Year:
    """What happens in it, by chance but always the same."""

    def __init__(self, site: Site, directory: Directory) -> None:
        self.site, self.directory = site, directory
        self.chance = random.Random(7)
        self.staff = Staff(site.parts, directory, self.chance)
        self.waiting: dict[int, str] = {}
        self.first: dict[str, date] = {}
        self.asks: dict[str, date] = {}
        self.tally: Counter[str] = Counter()

    def begin(self) -> None:
        today = self.site.parts.today()
        for login in (*DESK, *(f"host{n}" for n in range(HOSTS))):
            self.directory.add(login)
        for number in range(PEOPLE):
            ends_on = today + timedelta(days=self.chance.randrange(2, DAYS))
            sponsor = self.chance.choice(("", *(f"host{n}" for n in range(HOSTS))))
            account = self.directory.add(f"guest{number}", sponsor=sponsor, ends_on=ends_on)
            self.first[account.id] = ends_on
            if self.chance.random() < 0.7:
                self.asks[account.id] = ends_on - timedelta(days=self.chance.randrange(21))
        self.staff.plan(today)

    def day(self, number: int) -> None:
        self.site.clock.now = START + number * DAY
        today = self.site.parts.today()
        self.directory.away = False
        if number % 3 == 0:
            self.staff.change(today)
            host, other = (f"host{n}" for n in self.chance.sample(range(HOSTS), 2))
            self.staff.away(host, other, today, today + self.chance.randrange(1, 15) * DAY)
        if number % 40 == 7:
            self.somebody_leaves()
        for hours in (0, 5):
            self.site.clock.now = START + number * DAY + timedelta(hours=hours)
            self.directory.away = False
            self.ask(today)
            self.decide()
            self.directory.away = number % 17 == 3  # a day on which nothing is read or written
            self.pass_of_a_worker()
            self.look(today)

    def somebody_leaves(self) -> None:
        """From then on nobody answers for his people."""
        gone = f"host{self.chance.randrange(HOSTS)}"
        self.directory.add(gone, ends_on=self.site.parts.today() - DAY)
        self.tally["left"] += 1

    def ask(self, today: date) -> None:
        for account_id in [one for one, day in self.asks.items() if day <= today]:
            del self.asks[account_id]
            account = self.directory.read(account_id)
            until = (account.state.ends_on or today) + timedelta(days=90)
            actor = Person(account.login, account, "").principal(at=self.site.clock())
            wish = ExtendAccount(account_id=account.id, until=until, reason="still here")
            result = self.site.parts.desk.submit(actor, wish, account)
            assert isinstance(result, Pending), result
            self.waiting[result.ticket] = account_id
            self.tally["asked"] += 1

    def decide(self) -> None:
        """Sponsors and substitutes sometimes, the service desk while somebody is on duty."""
        duty = self.staff.on_duty()
        for number in list(self.waiting):
            ticket = get(self.site, number)
            if ticket.queue == "sponsor":
                with self.site.parts.database.read() as db:
                    named = sorted(self.site.parts.absences.who_is_there(db, ticket))
                silent = not named or int(named[0][9:]) % 3 == 0 or self.chance.random() > 0.15
                actors = [] if silent else [self.directory.read(named[0])]
                who = [Principal(account_id=a.id, login=a.login, name=a.name, session="s") for a in actors]
            else:
                late = self.site.clock() > ticket.opened + LAST_CALL
                who = duty[:1] if late or self.chance.random() < 0.1 else []
            for actor in who:
                self.answer(actor, number, ticket.version)

    def answer(self, actor: Principal, number: int, version: int) -> None:
        step = self.site.parts.approvals.approve if self.chance.random() < 0.7 else self.site.parts.approvals.refuse
        try:
            step(actor, number, version, "looked at")
        except AlreadyDecided:
            return
        self.tally["answered by the desk" if actor.roles else "answered by sponsors"] += 1
        del self.waiting[number]

    def pass_of_a_worker(self) -> None:
        for _ in range(2):  # two of them, neither of which knows what the other has done
            self.site.parts.notices._done_on = self.site.parts.duty.coverage._looked_on = None
            self.site.parts.silence.run()
            self.site.parts.notices.run()
            self.site.parts.duty.coverage.run()
            self.site.work()

    def look(self, today: date) -> None:
        for number, account_id in self.waiting.items():
            end = self.directory.people[account_id].state.ends_on
            start = self.first[account_id]
            assert end and today <= end, f"{account_id} ended while ticket {number} waited"
            assert end <= start + timedelta(days=Approvals().most_bridge_days)
            self.tally["days bridged"] += end > start


@pytest.mark.campaign
def test_nobody_in_policy_lapses_unanswered_and_nobody_is_told_twice(site: Site, directory: Directory) -> None:
    year = Year(site, directory)
    year.begin()
    number = 0
    while number < DAYS or year.waiting:
        assert number < DAYS + 60, "somebody should have answered by now"
        year.day(number)
        number += 1
    box = site.parts.mail
    assert isinstance(box, Box)
    told = box.about("Your account ends")
    kept = box.about("Your account stays open")
    assert not [mail for mail, times in Counter(told + kept).items() if times > 1], "told twice"
    assert len(directory.written) == len(set(directory.written)), "written twice"
    for account_id, start in year.first.items():
        if directory.people[account_id].state.ends_on == start:  # never extended: told on every set day ahead
            mine = [mail for mail in told if mail[0].startswith(account_id.removeprefix("main:") + "@")]
            ahead = (start - START.date()).days
            assert len(mine) == min(4, 1 + sum(mark < ahead for mark in (30, 14, 3, 1))), (account_id, start, mine)
    assert site.parts.outbox.waiting() == (0, 0)
    assert year.tally["asked"] == year.tally["answered by the desk"] + year.tally["answered by sponsors"]
    assert year.tally["days bridged"] > 0 and len(told) > PEOPLE
    print(f"{dict(year.tally)}, {number} days, {len(told)} notices, {len(kept)} bridges told, {len(box.all)} mails")
