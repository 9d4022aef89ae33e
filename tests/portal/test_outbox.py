"""Nothing promised is lost, and one that fails holds up nobody."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import Forbidden, Unavailable
from portal.database import Database
from portal.keys import Keys
from portal.outbox import PATIENCE, Outbox
from tests.portal.site import MovableClock


@pytest.fixture
def woken() -> list[bool]:
    return []


@pytest.fixture
def outbox(database: Database, clock: MovableClock, woken: list[bool]) -> Outbox:
    return Outbox(database, Keys("k" * 32), clock, lambda: woken.append(True))


def put(database: Database, outbox: Outbox, *names: str) -> None:
    with database.write() as tx:
        for name in names:
            outbox.put(tx, "say", {"name": name})


def test_what_was_put_is_carried_once_and_a_worker_is_woken(
    database: Database, outbox: Outbox, woken: list[bool]
) -> None:
    said: list[str] = []
    put(database, outbox, "a", "b")
    assert woken
    assert outbox.run({"say": lambda _, content: said.append(content["name"])}) == 2
    assert outbox.run({"say": lambda _, content: said.append(content["name"])}) == 0
    assert sorted(said) == ["a", "b"]


def test_nothing_is_put_if_its_change_fails(database: Database, outbox: Outbox, woken: list[bool]) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        outbox.put(tx, "say", {"name": "a"})
        raise RuntimeError
    assert outbox.waiting() == (0, 0)
    assert not woken


def test_a_row_that_cannot_go_now_goes_later_and_the_others_go_at_once(
    database: Database, outbox: Outbox, clock: MovableClock
) -> None:
    said: list[str] = []
    down = {"b"}

    def say(_: str, content: dict[str, Any]) -> None:
        if content["name"] in down:
            raise Unavailable("down")
        said.append(content["name"])

    put(database, outbox, "a", "b", "c")
    outbox.run({"say": say})
    assert sorted(said) == ["a", "c"]
    down.clear()
    clock.move(timedelta(minutes=1))
    outbox.run({"say": say})
    assert sorted(said) == ["a", "b", "c"]


def test_the_id_stays_the_same_over_retries(database: Database, outbox: Outbox, clock: MovableClock) -> None:
    ids: list[str] = []

    def fail(id_: str, _: dict[str, Any]) -> None:
        ids.append(id_)
        raise Unavailable("down")

    put(database, outbox, "a")
    for _ in range(3):
        outbox.run({"say": fail})
        clock.move(timedelta(minutes=20))
    assert len(ids) == 3
    assert len(set(ids)) == 1


@pytest.mark.parametrize("error", [Forbidden("never"), ValueError("our own mistake")])
def test_what_can_never_go_is_visibly_stuck(
    database: Database, outbox: Outbox, clock: MovableClock, error: Exception
) -> None:
    def fail(_id: str, _content: dict[str, Any]) -> None:
        raise error

    put(database, outbox, "a")
    outbox.run({"say": fail})
    clock.move(PATIENCE + timedelta(hours=1))
    outbox.run({"say": fail})
    assert outbox.waiting() == (0, 1)


def test_what_a_dead_worker_held_is_taken_over(database: Database, outbox: Outbox, clock: MovableClock) -> None:
    said: list[str] = []

    def die(_id: str, _content: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    put(database, outbox, "a")
    with pytest.raises(KeyboardInterrupt):
        outbox.run({"say": die})
    assert outbox.run({"say": lambda _, c: said.append(c["name"])}) == 0
    clock.move(timedelta(minutes=2))
    outbox.run({"say": lambda _, c: said.append(c["name"])})
    assert said == ["a"]
