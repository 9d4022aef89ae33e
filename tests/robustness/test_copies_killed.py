"""Three workers copy tickets over a wire that breaks, and kill -9 takes one of them again and again.

Only as a campaign: starting processes costs more than all the rest. In every run three workers die without a kill, in
tests/portal/test_ticket_copies_faults.py.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from connectors.smtp import SmtpSettings
from connectors.tickets.settings import TicketSystemSettings
from portal.demo.children import Child
from portal.parts import Parts, utc_now
from portal.tickets.copies import State
from portal.tickets.ticket import Wish
from tests.connectors.ticket_wires import CAMPAIGN, EACH, SYSTEMS, Wired, wired
from tests.portal.copying import CAROL, PERSON
from tests.robustness.quick_worker import quick_clock
from tests.servers.deployment import Deployment
from tests.servers.slapd import Slapd
from tests.standins.ticket_system import Held

LONGEST = 7200  # seconds
WORKERS = 3


@dataclass(frozen=True)
class Pace:
    """A request that came late must be over before the next look: in a minute of the quick clock."""

    timeout: float = 0.5
    speed: int = 10


PACES = {"request-tracker": Pace(timeout=4, speed=3)}


@dataclass
class Crew:
    """The workers, and who takes one away."""

    made: Deployment
    arguments: tuple[str, ...]
    chance: random.Random
    kills: int = 0
    _hands: list[Child] = field(default_factory=list)
    _starts: int = 0

    def fill_up(self) -> None:
        while len(self._hands) < WORKERS:
            self._starts += 1
            name = f"copying-{self._starts}"
            self._hands.append(self.made._children.start(name, "tests.robustness.quick_worker", *self.arguments))

    def kill_one(self) -> None:
        hand = self._hands.pop(self.chance.randrange(len(self._hands)))
        assert hand.running.poll() is None, hand.last_words()
        os.killpg(hand.running.pid, signal.SIGKILL)
        hand.running.wait(timeout=15)
        self.kills += 1

    def kill_all(self) -> None:
        while self._hands:
            self.kill_one()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="only as a campaign")
@pytest.mark.parametrize("system", SYSTEMS)
def test_whoever_is_killed_no_ticket_is_lost_and_none_is_doubled(
    slapd_server: Slapd, own_deployment: Callable[..., Deployment], database: str, system: str
) -> None:
    seed, began, pace = random.randrange(10**6), utc_now(), PACES.get(system, Pace())
    with wired(system, seed=seed, chance=0.06, timeout=pace.timeout) as other:
        made = own_deployment(slapd_server, database=database, options=_options(other))
        arguments = (str(made.settings_path), began.isoformat(), str(pace.speed))
        parts, crew = made.parts(clock=quick_clock(began, pace.speed)), Crew(made, arguments, random.Random(seed))
        numbers = [_closed_ticket(parts, number) for number in range(EACH)]
        started = time.monotonic()
        while not _all_current(parts):
            assert time.monotonic() - started < LONGEST, f"not all are copied; seed {seed}"
            crew.fill_up()
            for _ in range(crew.chance.randint(4, 15)):
                time.sleep(4)
                other.index()  # its search is never behind by more than the connector knows of
            crew.kill_one()
        took = time.monotonic() - started
        crew.kill_all()
        held = other.held()
        met = other.wire.met
        print(
            f"{system}, {made.database_url.partition(':')[0]}: {EACH} tickets, {other.wire.requests} requests,"
            f" {met.total()} faults {dict(met)}, {crew.kills} kills, {took:.0f} s, seed {seed}"
        )
    _check(parts, numbers, held)
    parts.database.engine.dispose()


def _check(parts: Parts, numbers: list[int], held: Held) -> None:
    with parts.database.read() as db:
        keys = [copy.key for number in numbers if (copy := parts.copies.get(db, number))]
    assert held.keys() == dict.fromkeys(keys, 1)
    assert set(held.marks().values()) == {1}
    assert Counter(mark.partition("-")[0] for mark in held.marks()) == dict.fromkeys(keys, 2)
    assert held.open == 0


def _options(other: Wired) -> dict[str, str]:
    """The tables of the settings file."""
    mail = {"mail": _lines(other.smtp)} if other.smtp else {}
    return mail | {"ticket_system": _lines(other.settings)}


def _lines(settings: TicketSystemSettings | SmtpSettings) -> str:
    """What is set, as TOML: strings and numbers, which it writes as JSON does."""
    given = {name: value for name, value in vars(settings).items() if isinstance(value, str | int | float)}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in given.items() if value != "")


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
    return counts[State.CURRENT] == EACH
