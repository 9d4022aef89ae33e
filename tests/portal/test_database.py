"""One write at a time, many in one commit, and nothing acknowledged before it is on disk."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, insert, select

from portal.database import Database, after_commit
from portal.parts import utc_now
from portal.tables import used_link


def put(database: Database, digest: str) -> None:
    with database.write() as tx:
        tx.execute(insert(used_link).values(digest=digest, used=utc_now()))


def count(database: Database) -> int:
    with database.read() as db:
        return int(db.execute(select(func.count()).select_from(used_link)).scalar_one())


def test_what_a_block_wrote_is_there_once_it_has_ended(database: Database) -> None:
    put(database, "a")
    assert count(database) == 1


def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        tx.execute(insert(used_link).values(digest="a", used=utc_now()))
        raise RuntimeError
    assert count(database) == 0


def test_many_writers_at_once_all_get_in(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: put(database, str(n)), range(200)))
    assert count(database) == 200


def test_one_that_fails_among_many_takes_nothing_of_the_others_with_it(database: Database) -> None:
    def write(number: int) -> None:
        with database.write() as tx:
            tx.execute(insert(used_link).values(digest=str(number), used=utc_now()))
            if number % 3 == 0:
                raise ValueError(number)

    with ThreadPoolExecutor(12) as pool:
        results = [pool.submit(write, n) for n in range(90)]
    assert sum(r.exception() is not None for r in results) == 30
    assert count(database) == 60


def test_hooks_run_after_the_commit_and_never_after_a_rollback(database: Database) -> None:
    seen: list[int] = []
    with database.write() as tx:
        tx.execute(insert(used_link).values(digest="a", used=utc_now()))
        after_commit(tx, lambda: seen.append(count(database)))
        assert not seen
    with pytest.raises(RuntimeError), database.write() as tx:
        after_commit(tx, lambda: seen.append(-1))
        raise RuntimeError
    put(database, "b")
    assert seen == [1]


def test_a_second_process_waits_its_turn(database: Database) -> None:
    other = Database(str(database.engine.url.render_as_string(hide_password=False)))
    began, release = threading.Event(), threading.Event()

    def hold() -> None:
        with other.write() as tx:
            tx.execute(delete(used_link))
            began.set()
            release.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    assert began.wait(5)
    threading.Timer(0.2, release.set).start()
    put(database, "a")
    holder.join()
    assert count(database) == 1
    other.engine.dispose()
