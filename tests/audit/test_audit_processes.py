"""Several processes find in a log what one finds, and that is what a reader from the first entry to the last would."""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from audit_samples import NOW, VKEY, Memory, entries, entry, files, unguarded
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from test_audit_tampering import TAMPERING

from audit.database_check import verify_by_many, verify_database
from audit.sealer import Sealer
from audit.verify import spans as verify_spans
from audit.verify.attempts import Attempts, Stretch
from audit.verify.command import main
from audit.verify.proofs import VerifyFailed
from audit.verify.spans import MANY, Seen, Span, look_at, spans
from audit.verify.whole import Demands, verify_log

CAMPAIGN = os.environ.get("SPAREKEY_CAMPAIGN") == "1"
KINDS = [*TAMPERING] if CAMPAIGN else ["one bit in an entry"]


@pytest.fixture(autouse=True)
def _short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_spans, "_BUNDLES", 1)  # so that a small log has several


def found(look: Callable[[], object]) -> str:
    try:
        return str(look())
    except VerifyFailed as failure:
        return f"FAIL: {failure}"


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_find_the_same_in_files_as_one(kind: str) -> None:
    log = files(entries())
    TAMPERING[kind](log)
    one, two = (found(partial(verify_log, Memory(log), VKEY, Demands(now=NOW), count)) for count in (1, 2))
    assert one == two
    assert one.startswith("FAIL")


ATTACKS = {  # in this order, each finds an earlier entry than the one before
    "nothing": "UPDATE audit_head SET size = size",
    "a node edited": "UPDATE audit_node SET hash = :bytes WHERE n = 2",
    "an entry hidden": "UPDATE audit_index SET subject = 'p_x' WHERE idx = 880",
    "an entry edited": "UPDATE audit_entry SET body = :bytes WHERE idx = 700",
    "a leaf edited": "UPDATE audit_entry SET leaf = :bytes WHERE idx = 500",
    "an entry taken out of the index": "DELETE FROM audit_index WHERE idx = 200",
    "an entry taken out": "DELETE FROM audit_entry WHERE idx = 5",
}


@pytest.mark.campaign
def test_two_processes_find_the_same_in_the_tables_as_one(
    engine: Engine, fill: Callable[[int], None], sealer: Sealer
) -> None:
    fill(900)
    sealer.seal(engine)
    fill(3)
    opens = partial(create_engine, engine.url.render_as_string(hide_password=False))
    found_before = set[str]()
    for what in ATTACKS if CAMPAIGN else ("an entry hidden",):
        with engine.begin() as tx:
            unguarded(tx, ATTACKS[what], bytes=b"x" * 32)
            one = found(lambda tx=tx: verify_database(tx, str(VKEY), now=NOW))
        two = found(lambda: verify_by_many(opens, str(VKEY), now=NOW, processes=2))
        assert one == two, what
        assert one.startswith("FAIL") == (what != "nothing")
        assert one not in found_before
        found_before.add(one)


def _read_in_order(content: list[bytes]) -> str:
    """What the promise comes to for somebody who reads an entry at a time."""
    opened: dict[bytes, int] = {}
    for number, one in enumerate(content):
        attempt, activity = one[43:79], one[:17]
        phase = one[one.rfind(b'"phase":"') + 9 :][:2]
        if phase == b"in":
            if attempt in opened:
                return f"FAIL: entry {number} repeats the intent of entry {opened[attempt]}"
            opened[attempt] = number
        elif phase == b"ou":
            if attempt not in opened:
                return f"FAIL: entry {number} is an outcome without an open intent"
            before = opened.pop(attempt)
            if content[before][:17] != activity:
                return f"FAIL: entry {number} ends another kind of attempt than entry {before} began"
    return str(list(opened.values()))


SAID = st.tuples(
    st.sampled_from(["intent", "outcome", "outcome", "record"]), st.integers(0, 3), st.sampled_from([4, 4, 4, 7])
)


@settings(max_examples=2_000 if CAMPAIGN else 150, deadline=None)
@given(st.lists(SAID, max_size=14), st.sets(st.integers(1, 13)))
def test_stretches_put_together_say_what_reading_in_order_says(
    said: list[tuple[str, int, int]], cuts: set[int]
) -> None:
    content = [entry(number, phase, attempt, activity) for number, (phase, attempt, activity) in enumerate(said)]
    edges = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]

    def put_together() -> list[int]:
        attempts = Attempts()
        for low, high in pairwise(edges):
            stretch = Stretch()
            for number in range(low, high):  # a bundle after the other
                stretch.read(number, content[number : number + 1])
            attempts.add(stretch)
        return attempts.still_open(NOW, timedelta(minutes=10))

    assert found(put_together) == _read_in_order(content)


def test_a_process_is_started_for_a_core_only_where_there_is_much_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(verify_spans, "_several", lambda look, wanted, processes: asked.append(processes) or iter(()))
    monkeypatch.setattr("os.cpu_count", lambda: 3)

    list(look_at(lambda span: Seen(), spans(0, 999), None))
    list(look_at(lambda span: Seen(), spans(0, MANY), None))
    assert asked == [3]


def dies(_: Span) -> Seen:
    os._exit(9)


def test_a_process_that_dies_is_not_taken_for_one_that_found_nothing() -> None:
    with pytest.raises(VerifyFailed, match="has died"):
        list(look_at(dies, spans(0, 999), 2))


def test_the_command_takes_a_number_of_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["verify", str(tmp_path), "--key", str(VKEY), "--processes", "0"], NOW)
    assert "--processes" in capsys.readouterr().err
