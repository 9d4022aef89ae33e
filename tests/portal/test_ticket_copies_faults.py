"""Many tickets, a wire that breaks, a search that lags, three workers that die: none is lost and none doubled."""

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from connectors.tickets.http import Http
from connectors.tickets.settings import TicketSystemSettings
from portal.demo.mail import Mailbag
from portal.settings import Settings
from portal.tickets.copies import Copies, State
from portal.tickets.ticket import OPEN
from portal.work import couriers_of
from tests.connectors import ticket_systems
from tests.portal.copying import CAROL, copied_to, copy_of, open_ticket
from tests.portal.site import MovableClock, Site
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd
from tests.standins.glpi import GlpiStandin
from tests.standins.hook import HookStandin
from tests.standins.jira import JiraStandin
from tests.standins.osticket import OsTicketStandin
from tests.standins.servicenow import ServiceNowStandin
from tests.standins.ticket_system import TicketStandin
from tests.standins.wire import FaultyWire
from tests.standins.zammad import ZammadStandin

CAMPAIGN = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
TICKETS = int(os.environ.get("SPAREKEY_CAMPAIGN_TICKETS", "10000")) if CAMPAIGN else 8
CHANCE = 0.06 if CAMPAIGN else 0.3  # that a request meets a fault
ROUNDS = 200
WORKERS = 3
TIMEOUT = 0.3  # of the portal, for each answer
SYSTEMS: dict[str, tuple[type[TicketStandin], Callable[..., TicketSystemSettings]]] = {
    "zammad": (ZammadStandin, ticket_systems.zammad_settings),
    "glpi": (GlpiStandin, ticket_systems.glpi_settings),
    "jira": (JiraStandin, ticket_systems.jira_settings),
    "servicenow": (ServiceNowStandin, ticket_systems.servicenow_settings),
    "osticket": (OsTicketStandin, ticket_systems.osticket_settings),
    "webhook": (HookStandin, ticket_systems.hook_settings),
}
_KEY = re.compile(r"sk\d+x[0-9a-f]{12}")
_MARK = re.compile(r"sk\d+x[0-9a-f]{12}-\d+")


class Killed(BaseException):
    """Nothing of the portal catches it: as little happens afterwards as after kill -9."""


@dataclass
class Storm:
    """A portal, another system, and the wire between them."""

    site: Site
    standin: TicketStandin
    wire: FaultyWire
    chance: random.Random
    deaths: int = 0

    def work(self) -> None:
        """Three workers at once, each until nothing is due or it dies."""
        hands = [threading.Thread(target=self._worker) for _ in range(WORKERS)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(timeout=3600)
        wait_until(self.wire.is_idle, seconds=30, what="requests that nobody waits for any more")

    def _worker(self) -> None:
        carriers = {"ticket_copy": couriers_of(self.site.parts, self.site.letters).carriers()["ticket_copy"]}
        try:
            with self.site.app.app_context():
                while self.site.parts.outbox.run(carriers):
                    pass
        except Killed:
            self.deaths += 1

    def may_die(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The same, and sometimes the worker is gone right before or after."""

        def deadly(*args: Any, **more: Any) -> Any:
            chance = self.chance.random()
            if chance < 0.002:
                raise Killed
            done = method(*args, **more)
            if chance > 0.998:
                raise Killed
            return done

        return deadly

    def happen(self, numbers: list[int]) -> None:
        """Some of the tickets go on while others are still being copied."""
        parts = self.site.parts
        for number in numbers:
            with parts.database.read() as db:
                ticket = parts.tickets.get(db, number)
            if ticket.status in OPEN and ticket.status != "taken":
                parts.counter.take(CAROL, number, ticket.version)
            elif ticket.status in OPEN:
                parts.counter.fulfil(CAROL, number, ticket.version, "done")

    def all_current(self) -> bool:
        with self.site.parts.database.read() as db:
            counts = self.site.parts.copies.counts(db)
        return counts[State.CURRENT] == sum(counts.values())


@pytest.fixture(params=SYSTEMS)
def storm(
    request: pytest.FixtureRequest,
    settings: Settings,
    clock: MovableClock,
    mailbag: Mailbag,
    slapd_server: Slapd,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Storm]:
    kind, settings_of = SYSTEMS[request.param]
    if not CAMPAIGN and request.param != "zammad" and not settings.database.startswith("sqlite"):
        pytest.skip("the campaign tries every system on both databases")
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    with ExitStack() as stack:
        standin = stack.enter_context(kind())
        standin.lags = True
        keyed = request.param in ("osticket", "webhook")
        wire = stack.enter_context(
            FaultyWire(standin.port, seed=seed, chance=CHANCE, keyed_posts=keyed, late=2 * TIMEOUT)
        )
        system = settings_of(f"http://127.0.0.1:{wire.port}", timeout=TIMEOUT)
        site = Site(copied_to(settings, system), clock, mailbag, slapd_server)
        stack.callback(site.close)
        made = Storm(site, standin, wire, random.Random(seed))
        for owner, name in ((Copies, "begin"), (Copies, "placed"), (Copies, "copied"), (Http, "write")):
            monkeypatch.setattr(owner, name, made.may_die(getattr(owner, name)))
        yield made


@pytest.mark.campaign
def test_no_ticket_is_lost_and_none_is_doubled(storm: Storm, clock: MovableClock, request: Any) -> None:
    started, numbers = time.monotonic(), [open_ticket(storm.site, number) for number in range(TICKETS)]
    waits = [number for number in numbers for _ in range(2)]
    storm.chance.shuffle(waits)
    for _ in range(ROUNDS):
        storm.happen([waits.pop() for _ in range(min(len(waits), TICKETS // 4))])
        storm.work()
        clock.move(timedelta(minutes=4))
        storm.standin.index()
        if not waits and storm.all_current():
            break
    copies = [copy_of(storm.site, number) for number in numbers]
    assert {copy.state for copy in copies} == {State.CURRENT}
    held = storm.standin.held()
    assert Counter(_found(_KEY, held.titles)) == {copy.key: 1 for copy in copies}
    assert Counter(_found(_MARK, held.remarks)) == _marks(storm.site, numbers)
    assert held.open == 0
    assert storm.wire.met
    print(
        f"{request.node.name}: {TICKETS} tickets, {storm.wire.requests} requests, {sum(storm.wire.met.values())} faults"
        f" {dict(storm.wire.met)}, {storm.deaths} workers died, {time.monotonic() - started:.0f} s"
    )


def _found(pattern: re.Pattern[str], texts: list[str]) -> list[str]:
    return [found[0] for text in texts if (found := pattern.search(text))]


def _marks(site: Site, numbers: list[int]) -> dict[str, int]:
    """What must be over there once: taken and fulfilled, of every ticket."""
    marks = {}
    for number in numbers:
        key = copy_of(site, number).key
        with site.parts.database.read() as db:
            notes = site.parts.tickets.notes(db, number, all_of_them=True)
        marks |= {f"{key}-{note.id}": 1 for note in notes if note.kind != "opened"}
    assert len(marks) == 2 * len(numbers)
    return marks
