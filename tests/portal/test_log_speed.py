"""A page of the log costs as much in a large record as in a small one: every list is read from its end."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from audit import search
from bench.record import WRITTEN, multiply, questions, record, times
from portal.database import Database

CAMPAIGN = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
ENTRIES = int(os.environ.get("SPAREKEY_CAMPAIGN_ENTRIES", "1000000"))
ALLOWED = {"sqlite": 10, "postgresql": 3}


@contextmanager
def asked_of(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_every_search_reads_its_lists_by_their_index_from_the_end(database_url: str) -> None:
    database, log = record(database_url, 500)
    multiply(database, 20, 500)
    with database.write() as tx:
        wanted = questions(log, tx, 10_000)
    with database.read() as db, asked_of(database.engine) as asked:
        for query, before in wanted.values():
            search.find(db, log.keyring, query, 50, before)
    assert len(asked) > len(wanted)
    with database.read() as db:
        explain = "EXPLAIN QUERY PLAN " if db.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in asked:
            plan = "\n".join(str(row) for row in db.exec_driver_sql(explain + statement, parameters))
            assert not re.search(r"SCAN audit_\w+'|Seq Scan on audit_(term|word|index|entry)", plan), (statement, plan)
    database.engine.dispose()


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="only as a campaign")
def test_no_page_is_much_slower_in_a_record_of_millions(database: Database, database_url: str) -> None:
    database, log = record(database_url)
    few = times(database, log, WRITTEN)
    multiply(database, ENTRIES // WRITTEN)
    many = times(database, log, ENTRIES)
    allowed = ALLOWED[database.engine.dialect.name]
    database.engine.dispose()
    assert {what: many[what] / took for what, took in few.items() if many[what] > allowed * took} == {}
