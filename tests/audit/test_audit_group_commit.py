"""Writers that share a commit are as durable and as separate as if each had its own."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, event, exc, text

from audit.event import Event
from audit.group_commit import GroupCommit
from audit.log import AuditLog

LOGIN = Event(kind="login", actor="demo:1", target="demo:1")


def together(works: list[Callable[[], object]]) -> list[object]:
    """Run pieces of work at the same time; what each returned or raised, in order."""
    ended: list[object] = [None] * len(works)

    def run(number: int) -> None:
        try:
            ended[number] = works[number]()
        except Exception as error:
            ended[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


def test_writers_at_once_share_commits_and_leave_no_gap(engine: Engine, log: AuditLog) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    group = GroupCommit(engine)

    indices = together([lambda: [group.run(lambda tx: log.record(tx, LOGIN, "success")) for _ in range(20)]] * 8)

    assert sorted(index for found in indices for index in found) == list(range(160))  # type: ignore[attr-defined]
    assert len(commits) < 160
    with engine.begin() as tx:
        assert log.size(tx) == 160


def test_one_that_fails_takes_nobody_along(engine: Engine, log: AuditLog) -> None:
    group = GroupCommit(engine)
    entered, go = threading.Event(), threading.Event()

    def slow(tx: Connection) -> int:
        entered.set()
        go.wait(30)
        return log.record(tx, LOGIN, "success")

    def failing(tx: Connection) -> int:
        log.record(tx, LOGIN, "failure")
        raise ZeroDivisionError

    first = threading.Thread(target=group.run, args=(slow,))
    first.start()
    entered.wait(30)
    threading.Timer(0.2, go.set).start()
    ended = together([lambda: group.run(failing), lambda: group.run(lambda tx: log.record(tx, LOGIN, "success"))] * 3)
    first.join(30)

    assert [type(result) for result in ended] == [ZeroDivisionError, int] * 3
    with engine.begin() as tx:
        assert [entry.outcome for entry in log.history(tx, "demo:1", 9)] == ["success"] * 4


def test_a_commit_that_fails_fails_its_writer(engine: Engine, log: AuditLog) -> None:
    group = GroupCommit(engine)
    with engine.begin() as tx:
        tx.execute(text("DROP TABLE audit_index"))

    with pytest.raises(exc.DBAPIError):
        group.run(lambda tx: log.record(tx, LOGIN, "success"))
    assert group.run(lambda tx: log.size(tx)) == 0
