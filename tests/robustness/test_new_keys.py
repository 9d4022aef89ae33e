"""Rotation of the key, and a new origin after a restore, with the commands an operator has."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit import serving
from audit.checkpoints import open_checkpoint
from audit.event import Event
from audit.notes import BadNote, VerifierKey
from audit.sealer import SealRefused
from audit.store import bodies
from portal.record.sealing import sealer_of
from portal.settings.file import load_sealer
from tests.robustness.record import verify_inside
from tests.servers.deployment import Deployment
from tests.servers.slapd import Slapd


@pytest.fixture
def made(slapd_server: Slapd, own_deployment: Callable[..., Deployment]) -> Deployment:
    return own_deployment(slapd_server)


def grow(made: Deployment, count: int) -> None:
    parts = made.parts()
    with parts.database.write() as tx:
        for number in range(count):
            parts.log.record(tx, Event(kind="login", actor=f"staff:{number}"), "success")


def seal(made: Deployment, at: datetime | None = None) -> bytes:
    """What `portal sealer` does, as it would with the settings there are now, and what is published then."""
    engine = made.parts().database.engine
    moment = at or datetime.now(UTC)
    sealer_of(load_sealer(made.settings_path), lambda: moment).seal(engine)
    with engine.connect() as db:
        return serving.checkpoint(db) or b""


def change(made: Deployment, old: str, new: str) -> None:
    text = made.settings_path.read_text()
    assert old in text
    made.settings_path.write_text(text.replace(old, new))


def test_after_a_rotation_both_keys_sign_and_an_entry_under_the_old_one_names_the_new(made: Deployment) -> None:
    grow(made, 5)
    old_key = VerifierKey.parse(made.portal("audit", "key").stdout)
    old_file, new_file = made.folder / "secrets" / "signing.pem", made.folder / "secrets" / "new.pem"
    open_checkpoint(seal(made), old_key)

    said = made.portal("audit", "rotate-key", str(new_file))
    assert said.returncode == 0, said.stderr
    with made.parts().database.read() as db:
        named = json.loads(bodies(db, 5, 1)[0])["entity"]["data"]["verifier_key"]
    new_key = VerifierKey.parse(named)
    assert named in said.stdout
    until = said.stdout.partition("old_until = ")[2].split()[0]
    change(made, f'signing_key = "{old_file}"', f'signing_key = "{new_file}"')
    with made.settings_path.open("a") as file:
        file.write(f'\n[sealer]\nold_signing_key = "{old_file}"\nold_until = {until}\n')

    note = seal(made)
    assert open_checkpoint(note, old_key)[0] == open_checkpoint(note, new_key)[0]
    grow(made, 1)
    note = seal(made, datetime.fromisoformat(f"{until}T12:00:00+00:00").replace(year=datetime.now(UTC).year + 1))
    open_checkpoint(note, new_key)
    with pytest.raises(BadNote, match="not signed"):
        open_checkpoint(note, old_key)
    assert "OK" in verify_inside(made)
    assert made.portal(
        "audit", "rotate-key", "--announce", str(VerifierKey(f"{new_key.name}x", 1, b"k" * 32))
    ).returncode


def test_after_a_restore_only_a_new_origin_that_quotes_the_old_one_is_signed(made: Deployment, tmp_path: Path) -> None:
    grow(made, 300)
    seal(made)
    copy = tmp_path / "copy.db"
    engine = made.parts().database.engine
    with closing(sqlite3.connect(made.folder / "state" / "portal.db")) as db:
        db.execute(f"VACUUM INTO '{copy}'")
    grow(made, 10)
    lost = seal(made)
    engine.dispose()
    for tail in ("", "-wal", "-shm"):
        (made.folder / "state" / f"portal.db{tail}").unlink(missing_ok=True)
    copy.rename(made.folder / "state" / "portal.db")
    made._parts = None
    with pytest.raises(SealRefused, match="310 entries were signed, but only 300"):
        seal(made)

    command = ("audit", "new-origin", "--reason", "the disk died", "--export", str(tmp_path / "old"))
    refused = made.portal(*command)
    assert refused.returncode and "First set audit.origin" in refused.stderr
    change(made, 'origin = "test.invalid/audit"', 'origin = "test.invalid/audit-2"')
    with pytest.raises(SealRefused, match="does not quote"):
        seal(made)
    begun = made.portal(*command)
    assert begun.returncode == 0, begun.stderr
    assert (tmp_path / "old" / "tile" / "0" / "000").exists()
    made._parts = None
    with made.parts().database.read() as db:
        first = json.loads(bodies(db, 0, 1)[0])
    assert first["entity"]["data"]["checkpoint"].encode() == lost.partition(b"\n\n")[0] + b"\n"
    grow(made, 3)
    assert seal(made).startswith(b"test.invalid/audit-2\n4\n")
    assert "4 entries" in verify_inside(made)
