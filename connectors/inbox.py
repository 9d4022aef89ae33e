"""Reads a mailbox by IMAP (RFC 3501) over TLS; what was taken in is marked as read, nothing is ever deleted."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors.errors import Forbidden, Unavailable

TIMEOUT = 10.0  # seconds at each step
FAILURES = (OSError, imaplib.IMAP4.abort, ssl.SSLError)


class Inbox:
    """One mailbox, signed in to. Use `open_inbox`."""

    def __init__(self, connection: imaplib.IMAP4_SSL) -> None:
        self._connection = connection

    def unread(self, most: int) -> list[bytes]:
        """The ids of the oldest messages nobody has read."""
        return self._call("UID", "SEARCH", "UNSEEN").split()[:most]

    def read(self, uid: bytes, most: int) -> bytes:
        """The first so many bytes of a message; it stays unread."""
        with _reported():
            _status, found = self._connection.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{most}>)")
        return next((part[1] for part in found if isinstance(part, tuple)), b"")

    def done(self, uid: bytes) -> None:
        """It has been taken in."""
        self._call("UID", "STORE", uid.decode(), "+FLAGS", r"(\Seen)")

    def _call(self, _uid: str, command: str, *arguments: str) -> bytes:
        with _reported():
            status, answer = self._connection.uid(command, *arguments)
        if status != "OK":
            raise Unavailable(f"IMAP {command}: {status}")
        return answer[0] or b""


@contextmanager
def open_inbox(host: str, port: int, user: str, password: str, folder: str, ca_file: Path | None) -> Iterator[Inbox]:
    """Sign in and select the folder. Raises Forbidden if that is refused, Unavailable if nobody answers."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    with _reported():
        connection = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT)
    try:
        with _reported():
            connection.login(user, password)
            status, _answer = connection.select(_quoted(folder))
        if status != "OK":
            raise Forbidden(f"IMAP: no folder {folder}")
        yield Inbox(connection)
    finally:
        with suppress(*FAILURES, imaplib.IMAP4.error):
            connection.logout()


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        raise Unavailable(f"IMAP: {type(error).__name__}") from error
    except imaplib.IMAP4.error as error:
        raise Forbidden("IMAP: refused") from error
