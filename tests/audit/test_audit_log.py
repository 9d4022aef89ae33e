"""What is appended can be found again, in order, without gaps, and tells what happened to whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from audit_samples import ORIGIN
from sqlalchemy import Engine, exc, select, text

from audit import store
from audit.event import EntryRefused, Event
from audit.log import AuditLog, IntentNotOpen
from audit.reading import NoSuchEntry, Wanted
from audit.statements import NotInTransaction
from audit.tables import nodes
from audit.tree import TILE, fold, leaf_hash

ALICE, BOB, CAROL = "demo:1", "demo:2", "demo:3"
RESET = Event(kind="password_reset", actor=ALICE, target=ALICE, session="s3ss10n", source="192.0.2.7")


def test_an_attempt_is_an_intent_and_its_one_outcome(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        correlation = log.intent(tx, RESET)
    with engine.begin() as tx:
        index = log.outcome(tx, correlation, RESET, "failure", "ldap.53")

    with engine.begin() as tx:
        intent, outcome = log.entry(tx, 0), log.entry(tx, index)
    assert (intent.phase, intent.outcome, intent.event["status_id"]) == ("intent", None, 99)
    assert (outcome.phase, outcome.outcome, outcome.reason) == ("outcome", "failure", "ldap.53")
    assert intent.event["metadata"]["correlation_uid"] == outcome.event["metadata"]["correlation_uid"] == correlation
    assert intent.event["metadata"]["uid"] != outcome.event["metadata"]["uid"]


def test_a_second_outcome_or_one_without_intent_is_refused(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        correlation = log.intent(tx, RESET)
        log.outcome(tx, correlation, RESET, "success")
        for unknown in (correlation, "00000000-0000-4000-8000-000000000000"):
            with pytest.raises(IntentNotOpen):
                log.outcome(tx, unknown, RESET, "success")


def test_an_outcome_must_be_of_the_kind_that_was_meant(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        correlation = log.intent(tx, RESET)
        with pytest.raises(EntryRefused):
            log.outcome(tx, correlation, Event(kind="unlock", actor=ALICE, target=ALICE), "success")


def test_an_intent_left_open_is_found_and_closed_from_its_own_entry(engine: Engine, log: AuditLog, clock) -> None:  # type: ignore[no-untyped-def]
    with engine.begin() as tx:
        correlation = log.intent(tx, RESET)
    clock.move(minutes=5)

    with engine.begin() as tx:
        assert log.open_intents(tx, clock.now - timedelta(minutes=6)) == []
        (left,) = log.open_intents(tx, clock.now - timedelta(minutes=4))
        assert (left.correlation, left.kind, log.account_of(tx, left.actor)) == (correlation, "password_reset", ALICE)
        log.outcome(tx, left.correlation, None, "success", "read_back", recovered=True)
        assert log.open_intents(tx, clock.now) == []
        closing, intent = log.entry(tx, 1), log.entry(tx, 0)

    assert closing.event["unmapped"] == {"kind": "password_reset", "phase": "outcome", "recovered": True}
    assert closing.event["user"] == intent.event["user"]
    assert closing.time == intent.time + timedelta(minutes=5)


def test_a_transaction_that_is_rolled_back_leaves_no_gap(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        log.record(tx, RESET, "success")
    with pytest.raises(ZeroDivisionError), engine.begin() as tx:
        log.record(tx, Event(kind="login", actor=BOB), "success")
        raise ZeroDivisionError
    with engine.begin() as tx:
        assert log.record(tx, RESET, "success") == 1
        assert log.size(tx) == 2
        assert [entry.index for entry in log.history(tx, BOB, 9)] == []


def test_without_a_transaction_nothing_is_written(engine: Engine, log: AuditLog) -> None:
    with engine.connect() as connection, pytest.raises(NotInTransaction):
        log.record(connection, RESET, "success")


def test_history_is_about_the_person_newest_first_and_pages(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        log.record(tx, Event(kind="unlock", actor=CAROL, target=ALICE, reason="called, was checked"), "success")
        log.record(tx, Event(kind="login", actor=BOB, target=BOB), "failure", "wrong_password")
        correlation = log.intent(tx, RESET)
        log.outcome(tx, correlation, RESET, "success")

    with engine.begin() as tx:
        assert [entry.index for entry in log.history(tx, ALICE, 10)] == [3, 0]
        assert [entry.index for entry in log.history(tx, ALICE, 10, phases=())] == [3, 2, 0]
        (older,) = log.history(tx, ALICE, 10, before=3)
        assert older.disclosures == {"reason": "called, was checked"}
        assert log.account_of(tx, older.event["actor"]["user"]["uid"]) == CAROL
        assert log.history(tx, "demo:unheard", 10) == []


def test_the_search_knows_actors_kinds_outcomes_and_times(engine: Engine, log: AuditLog, clock) -> None:  # type: ignore[no-untyped-def]
    with engine.begin() as tx:
        log.record(tx, Event(kind="unlock", actor=CAROL, target=ALICE), "success")
        log.record(tx, Event(kind="login", actor=CAROL, target=CAROL), "failure")
        clock.move(hours=1)
        log.record(tx, Event(kind="audit_searched", actor=CAROL), "success")
        log.record(tx, Event(kind="login", actor=BOB, target=BOB), "success")
        carol = log.pseudonym(tx, CAROL)

        def found(**wanted: object) -> list[int]:
            return [entry.index for entry in log.search(tx, Wanted(limit=10, **wanted))]  # type: ignore[arg-type]

        assert found(actor=carol) == [2, 1, 0]
        assert found(actor=carol, kinds=["login"]) == [1]
        assert found(outcomes=["failure"]) == [1]
        assert found(since=clock.now) == [3, 2]
        assert found(until=clock.now, before=1) == [0]


def test_times_never_run_backwards_in_the_log(engine: Engine, log: AuditLog, clock) -> None:  # type: ignore[no-untyped-def]
    with engine.begin() as tx:
        log.record(tx, RESET, "success")
        clock.move(hours=-2)
        log.record(tx, RESET, "success")

        assert log.entry(tx, 1).time == log.entry(tx, 0).time
        assert log.entry(tx, 1).event["time"] == log.entry(tx, 0).event["time"] - 2 * 3600 * 1000


def test_a_full_tile_gets_its_node(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        for _ in range(TILE * 2 + 1):
            log.record(tx, RESET, "success")

        stored = tx.execute(select(nodes.c.level, nodes.c.n, nodes.c.hash)).all()
        leaves = [leaf_hash(body) for body in store.bodies(tx, 0, TILE * 2)]
    assert [tuple(row) for row in stored] == [(1, 0, fold(leaves[:TILE])), (1, 1, fold(leaves[TILE:]))]


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET body = leaf", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_what_was_written(engine: Engine, log: AuditLog, statement: str) -> None:
    with engine.begin() as tx:
        log.record(tx, RESET, "success")

    with pytest.raises(exc.DBAPIError, match="append-only"), engine.begin() as tx:
        tx.execute(text(statement))


def test_an_error_of_the_database_is_one_of_sqlalchemy(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        tx.execute(text("DROP TABLE audit_private"))
    with pytest.raises(exc.DBAPIError), engine.begin() as tx:
        log.record(tx, RESET, "success")


def test_the_index_is_not_in_the_body_and_the_origin_is(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx:
        body = log.entry(tx, log.record(tx, RESET, "success")).body

    assert f'"log_name":"{ORIGIN}"'.encode() in body
    assert b'"index"' not in body and b" " not in body


@pytest.mark.parametrize(
    "event",
    [
        Event(kind="no_such_kind"),
        Event(kind="password_reset", actor=ALICE),
        Event(kind="factor_enrol", actor=ALICE, target=ALICE),
        Event(kind="ticket_opened", actor=ALICE, ticket="please help me"),
        Event(kind="settings_changed", actor=ALICE, attribute="mail of Alice"),
        Event(kind="account_extend", actor=ALICE, target=ALICE, attribute="shadowExpire", new="next summer"),
        Event(kind="audit_viewed", actor=ALICE, number=2.5),  # type: ignore[arg-type]
        Event(kind="login", actor=ALICE, disclose={str(n): "x" for n in range(500)}),
    ],
    ids=lambda event: event.kind,
)
def test_what_is_not_a_code_a_date_or_small_is_refused(engine: Engine, log: AuditLog, event: Event) -> None:
    with engine.begin() as tx, pytest.raises(EntryRefused):
        log.record(tx, event, "success")


def test_a_reason_in_free_text_is_refused_as_a_code(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx, pytest.raises(EntryRefused):
        log.record(tx, RESET, "failure", "Alice forgot it again")


def test_an_entry_that_is_not_there_is_said_so(engine: Engine, log: AuditLog) -> None:
    with engine.begin() as tx, pytest.raises(NoSuchEntry):
        log.entry(tx, 0)


def test_a_log_needs_a_key_of_32_bytes_and_a_schema_it_knows(make_log: Callable[..., AuditLog]) -> None:
    for wrong in ({"key": b"short"}, {"schema": "1.0.0"}):
        with pytest.raises(ValueError, match=r"must be 32 bytes|is one of"):
            make_log(**wrong)
