"""A page of the log costs as much in a large record as in a small one: every list is read from its end."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from audit import search
from audit.database_check import check_rows
from audit.store import StoredHashes
from audit.tree import inclusion_proof, leaf_hash
from audit.verify.proofs import verify_inclusion
from bench.grown import WRITTEN, multiply, record
from bench.record import PROOF, questions, times
from portal.database import Database

CAMPAIGN = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
ENTRIES = int(os.environ.get("SPAREKEY_CAMPAIGN_ENTRIES", "1000000"))
COPIES = 150 if CAMPAIGN else 4  # with 128 there are two levels of hashes above the leaves
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
    database, log = record(database_url, 512)
    multiply(database, log, 20, 512)
    with database.write() as tx:
        wanted = questions(log, tx, 10_240)
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
def test_the_grown_record_is_one_that_verifies(database_url: str) -> None:
    database, log = record(database_url, 512)
    multiply(database, log, COPIES, 512)
    size = COPIES * 512
    root = check_rows(database.read, size, [size]).roots[size]
    with database.read() as db:
        for number in (0, 511, size // 2, size - 1):
            path = inclusion_proof(StoredHashes(db), number, size)
            verify_inclusion(leaf_hash(log.entry(db, number).body), number, size, path, root)
        assert log.entry(db, size - 1).disclosures["source"].startswith("192.0.2.")
    database.engine.dispose()


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="only as a campaign")
def test_no_page_is_much_slower_in_a_record_of_millions(database: Database, database_url: str) -> None:
    database, log = record(database_url)
    few = times(database, log, WRITTEN)
    multiply(database, log, ENTRIES // WRITTEN)
    many = times(database, log, ENTRIES // WRITTEN * WRITTEN, few)
    allowed = ALLOWED[database.engine.dialect.name]
    database.engine.dispose()
    slower = {what: round(many[what].cpu / took.cpu, 1) for what, took in few.items()}
    assert PROOF in slower
    assert {what: ratio for what, ratio in slower.items() if ratio > allowed} == {}
