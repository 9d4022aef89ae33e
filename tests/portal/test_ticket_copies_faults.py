"""Many tickets, a wire that breaks, a search that lags, three workers that die: none is lost and none doubled."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from connectors.http import Http
from connectors.smtp import Smtp
from portal.demo.mail import Mailbag
from portal.settings.installation import Settings
from portal.tickets.copies import Copies, State
from portal.tickets.ticket import OPEN
from portal.work import couriers_of
from tests.connectors.ticket_wires import CAMPAIGN, EACH, SYSTEMS, Wired, wired
from tests.portal.copying import CAROL, copied_to, copy_of, open_ticket
from tests.portal.site import MovableClock, Site
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

TICKETS = EACH if CAMPAIGN else 8
CHANCE = 0.06 if CAMPAIGN else 0.3  # that a request meets a fault
ROUNDS = 200
WORKERS = 3
TIMEOUT = 0.3  # of the portal, for each answer
TIMEOUTS = {"request-tracker": 4.0}  # a real one is no quicker


class Killed(BaseException):
    """Nothing of the portal catches it: as little happens afterwards as after kill -9."""


@dataclass
class Storm:
    """A portal, another system, and the wire between them."""

    site: Site
    other: Wired
    chance: random.Random
    deaths: int = 0

    def work(self) -> None:
        """Three workers at once, each until nothing is due or it dies."""
        hands = [threading.Thread(target=self._worker) for _ in range(WORKERS)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(timeout=3600)
        wait_until(self.other.wire.is_idle, seconds=30, what="requests that nobody waits for any more")

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
    on_sqlite = settings.database.startswith("sqlite")
    if not CAMPAIGN and (request.param == "request-tracker" or (request.param != "zammad" and not on_sqlite)):
        pytest.skip("the campaign tries every system on both databases, and a real one")
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    with ExitStack() as stack:
        timeout = TIMEOUTS.get(request.param, TIMEOUT)
        other = stack.enter_context(wired(request.param, seed=seed, chance=CHANCE, timeout=timeout))
        if other.smtp:
            settings = settings.model_copy(update={"mail": other.smtp})
        site = Site(copied_to(settings, other.settings), clock, mailbag, slapd_server)
        stack.callback(site.close)
        made = Storm(site, other, random.Random(seed))
        deadly = ((Copies, "begin"), (Copies, "placed"), (Copies, "copied"), (Http, "write"), (Smtp, "send"))
        for owner, name in deadly:
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
        storm.other.index()
        if not waits and storm.all_current():
            break
    copies, wire = [copy_of(storm.site, number) for number in numbers], storm.other.wire
    assert {copy.state for copy in copies} == {State.CURRENT}
    held = storm.other.held()
    assert held.keys() == {copy.key: 1 for copy in copies}
    assert held.marks() == _marks(storm.site, numbers)
    assert held.open == 0
    assert wire.met
    print(
        f"{request.node.name}: {TICKETS} tickets, {wire.requests} requests, {sum(wire.met.values())} faults"
        f" {dict(wire.met)}, {storm.deaths} workers died, {time.monotonic() - started:.0f} s"
    )


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
