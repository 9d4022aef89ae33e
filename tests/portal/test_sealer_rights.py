"""The sealer's database user needs the rights that the manual names, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from audit.event import Event
from audit.keys import generate_key
from audit.log import AuditLog
from audit.sealer import Sealer
from portal.database import Database
from portal.parts import utc_now

MANUAL = Path(__file__).parents[2] / "docs" / "record.md"
ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def as_sealer(database: Database) -> Iterator[Engine]:
    grants = re.findall(r"GRANT [^;]+;", MANUAL.read_text())
    assert len(grants) == 4
    with database.engine.begin() as tx:
        tx.execute(text("DROP ROLE IF EXISTS sealer"))
        tx.execute(text("CREATE ROLE sealer"))
        for grant in grants:
            tx.execute(text(grant))
    engine = create_engine(database.engine.url, connect_args={"options": "-c role=sealer"})
    yield engine
    engine.dispose()
    with database.engine.begin() as tx:
        tx.execute(text("DROP OWNED BY sealer"))
        tx.execute(text("DROP ROLE sealer"))


@ONLY_POSTGRESQL
def test_with_the_rights_of_the_manual_it_signs_and_cannot_write_an_entry(
    database: Database, as_sealer: Engine, tmp_path: Path
) -> None:
    log = AuditLog(origin="portal.example/audit", key=b"k" * 32, clock=utc_now, version="0.1.0")
    sealer = Sealer("portal.example/audit", [generate_key(tmp_path / "key.pem")], tmp_path / "sealed.json", utc_now)
    for size in (300, 600):
        with database.write() as tx:
            for _ in range(300):
                log.record(tx, Event(kind="login"), "success")
        signed = sealer.seal(as_sealer)
        assert signed and signed.size == size
        assert sealer.full_check(as_sealer) == size
        sealer.still_sound(as_sealer)
    with pytest.raises(Exception, match="permission denied"), as_sealer.begin() as tx:
        tx.execute(text("DELETE FROM audit_entry"))
