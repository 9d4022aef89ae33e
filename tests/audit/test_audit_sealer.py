"""The sealer signs what continues the log it signed before, and refuses everything else."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_samples import LOG_KEY, ORIGIN, VKEY, unguarded
from sqlalchemy import Engine

from audit import keys
from audit.checkpoints import open_checkpoint
from audit.database_check import verify_database
from audit.log import AuditLog
from audit.sealer import Sealer, SealRefused
from audit.serving import checkpoint
from audit.store import StoredHashes
from audit.tree import leaf_hash, root
from audit.verify.proofs import VerifyFailed

Fill = Callable[[int], None]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_what_is_signed_is_the_root_of_what_is_stored(engine: Engine, fill: Fill, sealer: Sealer, size: int) -> None:
    fill(size)
    signed = sealer.seal(engine)

    with engine.begin() as tx:
        published, _ = open_checkpoint(checkpoint(tx) or b"", VKEY)
        assert published == signed
        assert (published.size, published.root) == (size, root(StoredHashes(tx), size))


def test_it_signs_again_only_after_growth_or_a_day(engine: Engine, fill: Fill, sealer: Sealer, clock) -> None:  # type: ignore[no-untyped-def]
    assert sealer.seal(engine) is None
    fill(300)
    first = sealer.seal(engine)
    assert first and sealer.seal(engine) is None
    clock.move(hours=25)
    assert sealer.seal(engine) == first
    fill(300)
    second = sealer.seal(engine)
    assert second and second.size == 600


def test_a_crash_between_state_file_and_publishing_is_made_good(engine: Engine, fill: Fill, sealer: Sealer) -> None:
    fill(300)
    sealer.seal(engine)
    with engine.begin() as tx:
        unguarded(tx, "DELETE FROM audit_checkpoint")

    sealer.seal(engine)

    with engine.begin() as tx:
        assert open_checkpoint(checkpoint(tx) or b"", VKEY)[0].size == 300


ATTACKS = {
    "an old leaf": ["UPDATE audit_entry SET leaf = :leaf WHERE idx = 299"],
    "an old entry with its leaf": ["UPDATE audit_entry SET leaf = :leaf, body = :body WHERE idx = 299"],
    "an old node": ["UPDATE audit_node SET hash = :leaf WHERE n = 0"],
    "a new entry without its leaf": ["UPDATE audit_entry SET body = :body WHERE idx = 590"],
    "a new leaf without its entry": ["UPDATE audit_entry SET leaf = :leaf WHERE idx = 590"],
    "a new node": ["UPDATE audit_node SET hash = :leaf WHERE n = 1"],
    "a new node removed": ["DELETE FROM audit_node WHERE n = 1"],
    "a gap": ["DELETE FROM audit_entry WHERE idx = 400"],
    "an entry lost at the end": ["DELETE FROM audit_entry WHERE idx >= 299"],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_log_changed_behind_its_back_is_not_signed(engine: Engine, fill: Fill, sealer: Sealer, attack: str) -> None:
    fill(300)
    sealer.seal(engine)
    fill(300)
    with engine.begin() as tx:
        unguarded(tx, *ATTACKS[attack], body=b"{}", leaf=leaf_hash(b"{}"))

    with pytest.raises(SealRefused):
        sealer.seal(engine)
    with engine.begin() as tx:
        assert open_checkpoint(checkpoint(tx) or b"", VKEY)[0].size == 300


@pytest.mark.parametrize("also", ["", ", leaf = :leaf"])
def test_an_old_entry_edited_deep_down_is_found_by_the_full_check(
    engine: Engine, fill: Fill, sealer: Sealer, also: str
) -> None:
    fill(300)
    sealer.seal(engine)
    assert sealer.full_check(engine) == 300
    with engine.begin() as tx:
        unguarded(tx, f"UPDATE audit_entry SET body = :body{also} WHERE idx = 7", body=b"{}", leaf=leaf_hash(b"{}"))
    fill(3)

    assert sealer.seal(engine) is not None  # the quick look does not go there: why the full one exists
    with pytest.raises(SealRefused, match=r"entry 7|node"):
        sealer.full_check(engine)


def test_entries_that_were_never_signed_can_be_rewritten_whole(engine: Engine, fill: Fill, sealer: Sealer) -> None:
    fill(100)
    with engine.begin() as tx:
        unguarded(
            tx, "UPDATE audit_entry SET body = :body, leaf = :leaf WHERE idx = 50", body=b"{}", leaf=leaf_hash(b"{}")
        )

    assert sealer.seal(engine) is not None  # a second at most passes before they are signed


def test_a_lost_or_broken_state_file_stops_it(engine: Engine, fill: Fill, sealer: Sealer, tmp_path: Path) -> None:
    fill(10)
    sealer.seal(engine)
    state = tmp_path / "sealed.json"
    for damage in (lambda: state.write_text('{"size": 10'), state.unlink):
        damage()
        with pytest.raises(SealRefused):
            sealer.seal(engine)


def test_a_log_restored_from_an_old_copy_is_not_signed(engine: Engine, fill: Fill, sealer: Sealer) -> None:
    fill(20)
    sealer.seal(engine)
    with engine.begin() as tx:
        for table in ("audit_entry", "audit_index", "audit_private"):
            unguarded(tx, f"DELETE FROM {table} WHERE idx >= 10")
        unguarded(tx, "DELETE FROM audit_checkpoint", "UPDATE audit_head SET size = 10")
    fill(30)

    with pytest.raises(SealRefused):
        sealer.seal(engine)


def test_two_sealers_do_not_get_in_each_others_way(engine: Engine, fill: Fill, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    fill(30)
    sealers = [Sealer(ORIGIN, [LOG_KEY], tmp_path / "sealed.json", clock) for _ in range(4)]
    signed: list[object] = []
    threads = [threading.Thread(target=lambda s=s: signed.append(s.seal(engine))) for s in sealers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(signed) == 4 and len([found for found in signed if found]) == 1


def test_a_key_file_is_made_once_and_refused_when_others_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    made = keys.generate_key(file)

    assert file.stat().st_mode & 0o777 == 0o600
    assert keys.verifier_key(keys.load_key(file), ORIGIN) == keys.verifier_key(made, ORIGIN)
    with pytest.raises(FileExistsError):
        keys.generate_key(file)
    file.chmod(0o640)
    with pytest.raises(keys.KeyFileRefused):
        keys.load_key(file)
    file.write_text("no key")
    file.chmod(0o600)
    with pytest.raises(keys.KeyFileRefused):
        keys.load_key(file)


def test_the_tables_can_be_verified_against_the_newest_and_older_checkpoints(
    engine: Engine, fill: Fill, sealer: Sealer
) -> None:
    fill(300)
    sealer.seal(engine)
    with engine.begin() as tx:
        old = checkpoint(tx) or b""
    fill(300)
    sealer.seal(engine)
    fill(2)

    with engine.begin() as tx:
        report = verify_database(tx, str(VKEY), [old], now=NOW)
    assert (report.checkpoint.size, report.earlier, report.unsigned, report.open_intents) == (600, 1, 2, [])
    assert not report.self_consistent_only


HIDING = {
    "a body": "UPDATE audit_entry SET body = :body WHERE idx = 7",
    "an entry hidden from search": "DELETE FROM audit_index WHERE idx = 7",
    "an entry shown as another person's": "UPDATE audit_index SET subject = 'p_00' WHERE idx = 7",
    "a node": "UPDATE audit_node SET hash = :body WHERE n = 0",
    "the signed end": "DELETE FROM audit_entry WHERE idx >= 290",
    "the checkpoint": "UPDATE audit_checkpoint SET note = replace(note, '300', '299')",
}


@pytest.mark.parametrize("change", HIDING)
def test_the_tables_fail_when_anything_in_them_was_changed(
    engine: Engine, fill: Fill, sealer: Sealer, change: str
) -> None:
    fill(300)
    sealer.seal(engine)
    with engine.begin() as tx:
        unguarded(tx, HIDING[change], body=b"{}")

    with engine.begin() as tx, pytest.raises(VerifyFailed):
        verify_database(tx, str(VKEY), now=NOW)


def test_a_log_never_signed_cannot_be_verified(engine: Engine, log: AuditLog, fill: Fill) -> None:
    fill(3)
    with engine.begin() as tx, pytest.raises(VerifyFailed):
        verify_database(tx, str(VKEY), now=NOW)
