"""Only signed sizes are served; what is exported or proved verifies with nothing but the key."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_samples import VKEY
from sqlalchemy import Engine

from audit.event import Event
from audit.export import NotSigned, export_tiles, proof
from audit.log import AuditLog
from audit.sealer import Sealer
from audit.serving import checkpoint, tile
from audit.tiles import Tile, tiles_of, unbundle
from audit.verify.proof_file import verify_proof
from audit.verify.sources import Folder
from audit.verify.whole import Demands, verify_log

Fill = Callable[[int], None]
DEMANDS = Demands(now=datetime(2026, 3, 1, 12, 1, tzinfo=UTC))


def test_nothing_is_served_before_it_is_signed(engine: Engine, fill: Fill, sealer: Sealer) -> None:
    fill(300)
    with engine.begin() as tx:
        assert checkpoint(tx) is None and tile(tx, "tile/0/000") is None
        with pytest.raises(NotSigned):
            proof(tx, 0)
    sealer.seal(engine)
    fill(300)

    with engine.begin() as tx:
        assert len(tile(tx, "tile/0/000") or b"") == 8192
        assert len(tile(tx, "tile/0/001.p/44") or b"") == 44 * 32
        assert len(tile(tx, "tile/1/000.p/1") or b"") == 32
        assert len(unbundle(tile(tx, "tile/entries/001.p/44") or b"", 44)) == 44
        for never in ("tile/0/001", "tile/0/001.p/45", "tile/0/001.p/43", "tile/1/000.p/2", "tile/0/002.p/1"):
            assert tile(tx, never) is None
        for odd in ("tile/1/000", "tile/63/000", "tile/entries/001", "tile/0/x999/x999/x999/x999/x999/x999/999", "x"):
            assert tile(tx, odd) is None
        with pytest.raises(NotSigned):
            proof(tx, 300)


def test_partial_tiles_of_every_signed_size_stay(engine: Engine, fill: Fill, sealer: Sealer) -> None:
    for _ in range(3):
        fill(100)
        sealer.seal(engine)

    with engine.begin() as tx:
        for size in (100, 200, 300):
            assert all(tile(tx, wanted.path) for wanted in tiles_of(size))


@pytest.mark.parametrize("size", [1, 256, 300, 513])
def test_an_export_holds_every_tile_and_verifies(
    engine: Engine, fill: Fill, sealer: Sealer, tmp_path: Path, size: int
) -> None:
    fill(size)
    sealer.seal(engine)
    with engine.begin() as tx:
        signed = export_tiles(tx, tmp_path / "out")

    written = {str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()}
    assert written == {"checkpoint", *(wanted.path for wanted in tiles_of(size))}
    assert Tile(-1, 0, min(size, 256)).path in written
    report = verify_log(Folder(tmp_path / "out"), VKEY, DEMANDS)
    assert (report.checkpoint, report.open_intents, report.others) == (signed, [], 0)
    assert report.self_consistent_only


def test_every_entry_can_be_proved_to_somebody_who_has_the_key_alone(
    engine: Engine, log: AuditLog, fill: Fill, sealer: Sealer
) -> None:
    fill(300)
    sealer.seal(engine)

    with engine.begin() as tx:
        for index in (0, 1, 255, 256, 299):
            text, entry = proof(tx, index)
            assert entry == log.entry(tx, index).body
            assert verify_proof(text.encode(), entry, VKEY)[0] == index
            assert json.loads(entry)["metadata"]["log_name"] == VKEY.name


def test_an_open_intent_is_listed_while_it_is_young(
    engine: Engine, log: AuditLog, sealer: Sealer, tmp_path: Path
) -> None:
    with engine.begin() as tx:
        log.intent(tx, Event(kind="unlock", actor="demo:1", target="demo:1"))
    sealer.seal(engine)
    with engine.begin() as tx:
        export_tiles(tx, tmp_path / "out")

    assert verify_log(Folder(tmp_path / "out"), VKEY, DEMANDS).open_intents == [0]
