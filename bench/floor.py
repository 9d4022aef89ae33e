"""Beside row 1: how fast a page is that keeps the same promises and does nothing else, on the same server."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import insert

from bench.bare import COOKIE, SESSION, TABLES, fingerprint, signer
from bench.crowd import crowd
from bench.directory import Directory
from bench.installation import Installation, prepared, wait_for_answer
from bench.measure import Slice
from bench.visits import Visit
from portal.cli.serve import THREADS
from portal.database import Database
from tests.servers import people


@dataclass(frozen=True)
class Floor:
    """The bare page, running, and its own database."""

    served: Installation
    directory: Directory
    database: Database

    def slice(self, clients: int, seconds: float) -> Slice:
        return crowd(self.served, self.directory, self._visits(), clients, seconds)[0]

    def _visits(self) -> list[Visit]:
        """One form for everybody, each in a session of its own."""
        signs, ends = signer(self.served.settings), datetime.now(UTC) + timedelta(hours=1)
        visits, rows = [], []
        for login in self.directory.logins:
            key, token, new = secrets.token_urlsafe(32), secrets.token_hex(20), f"Floor-{secrets.token_hex(10)}"
            rows.append({"id": fingerprint(key), "dn": people.dn_of(login), "token": token, "ends": ends})
            form = f"csrf_token={quote(str(signs.dumps(token)))}&new_password={new}&new_password_again={new}"
            kind = "Content-Type: application/x-www-form-urlencoded"
            head = f"POST /reset HTTP/1.1\r\nHost: localhost\r\nCookie: {COOKIE}={key}\r\n{kind}\r\n\r\n"
            visits.append(Visit(login, new, [{"request": head + form, "expect": 'data-result="done"'}]))
        with self.database.write() as tx:
            tx.execute(insert(SESSION), rows)
        return visits


@contextmanager
def floor(state: Path, directory: Directory) -> Iterator[Floor]:
    """The page on the portal's server with as many processes and threads, for as long as the block lasts."""
    made = prepared(state, directory.server)
    database = Database(made.settings.database)
    TABLES.create_all(database.engine)
    how = (
        "--interface",
        "wsgi",
        "--factory",
        "--workers",
        str(os.cpu_count() or 1),
        "--blocking-threads",
        str(THREADS),
    )
    try:
        made.start("web", "granian", *how, "--no-ws", "--port", str(made.port), "bench.bare:create_app")
        wait_for_answer(made.port)
        yield Floor(made, directory, database)
    finally:
        made.stop()
        database.engine.dispose()
