"""A throw-away PostgreSQL from the system's package, on a free port of the loopback address, as any user."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.servers.running import free_port, state_folder, stop, wait_until


@dataclass
class Postgres:
    """A running cluster. Everything below can be written down and read as JSON."""

    folder: str
    port: int
    pid: int = 0

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    def url(self, database: str = "postgres") -> str:
        """The address as SQLAlchemy wants it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, like: str = "") -> str:
        """Make an empty database, or one that holds what the one at the address `like` does, and return its address."""
        name = f"test_{secrets.token_hex(6)}"
        model = sql.Identifier(like.rpartition("/")[2] or "template1")
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            # Copied as files it takes half as long as through the log, for which there is no word before version 15.
            how = sql.SQL("STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else "")
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(sql.Identifier(name), model, how))
        return self.url(name)

    def rename_database(self, url: str) -> str:
        """Give the database at this address, to which nobody is connected, a new name and return its new address."""
        old, name = url.rpartition("/")[2], f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(name))
            )
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start it, or start it again with all it held; it answers when this returns."""
        with (Path(self.folder) / "log").open("ab") as log:
            child = subprocess.Popen(
                [_program("postgres"), "-D", f"{self.folder}/data", "-p", str(self.port), "-k", "",
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off",
                 "-c", "max_connections=200", "-c", "autovacuum_naptime=1h"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_as_ordinary_user(),
            )  # fmt: skip
        self.pid = child.pid
        wait_until(lambda: self._answers() or child.poll() is not None, seconds=30, what="postgres")
        if child.poll() is not None:
            raise RuntimeError(f"postgres did not start: {(Path(self.folder) / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        stop(self.pid, self.folder, first=signal.SIGINT)  # ends connections at once instead of waiting for them

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=5"

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._conninfo):
                return True
        except psycopg.OperationalError:
            return False


def new_postgres() -> Postgres:
    """Start an empty cluster. Whoever calls this calls `remove()`."""
    folder = state_folder("postgres")
    server = Postgres(str(folder), free_port())
    try:
        if user := _as_ordinary_user().get("user"):
            shutil.chown(folder, user=user)
        subprocess.run(
            [_program("initdb"), "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync",
             "--locale=C.UTF-8"],
            check=True, capture_output=True, cwd=folder, **_as_ordinary_user(),
        )  # fmt: skip
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A cluster for as long as the block lasts."""
    server = new_postgres()
    try:
        yield server
    finally:
        server.remove()


def _as_ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_name, "group": account.pw_gid, "extra_groups": []}


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the path, in a folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda b: int(b.parent.name), reverse=True)
    places = ":".join([os.environ["PATH"], "/usr/local/bin", *map(str, versions)])
    found = shutil.which(name, path=places)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed (Debian and Ubuntu: the package postgresql)")
    return str(Path(found).resolve())
