"""Nothing personal is readable in any table, and what was disclosed can be erased without changing the log."""

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine, func, select, update

from audit.disclosures import digest, disclosure, read
from audit.event import Event
from audit.log import AuditLog
from audit.reading import ForeignDisclosure
from audit.store import StoredHashes
from audit.tables import metadata, private, pseudonyms
from audit.tree import root

ALICE, CAROL = "demo:alice-0001", "demo:carol-0003"
PERSONAL: dict[str, Any] = {
    "session": "s3ss10n-t0ken",
    "source": "192.0.2.77",
    "reason": "I lost my phøne",
    "object": "alice.shared@example.org",
    "old": "alice@old.example",
    "new": "alice@new.example",
}
DISCLOSED = {"login": "alice.asen", "address": "a***e@example.org"}


def fill(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        changed = Event(kind="mailbox_change", actor=CAROL, target=ALICE, disclose=DISCLOSED, **PERSONAL)
        log.record(tx, changed, "success")
        log.record(tx, Event(kind="login", actor=ALICE, target=ALICE, source="192.0.2.78"), "success")
        log.record(tx, Event(kind="proof", target=ALICE, source="192.0.2.79"), "failure")
        log.record(tx, Event(kind="audit_searched", actor=ALICE, source="192.0.2.80", reason="curious"), "success")


def everything_stored(engine: Engine) -> bytes:
    with engine.begin() as tx:
        rows = [row for table in metadata.sorted_tables for row in tx.execute(select(table))]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


def test_no_personal_value_stands_in_any_table_in_clear(engine: Engine, log: AuditLog) -> None:
    fill(engine, log)
    stored = everything_stored(engine)

    for value in (ALICE, CAROL, "192.0.2.7", *(PERSONAL | DISCLOSED).values()):
        for form in (value.encode(), json.dumps(value)[1:-1].encode(), base64.urlsafe_b64encode(value.encode())[:-4]):
            assert form not in stored


def test_the_same_session_source_or_person_can_be_recognised_but_only_with_the_key(
    engine: Engine, log: AuditLog, make_log
) -> None:  # type: ignore[no-untyped-def]
    event = Event(kind="login", actor=ALICE, session="s", source="192.0.2.7")
    with engine.begin() as tx:
        log.record(tx, event, "success")
        log.record(tx, event, "success")
        make_log(key=b"o" * 32).record(tx, event, "success")
        one, two = log.entry(tx, 0).event, log.entry(tx, 1).event
        with pytest.raises(InvalidTag):
            log.entry(tx, 2)

    assert one["actor"] == two["actor"] and one["src_endpoint"] == two["src_endpoint"]
    assert one["unmapped"]["_sd"] != two["unmapped"]["_sd"]


def test_the_digest_is_that_of_the_standard() -> None:
    standard = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"

    assert digest(standard) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert read(standard) == ("family_name", "Möbius")
    assert read(disclosure(b"s" * 16, "name", "李小龙\0")) == ("name", "李小龙\0")


def test_an_exchanged_disclosure_is_noticed(engine: Engine, log: AuditLog) -> None:
    fill(engine, log)
    other = log.keyring.encrypt(disclosure(b"s" * 16, "source", "10.0.0.1"), b"1.0")
    with engine.begin() as tx:
        tx.execute(update(private).where(private.c.idx == 1).values(disclosure=other))
        with pytest.raises(ForeignDisclosure):
            log.entry(tx, 1)


def test_erasing_a_person_takes_every_value_of_theirs_and_leaves_the_tree(engine: Engine, log: AuditLog) -> None:
    fill(engine, log)
    with engine.begin() as tx:
        alice = log.pseudonym(tx, ALICE)
        before = root(StoredHashes(tx), 4)
        number = log.erase(tx, ALICE, actor=CAROL)

    with engine.begin() as tx:
        assert number is not None and log.entry(tx, number).kind == "erasure"
        assert log.entry(tx, number).event["entity"]["user"]["uid"] == alice
        assert log.account_of(tx, alice) is None and log.history(tx, ALICE, 9) == []
        assert root(StoredHashes(tx), 4) == before
        left = {entry: log.entry(tx, entry).disclosures for entry in range(number + 1)}
    assert left == {0: {"source": "192.0.2.77"}, 1: {}, 2: {}, 3: {}, 4: {}}  # the first source is Carol's


def test_a_person_who_comes_back_is_somebody_new(engine: Engine, log: AuditLog) -> None:
    fill(engine, log)
    with engine.begin() as tx:
        alice = log.pseudonym(tx, ALICE)
        log.erase(tx, ALICE)
        assert log.erase(tx, ALICE) is None
        assert log.pseudonym(tx, ALICE) != alice
        assert tx.execute(select(func.count()).select_from(pseudonyms)).scalar_one() == 2


def test_erased_bytes_are_gone_from_the_file(engine: Engine, log: AuditLog) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's vacuum is the administrator's")
    fill(engine, log)
    with engine.begin() as tx:
        stored = [
            bytes(value) for value in tx.execute(select(private.c.disclosure).where(private.c.idx == 1)).scalars()
        ]
        log.erase(tx, ALICE)
    engine.dispose()
    file = Path(engine.url.database or "")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert stored and all(value not in file.read_bytes() for value in stored)
