"""The one database: short reads, and write transactions that share a commit where the database allows it."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite

from audit.statements import Statement
from portal.unwritable import RolledBack

MOST_IN_ONE_COMMIT = 64
LONGEST_WAIT = 5.0  # seconds for another process to end its write
GLANCE = 0.0005  # seconds between two looks whether it has
Hook = Callable[[], None]


class Database:
    """Reads and writes. On SQLite, threads that write at the same time share one durable commit."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._group = _GroupCommit(self.engine) if self.engine.dialect.name == "sqlite" else None
        self._looking: list[PoolProxiedConnection] = []  # SQLite: kept open, as many as ever looked at the same time

    def insert(self, table: Table) -> Any:
        """An insert that can say what becomes of a row that is there already; both databases word it alike."""
        return (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(table)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for looking; nothing is locked, each statement sees what is committed."""
        with self._reading.connect() as connection:
            yield connection

    def look(self, statement: Statement, values: Mapping[str, object]) -> Any:
        """The first row that a statement finds, or None. For the few looks every request takes: the shortest way."""
        if self.engine.dialect.name != "sqlite":
            with self._reading.connect() as connection:
                return statement.look(connection.connection, connection.dialect, values)
        try:
            looking = self._looking.pop()
        except IndexError:
            looking = self.engine.raw_connection()
        # Outside a transaction by itself, see _prepare_sqlite. One that fails is not used again.
        row = statement.look(looking.driver_connection, self.engine.dialect, values)
        self._looking.append(looking)
        return row

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction. When the block has ended without an exception, what it wrote is on disk."""
        if self._group:
            with self._group.unit() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            hooks: list[Hook] = connection.info.setdefault("after_commit", [])
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                hooks.clear()
                raise
            _run(hooks)


def after_commit(tx: Connection, hook: Hook) -> None:
    """Call `hook` once what this transaction wrote is on disk; never if it is rolled back."""
    tx.info.setdefault("after_commit", []).append(hook)


def _run(hooks: list[Hook]) -> None:
    waiting, hooks[:] = hooks[:], []
    for hook in waiting:
        hook()


class _Turn:
    """Which of several processes writes now: a lock on the database's folder, free again when its holder dies.

    SQLite would make the others sleep for up to 100 ms before they look again; a write here lasts about one.
    """

    def __init__(self, database: str | None) -> None:
        self._folder = Path(database).parent if database and database != ":memory:" else None

    def take(self) -> int:
        """Wait for the turn and return the file that holds it until it is closed. Raises TimeoutError."""
        held = os.open(self._folder or os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        end = time.monotonic() + LONGEST_WAIT
        while self._folder:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    os.close(held)
                    raise TimeoutError("another process does not end its write") from None
                time.sleep(GLANCE)
        return held


class _Batch:
    """One transaction that several units share."""

    def __init__(self, connection: Connection, turn: int) -> None:
        self._turn = turn
        self.connection = connection
        self.transaction = connection.begin()
        self.units = 0
        self.done = threading.Event()
        self.error: BaseException | None = None

    @property
    def intact(self) -> bool:
        """False once SQLite has rolled it all back by itself, as it does when the disk is full."""
        return bool(_driver(self.connection).in_transaction)

    @contextmanager
    def undoable(self) -> Iterator[None]:
        """What fails in the block takes nothing of the units before it along; the first one has none before it."""
        if self.units == 0:
            yield
            return
        driver = _driver(self.connection)
        driver.execute("SAVEPOINT unit")
        try:
            yield
        except BaseException:
            if self.intact:
                driver.execute("ROLLBACK TO unit")
            raise
        driver.execute("RELEASE unit")

    def close(self) -> None:
        """Let the next process write."""
        os.close(self._turn)


class _GroupCommit:
    """Lets the next waiting writer go on in the same transaction; the last one commits for all of them.

    A durable commit costs an fsync, which serves sixteen units as well as one. Each unit can fail without taking
    anything of the others along. Nobody returns before the commit has.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(write=True)
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._open: _Batch | None = None
        self._connection: Connection | None = None  # kept from one batch to the next, as long as nothing goes wrong
        self._processes = _Turn(engine.url.database)

    @contextmanager
    def unit(self) -> Iterator[Connection]:
        with self._count:
            self._waiting += 1
        self._turn.acquire()
        with self._count:
            self._waiting -= 1
        try:
            batch = self._open = self._open or self._begin()
        except BaseException:
            self._turn.release()
            raise
        hooks: list[Hook] = batch.connection.info.setdefault("after_commit", [])
        before = len(hooks)
        try:
            with batch.undoable():
                yield batch.connection
        except BaseException:
            del hooks[before:]
            self._leave(batch, failed=True)
            raise
        batch.units += 1
        self._leave(batch)
        if not batch.done.wait(timeout=30):
            raise TimeoutError("the commit this write shares has not come")
        if batch.error:
            raise batch.error

    def _begin(self) -> _Batch:
        turn = self._processes.take()
        try:
            self._connection = self._connection or self._engine.connect()
            return _Batch(self._connection, turn)
        except BaseException:
            os.close(turn)
            self._drop()
            raise

    def _drop(self) -> None:
        """Begin anew on another connection."""
        doubtful, self._connection = self._connection, None
        if doubtful:
            doubtful.invalidate()
            doubtful.close()

    def _leave(self, batch: _Batch, *, failed: bool = False) -> None:
        """Hand the open transaction to the next writer, or end it if nobody waits."""
        nothing_to_keep = failed and batch.units == 0
        try:
            if self._waiting and batch.units < MOST_IN_ONE_COMMIT and batch.intact and not nothing_to_keep:
                return
            self._open = None
            waiting = self._end(batch, keep=not nothing_to_keep)
        finally:
            self._turn.release()
        for hook in waiting:  # not before the next writer may begin
            hook()

    def _end(self, batch: _Batch, *, keep: bool) -> list[Hook]:
        """Commit, or roll back, and return what was to be called then."""
        hooks: list[Hook] = batch.connection.info.get("after_commit", [])
        try:
            if keep and not batch.intact:
                raise RolledBack("the database has rolled back the transaction")  # its commit would do nothing
            batch.transaction.commit() if keep else batch.transaction.rollback()
        except BaseException as error:
            batch.error = error
            hooks.clear()
            self._drop()
            if not isinstance(error, Exception):
                raise
        finally:
            waiting, hooks[:] = hooks[:], []
            batch.close()
            batch.done.set()
        return waiting


def open_engine(url: str) -> Engine:
    """An engine with the limits and the durability that all of the portal relies on."""
    if not url.startswith("sqlite"):
        limits = {
            "connect_timeout": 5,  # seconds
            "tcp_user_timeout": 10_000,  # milliseconds until a server that is gone counts as gone
            "options": "-c statement_timeout=30000 -c lock_timeout=5000",  # milliseconds
        }
        return create_engine(
            url, connect_args=limits, pool_size=16, max_overflow=16, pool_pre_ping=True, pool_timeout=5
        )
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 5}, pool_size=16, max_overflow=16, pool_timeout=5
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and in the wrong mode
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=FAST",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = "BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN"
    _driver(connection).execute(mode)


def _driver(connection: Connection) -> Any:
    """The driver's own connection: through SQLAlchemy these short commands cost more than the commit."""
    return connection.connection.driver_connection
