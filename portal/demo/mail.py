"""A mail server that keeps every message and sends none on, and the messages it has kept."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.demo.postman import Bag

KEPT = 1000  # messages; a demo that runs for weeks must not fill the disk
_LARGEST = 1 << 20  # bytes

_SCHEMA = """CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, received TEXT NOT NULL)"""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message to one recipient; `received` is aware, in UTC."""

    id: int
    sender: str
    recipient: str
    subject: str
    text: str
    received: datetime

    def as_json(self) -> dict[str, Any]:
        """The message under the names of the JSON list."""
        known = asdict(self)
        return {
            "id": self.id,
            "from": known["sender"],
            "to": known["recipient"],
            "subject": known["subject"],
            "text": known["text"],
            "date": self.received.isoformat(),
        }


class Mailbag:
    """The kept messages, in one file. Safe for threads."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute(_SCHEMA)

    def add(self, *, sender: str, recipients: list[str], content: bytes) -> None:
        """Keep a message once for each recipient, and forget the oldest beyond the limit."""
        subject, text = read(content)
        received = self._clock().astimezone(UTC).isoformat()
        rows = [(sender, recipient, subject, text, received) for recipient in recipients]
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(
                "INSERT INTO mail (sender, recipient, subject, text, received) VALUES (?, ?, ?, ?, ?)", rows
            )
            self._database.execute("DELETE FROM mail WHERE id <= (SELECT max(id) FROM mail) - ?", (KEPT,))

    def all(self) -> list[Mail]:
        """Every kept message, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "SELECT id, sender, recipient, subject, text, received FROM mail ORDER BY id"
            ).fetchall()
        return [
            Mail(id=row[0], sender=row[1], recipient=row[2], subject=row[3], text=row[4],
                 received=datetime.fromisoformat(row[5]))
            for row in rows
        ]  # fmt: skip

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


def read(content: bytes) -> tuple[str, str]:
    """Subject and plain text of a raw message; what cannot be decoded is shown with replacement signs."""
    message = message_from_bytes(content, _class=EmailMessage, policy=default)
    subject = " ".join(str(message["Subject"] or "").split())
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return subject, ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError):  # a character set that nobody knows
        raw = part.get_payload(decode=True)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    return subject, text.replace("\r\n", "\n")


class _Receiver:
    """What the SMTP protocol calls when a message has come in."""

    def __init__(self, bag: Bag) -> None:
        self._bag = bag

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        try:
            self._bag.add(sender=envelope.mail_from or "", recipients=list(envelope.rcpt_tos), content=content)
        except sqlite3.Error:
            return "451 the message could not be kept"
        return "250 kept"


class MailSink:
    """An SMTP server on loopback, in a thread of its own, as a context manager. Port 0 picks a free one.

    Raises OSError if the port is taken.
    """

    def __init__(self, bag: Bag, port: int = 0) -> None:
        self._bag = bag
        self.port = port

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        try:
            self._server = self._loop.run_until_complete(
                self._loop.create_server(self._protocol, host="127.0.0.1", port=self.port)
            )
        except OSError:
            self._loop.close()
            raise
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail sink", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _protocol(self) -> SMTP:
        return SMTP(
            _Receiver(self._bag), data_size_limit=_LARGEST, enable_SMTPUTF8=True, hostname="localhost", loop=self._loop
        )

    async def _stop(self) -> None:
        self._server.close()
        current = asyncio.current_task()
        open_ones = [task for task in asyncio.all_tasks() if task is not current]
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
