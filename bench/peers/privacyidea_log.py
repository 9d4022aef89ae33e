"""privacyIDEA's own audit module, driven line by line: run by the interpreter of a virtual environment that has it.

`python privacyidea_log.py FOLDER`; each line of standard input is a command with its number, each line of output the
number it came to. Its SQLite is as it comes: a rollback journal, a sync on each commit.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask
from privacyidea.lib.auditmodules.sqlaudit import Audit, LogEntry

PEOPLE = 500


class Peer:
    """Its log in a new database with a new key of 2048 bits."""

    def __init__(self, folder: Path) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private, public, url = folder / "private.pem", folder / "public.pem", f"sqlite:///{folder}/privacyidea.db"
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        self.config = {
            "PI_AUDIT_KEY_PRIVATE": str(private),
            "PI_AUDIT_KEY_PUBLIC": str(public),
            "PI_AUDIT_SQL_URI": url,
        }
        LogEntry.__table__.create(sqlalchemy.create_engine(url))
        self.one = self.new()

    def new(self) -> Audit:
        """What each of its requests makes for itself."""
        return Audit(self.config)

    def append(self, seconds: float) -> float:
        """Entries a second, each by an object of its own: its default."""
        return self._appended(self.new, seconds)

    def append_one(self, seconds: float) -> float:
        """Entries a second by one object, which keeps its connection."""
        return self._appended(lambda: self.one, seconds)

    def _appended(self, audit: "type[Audit] | object", seconds: float) -> float:
        began, done = time.monotonic(), 0
        while time.monotonic() < began + seconds:
            log = audit()  # type: ignore[operator]
            log.log(_event(done, datetime.now()))
            log.finalize_log()
            done += 1
        return done / (time.monotonic() - began)

    def fill(self, count: float) -> float:
        """Add so many signed rows at once; returns how many there are then."""
        with sqlalchemy.orm.Session(self.one.engine) as session:
            first = (session.scalar(sqlalchemy.select(sqlalchemy.func.max(LogEntry.id))) or 0) + 1
            rows = []
            for number in range(first, first + int(count)):
                moment = datetime(2026, 1, 1) + timedelta(seconds=number)
                event = _event(number, moment)
                success = int(bool(event.pop("success")))
                row = LogEntry(
                    id=number, date=moment, success=success, duration=timedelta(milliseconds=1), loglevel="default",
                    clearance_level="default", **event,
                )  # fmt: skip
                rows.append(row)
            session.add_all(rows)
            session.flush()  # which fills in the columns that were left open
            for row in rows:
                row.signature = self.one.sign_object.sign(self.one._log_to_string(row))
            session.commit()
            return float(first + int(count) - 1)

    def verify(self, _: float) -> float:
        """Rows a second, with what its own export checks of each: signature, and whether its neighbours are there."""
        began, done = time.process_time(), 0
        for line in self.new().csv_generator({}):
            assert line.split(",")[2] == "OK"
            done += 1
        return done / (time.process_time() - began)

    def signatures(self, _: float) -> float:
        """Rows a second, with nothing looked at but their signatures."""
        began, audit = time.process_time(), self.new()
        rows = audit.session.scalars(sqlalchemy.select(LogEntry)).all()
        assert all(audit.sign_object.verify(audit._log_to_string(row), row.signature) for row in rows)
        return len(rows) / (time.process_time() - began)

    def search(self, number: float) -> float:
        """Seconds for the newest 50 about somebody, as its page shows them."""
        began = time.process_time()
        found = self.new().search({"user": f"user{int(number) % PEOPLE}"}, page_size=50, sortorder="desc").auditdata
        assert len(found) == 50
        return time.process_time() - began


def _event(number: int, moment: datetime) -> dict[str, object]:
    return {
        "action": "POST /auth", "success": True, "user": f"user{number % PEOPLE}", "realm": "main",
        "serial": "TOTP0001", "token_type": "totp", "client": "192.0.2.7",
        "privacyidea_server": "localhost", "info": "", "action_detail": "",
        "startdate": moment,
    }  # fmt: skip


def main() -> None:
    with Flask("peer").app_context():
        peer = Peer(Path(sys.argv[1]))
        for line in sys.stdin:
            command, number = line.split()
            print(getattr(peer, command)(float(number)), flush=True)


main()
