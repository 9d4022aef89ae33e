"""What was erased or has had its time is gone to the last byte, and the record still verifies."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text

from audit import people, pseudonyms, search
from audit.database_check import verify_database
from audit.event import Event
from audit.export import export_tiles
from audit.indexing import catch_up
from audit.log import AuditLog
from audit.notes import VerifierKey
from audit.prune import Ages, Prune
from audit.reading import NoSuchEntry
from audit.sealer import Sealer, SealRefused
from audit.search import Query
from audit.serving import tile
from audit.tables import entries, index, private, pruned, terms, words
from audit.tables import people as people_table
from audit.tables import pseudonyms as pseudonym_table
from audit.triggers import lifted
from audit.verify.proofs import VerifyFailed
from audit.verify.sources import Folder
from audit.verify.whole import Demands, verify_log
from portal.database import Database
from portal.forgetting import StillHeld, sweep_away
from portal.settings.record import Retention
from tests.portal.site import MovableClock
from tests.servers.postgres import Postgres

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "test.invalid/audit"
VKEY = str(VerifierKey.of(KEY, ORIGIN))
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
YEAR = timedelta(days=365)


@pytest.fixture
def log(clock: MovableClock) -> AuditLog:
    return AuditLog(origin=ORIGIN, key=b"k" * 32, clock=clock, version="1")


@pytest.fixture
def sealer(clock: MovableClock, tmp_path: Path) -> Sealer:
    return Sealer(ORIGIN, [KEY], tmp_path / "sealed.json", clock)


@pytest.fixture
def prune(database: Database, log: AuditLog, clock: MovableClock) -> Callable[..., Prune]:
    def make(days: int = 365, **kinds: int) -> Prune:
        return Prune(log, database.read, database.write, Ages(days, kinds), clock())

    return make


def fill(database: Database, log: AuditLog, count: int) -> None:
    """Attempts by the dozen, about ten people, findable."""
    with database.write() as tx:
        for number in range(count // 4):
            who = f"demo:{number % 10}"
            event = Event(kind="password_reset", actor=who, target=who, source="192.0.2.7", reason=f"lost {number}")
            log.outcome(tx, log.intent(tx, event), event, "success")
            log.record(tx, Event(kind="login", actor=who, target=who, source="192.0.2.8"), "success")
            log.record(tx, Event(kind="proof", actor=who, target=who, source="192.0.2.9"), "failure")
        while catch_up(tx, log.keyring):
            pass


def done(work: Prune, sealer: Sealer, database: Database) -> None:
    work.tell()
    sealer.seal(database.engine)
    assert work.unsigned() is None
    list(work.run())


def sound(database: Database, sealer: Sealer, clock: MovableClock) -> None:
    """By the sealer, and by the verifier."""
    sealer.full_check(database.engine)
    with database.engine.connect() as db:
        verify_database(db, VKEY, now=clock())


def count(database: Database, table: object) -> int:
    with database.read() as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_old_bundles_go_and_everything_else_still_verifies(
    database: Database,
    log: AuditLog,
    sealer: Sealer,
    prune: Callable[..., Prune],
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    fill(database, log, 600)
    sealer.seal(database.engine)
    with database.read() as db:
        early = pseudonyms.find(db, log.keyring, "demo:1")
        assert len(list(search.each(db, log.keyring, Query(about=[str(early)])))) == 45
    clock.move(YEAR + timedelta(days=1))
    fill(database, log, 300)
    done(prune(), sealer, database)

    sound(database, sealer, clock)
    with database.read() as db:
        assert tuple(db.execute(select(pruned)).one())[:3] == ("", 512, 512)
        assert tile(db, "tile/entries/001") is None and tile(db, "tile/0/001") is not None
        with pytest.raises(NoSuchEntry):
            log.entry(db, 511)
        assert log.entry(db, 512)
        left = [entry.index for entry in search.each(db, log.keyring, Query())]
        assert min(left) >= 512 and log.entry(db, 900).kind == "prune"
        for table in (index, private, terms, words):
            assert db.execute(select(func.min(table.c.idx))).scalar_one() >= 512
        export_tiles(db, tmp_path / "export")
    key = VerifierKey.parse(VKEY)
    exported = Folder(tmp_path / "export")
    assert verify_log(exported, key, Demands(now=clock(), minimum=512)).checkpoint.size == 901
    with pytest.raises(VerifyFailed, match="tile/entries/000"):
        verify_log(exported, key, Demands(now=clock()))
    again = prune()
    assert again.plan() == []
    again.tell()
    assert list(again.run()) == [] and count(database, entries) == 901


def test_a_run_that_dies_leaves_a_sound_log_and_the_next_one_goes_on(
    database: Database,
    log: AuditLog,
    sealer: Sealer,
    prune: Callable[..., Prune],
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("audit.prune.CHUNK", 256)
    fill(database, log, 800)
    clock.move(YEAR + timedelta(days=1))
    fill(database, log, 4)
    first = prune()
    first.tell()
    sealer.seal(database.engine)
    assert [next(first.run()).done] == [256]  # and no further
    sound(database, sealer, clock)
    second = prune()
    second.tell()
    assert [one.done for one in second.run()] == [512, 768]
    sound(database, sealer, clock)


@ON_SQLITE
def test_nothing_goes_before_the_log_itself_has_told_of_it_under_a_signature(
    database: Database, log: AuditLog, sealer: Sealer, prune: Callable[..., Prune], clock: MovableClock
) -> None:
    fill(database, log, 300)
    clock.move(YEAR + timedelta(days=1))
    work = prune()
    work.tell()
    assert work.unsigned() == 300
    sealer.seal(database.engine)
    assert work.unsigned() is None


@ON_SQLITE
def test_who_takes_an_entry_out_in_silence_is_found_out(
    database: Database, log: AuditLog, sealer: Sealer, clock: MovableClock
) -> None:
    fill(database, log, 400)
    sealer.seal(database.engine)
    with database.write() as tx, lifted(tx, entries):
        tx.execute(entries.update().where(entries.c.idx == 7).values(body=b""))
    for claim in (False, True):
        if claim:  # also if the table says that it was told
            with database.write() as tx:
                tx.execute(pruned.insert().values(kind="", told=256, done=256, entry=0))
        with pytest.raises(SealRefused, match=r"no entry tells"):
            sealer.full_check(database.engine)
        with database.engine.connect() as db, pytest.raises(VerifyFailed, match=r"no entry tells|not an event"):
            verify_database(db, VKEY, now=clock())


@ON_SQLITE
def test_no_bundle_goes_that_parts_an_attempt_or_holds_something_younger(
    database: Database, log: AuditLog, sealer: Sealer, prune: Callable[..., Prune], clock: MovableClock
) -> None:
    event = Event(kind="unlock", actor="demo:1", target="demo:1")
    fill(database, log, 252)
    with database.write() as tx:
        log.record(tx, Event(kind="login", actor="demo:1"), "success")
        for _ in range(2):
            log.record(tx, Event(kind="login", actor="demo:1"), "success")
        attempt = log.intent(tx, event)  # entry 255
        log.outcome(tx, attempt, event, "success")
    assert prune().plan() == []
    clock.move(YEAR + timedelta(days=1))
    assert prune().plan() == []  # entry 256 is in a bundle that is not full
    fill(database, log, 400)
    assert prune().plan() == []
    clock.move(YEAR + timedelta(days=1))
    assert [one.told for one in prune().plan()] == [512]
    assert prune(login=0).plan() == []  # a kind that is kept for ever


@ON_SQLITE
def test_values_of_one_kind_go_earlier_than_the_entries(
    database: Database, log: AuditLog, sealer: Sealer, prune: Callable[..., Prune], clock: MovableClock
) -> None:
    fill(database, log, 40)
    clock.move(timedelta(days=91))
    fill(database, log, 40)
    done(prune(0, login=90), sealer, database)
    sound(database, sealer, clock)
    with database.read() as db:
        assert log.entry(db, 2).disclosures == {} and log.entry(db, 3).disclosures == {"source": "192.0.2.9"}
        assert log.entry(db, 42).disclosures == {"source": "192.0.2.8"}
        told = log.entry(db, 80).event["entity"]
    assert (told["uid"], told["data"]) == ("below 40", {"attribute": "login"})


def stored(database: Database, log: AuditLog, account: str) -> list[bytes]:
    """The bytes of every personal value of somebody, as they lie in the tables."""
    with database.read() as db:
        who = pseudonyms.find(db, log.keyring, account)
        mine = select(index.c.idx).where(index.c.subject == who)
        found = [
            select(private.c.disclosure).where(private.c.idx.in_(mine)),
            select(people_table.c.content).where(people_table.c.pseudonym == who),
            select(pseudonym_table.c.account).where(pseudonym_table.c.pseudonym == who),
        ]
        return [bytes(value) for query in found for value in db.execute(query).scalars()]


def files_of(database: Database, request: pytest.FixtureRequest) -> bytes:
    """All bytes the database keeps on disk."""
    url = database.engine.url
    if database.engine.dialect.name == "sqlite":
        file = Path(str(url.database))
        return b"".join(part.read_bytes() for part in file.parent.glob(file.name + "*"))
    server: Postgres = request.getfixturevalue("postgres_server")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("CHECKPOINT"))
        number = db.execute(text("select oid from pg_database where datname = current_database()")).scalar_one()
    folder = Path(server.folder) / "data" / "base" / str(number)
    return b"".join(part.read_bytes() for part in folder.iterdir() if part.name[0].isdigit())


def test_whoever_was_erased_is_gone_from_the_files_too_and_every_proof_stays(
    database: Database, log: AuditLog, sealer: Sealer, clock: MovableClock, request: pytest.FixtureRequest
) -> None:
    for number in range(6):  # in several transactions, so that pages are split
        fill(database, log, 200)
        with database.write() as tx:
            who = log.pseudonym(tx, f"demo:{number % 10}")
            people.remember(tx, log.keyring, who, login=f"l{number}", name=secrets.token_hex(90), seen=clock())
    sealer.seal(database.engine)
    values, others = stored(database, log, "demo:1"), stored(database, log, "demo:2")
    before = files_of(database, request)
    assert len(values) > 100 and all(value in before for value in values)
    with database.read() as db:
        word = log.keyring.term("word", "101")  # "lost 101", which only demo:1 has written
        assert db.execute(select(words.c.idx).where(words.c.term == word)).scalars().all() != [None]
    with database.write() as tx:
        log.erase(tx, "demo:1")
    sweep_away(database)

    left = files_of(database, request)
    assert [value for value in values if value in left or value[-16:] in left] == []
    assert all(value in left for value in others)
    with database.read() as db:
        assert db.execute(select(words.c.idx).where(words.c.term == word)).scalars().all() == []
    sealer.seal(database.engine)
    sound(database, sealer, clock)


def test_what_somebody_still_reads_is_not_said_to_be_gone(
    database: Database, log: AuditLog, request: pytest.FixtureRequest
) -> None:
    fill(database, log, 200)
    values = stored(database, log, "demo:1")
    steady = {} if database.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**steady) as backup:
        backup.execute(select(func.count()).select_from(pseudonym_table))  # the other tables it comes to later
        with database.write() as tx:
            log.erase(tx, "demo:1")
        with pytest.raises(StillHeld):
            sweep_away(database, seconds=0.1)
        assert any(value in files_of(database, request) for value in values)
    sweep_away(database)
    assert not any(value in files_of(database, request) for value in values)


def test_a_kind_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="logins"):
        Retention(kinds={"logins": 5})
