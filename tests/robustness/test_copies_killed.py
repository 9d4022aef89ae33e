"""Three workers copy tickets over a wire that breaks, and kill -9 takes one of them again and again.

Only as a campaign: starting processes costs more than all the rest. In every run three workers die without a kill, in
tests/portal/test_ticket_copies_faults.py.
"""

import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from portal.demo.children import Child
from portal.parts import Parts, utc_now
from portal.tickets.copies import State
from portal.tickets.ticket import Wish
from tests.portal.copying import CAROL, PERSON
from tests.robustness.quick_worker import quick_clock
from tests.servers.deployment import Deployment
from tests.servers.slapd import Slapd
from tests.standins import zammad
from tests.standins.wire import FaultyWire
from tests.standins.zammad import ZammadStandin

TICKETS = int(os.environ.get("SPAREKEY_CAMPAIGN_TICKETS", "10000"))
LONGEST = 7200  # seconds
WORKERS = 3
TIMEOUT = 0.5
_SYSTEM = """\
kind = "zammad"
url = "http://127.0.0.1:{port}"
token = "{token}"
queue = "Users"
requester = "portal@example.org"
timeout = {timeout}
"""


@dataclass
class Crew:
    """The workers, and who takes one away."""

    made: Deployment
    began: str
    chance: random.Random
    kills: int = 0
    _hands: list[Child] = field(default_factory=list)
    _starts: int = 0

    def fill_up(self) -> None:
        while len(self._hands) < WORKERS:
            self._starts += 1
            name = f"copying-{self._starts}"
            self._hands.append(
                self.made._children.start(
                    name, "tests.robustness.quick_worker", str(self.made.settings_path), self.began
                )
            )

    def kill_one(self) -> None:
        hand = self._hands.pop(self.chance.randrange(len(self._hands)))
        assert hand.running.poll() is None, hand.last_words()
        os.killpg(hand.running.pid, signal.SIGKILL)
        hand.running.wait(timeout=15)
        self.kills += 1


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def system() -> Iterator[ZammadStandin]:
    with ZammadStandin() as server:
        assert isinstance(server, ZammadStandin)
        server.lags = True
        yield server


@pytest.mark.campaign
@pytest.mark.skipif(not os.environ.get("SPAREKEY_CAMPAIGN"), reason="only as a campaign")
def test_whoever_is_killed_no_ticket_is_lost_and_none_is_doubled(
    slapd_server: Slapd, own_deployment: Callable[..., Deployment], database: str, system: ZammadStandin
) -> None:
    seed, began = random.randrange(10**6), utc_now()
    with FaultyWire(system.port, seed=seed, chance=0.06, late=2 * TIMEOUT) as wire:
        lines = _SYSTEM.format(port=wire.port, token=zammad.TOKEN, timeout=TIMEOUT)
        made = own_deployment(slapd_server, database=database, options={"ticket_system": lines})
        parts, crew = made.parts(clock=quick_clock(began)), Crew(made, began.isoformat(), random.Random(seed))
        numbers = [_closed_ticket(parts, number) for number in range(TICKETS)]
        started = time.monotonic()
        while not _all_current(parts):
            assert time.monotonic() - started < LONGEST, f"not all are copied; seed {seed}"
            crew.fill_up()
            time.sleep(crew.chance.uniform(4, 12))
            crew.kill_one()
            system.index()
        print(
            f"{made.database_url.partition(':')[0]}: {TICKETS} tickets, {wire.requests} requests,"
            f" {sum(wire.met.values())} faults {dict(wire.met)}, {crew.kills} kills,"
            f" {time.monotonic() - started:.0f} s, seed {seed}"
        )
    _check(parts, numbers, system)
    parts.database.engine.dispose()


def _check(parts: Parts, numbers: list[int], system: ZammadStandin) -> None:
    held = system.held()
    with parts.database.read() as db:
        keys = [copy.key for number in numbers if (copy := parts.copies.get(db, number))]
    assert Counter(re.findall(r"sk\d+x[0-9a-f]{12}", " ".join(held.titles))) == dict.fromkeys(keys, 1)
    assert set(Counter(held.remarks).values()) == {1}
    assert Counter(mark.partition("-")[0] for mark in held.remarks) == dict.fromkeys(keys, 2)
    assert held.open == 0


def _closed_ticket(parts: Parts, number: int) -> int:
    wish = Wish(requester_id=None, claim=f"alice{number}", action="reset_password", reason="no_factor_left")
    with parts.database.write() as tx:
        made = parts.counter.open(tx, wish, actor=PERSON)
    parts.counter.take(CAROL, made, 1)
    parts.counter.fulfil(CAROL, made, 2, "done")
    return made


def _all_current(parts: Parts) -> bool:
    with parts.database.read() as db:
        counts = parts.copies.counts(db)
    return counts[State.CURRENT] == TICKETS
