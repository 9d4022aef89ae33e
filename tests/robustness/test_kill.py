"""kill -9 of the whole web server at every step of a reset: the record and the directory always agree afterwards."""

import os
import random
from collections import Counter
from collections.abc import Callable

import pytest

from tests.robustness.killing import LONG_AGO, NEW, STEPS, Storm
from tests.robustness.record import (
    Story,
    open_operations,
    settle,
    story,
    verify_inside,
    verify_outside,
    wait_until_sealed,
)
from tests.servers.deployment import Deployment
from tests.servers.proxy import Proxy
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

CAMPAIGN = os.environ.get("SPAREKEY_CAMPAIGN") == "1"
KILLS = 56 if CAMPAIGN else 8


@pytest.fixture
def storm(slapd_server: Slapd, proxy_to: Callable[[int], Proxy], own_deployment: Callable[..., Deployment]) -> Storm:
    """An installation whose way to the directory can be made slow, and a seed that a failure names."""
    proxy = proxy_to(slapd_server.port)
    made = own_deployment(slapd_server, directory_port=proxy.port)
    made.start()
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return Storm(made, proxy, random.Random(seed))


@pytest.mark.campaign
def test_killed_at_any_moment_every_write_has_its_record_and_every_intent_its_end(storm: Storm) -> None:
    made = storm.made
    for number in range(KILLS):
        storm.round(STEPS[number % len(STEPS)], at_an_intent=number % 4 != 3, lost=number % 3 == 1)
    assert storm.kills == KILLS
    settle(made)
    assert open_operations(made) == 0
    stories = {person.login: story(made, person) for person in storm.resetting}
    for login, told in stories.items():
        assert told.intents == len(told.outcomes) <= 1
        assert told.operations == told.outcomes
        assert told.outcomes.count("success") == int(_written(made, login)), login
        assert set(told.outcomes) <= {"success", "failure"}
    assert sum(told.recovered for told in stories.values()) > 0, "no kill hit an open intent: nothing was tested"
    wait_until_sealed(made)
    assert "OK" in verify_inside(made)
    assert "OK" in verify_outside(made)
    _each_change_was_told_once(storm)
    _say(storm, stories)


def _each_change_was_told_once(storm: Storm) -> None:
    def told() -> dict[str, int]:
        return {p.login: len(storm.made.mails(f"{p.login}@example.org")) for p in storm.resetting}

    expected = {p.login: len(story(storm.made, p).outcomes) for p in storm.resetting}
    wait_until(lambda: told() == expected, seconds=30, what="one notice for each outcome")


def _say(storm: Storm, stories: dict[str, Story]) -> None:
    ends = Counter((told.outcomes, bool(told.recovered)) for told in stories.values())
    print(f"{storm.kills} kills, {len(stories)} resets, {storm.answered} answered; outcome, recovered: {dict(ends)}")


def _written(made: Deployment, login: str) -> bool:
    """Whether the directory itself says that the password was changed."""
    entry = made.directory.entry(f"uid={login},{made.directory.people_base}")
    binds = made.directory.binds(f"uid={login},{made.directory.people_base}", NEW)
    assert (entry["pwdChangedTime"] != [LONG_AGO.encode()]) == binds
    return binds
