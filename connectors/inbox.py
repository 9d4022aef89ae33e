"""Reads a mailbox by IMAP (RFC 3501) over TLS; what was taken in is marked as read, nothing is ever deleted."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors.capabilities import Finding
from connectors.encryption import verified
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.findings import fault, fine, say

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

    def keeps_marks(self) -> bool:
        """Whether what is marked as read here stays so (PERMANENTFLAGS, RFC 3501 7.1)."""
        _kind, told = self._connection.response("PERMANENTFLAGS")
        flags = b" ".join(each for each in told if each)
        return not flags or b"\\seen" in flags.lower() or rb"\*" in flags

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
    with _reported():
        connection = imaplib.IMAP4_SSL(host, port, ssl_context=verified(ca_file), timeout=TIMEOUT)
    try:
        with _reported("the sign-in"):
            connection.login(user, password)
        with _reported(f"the folder {folder}"):
            status, _answer = connection.select(_quoted(folder))
        if status != "OK":
            raise Forbidden(f"IMAP: no folder {folder}")
        yield Inbox(connection)
    finally:
        with suppress(*FAILURES, imaplib.IMAP4.error):
            connection.logout()


def examine(host: str, port: int, user: str, password: str, folder: str, ca_file: Path | None) -> Iterator[Finding]:
    """Sign in and open the folder; nothing is read, nothing marked."""
    subject, where = say("mailbox"), f"{host}:{port}"
    try:
        with open_inbox(host, port, user, password, folder, ca_file) as inbox:
            keeps = inbox.keeps_marks()
    except ConnectorError as error:
        yield fault(subject, f"{where}: {error.detail}", _remedy(error))
        return
    yield fine(subject, say("%(where)s: reached and signed in; %(folder)s is open", where=where, folder=folder))
    if not keeps:
        message = say("%(folder)s keeps no marks, so that mail would be looked at again and again", folder=folder)
        yield fault(subject, message, "folder: give the user the right to mark mail as read (IMAP ACL: s).")


def _remedy(error: ConnectorError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in error.detail:
        return "ca_file: name the PEM file of the authority that signed the server's certificate."
    if "folder" in error.detail:
        return "folder: name one that is there, with the rights to read it and to mark mail as read (IMAP ACL: lrs)."
    if isinstance(error, Forbidden):
        return "user, password: the server does not let them in by IMAP."
    return "host, port: is the server running, with TLS from the start, and does a firewall let this machine reach it?"


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _reported(step: str = "the mailbox") -> Iterator[None]:
    """Turn imaplib's errors at one step into ours. What the server says of a sign-in may hold the name."""
    try:
        yield
    except imaplib.IMAP4.readonly as error:
        raise Forbidden(f"IMAP: {step} may only be read") from error
    except ssl.SSLError as error:
        raise Unavailable(f"IMAP: {error}") from error
    except FAILURES as error:
        raise Unavailable(f"IMAP: {step}: {type(error).__name__}") from error
    except imaplib.IMAP4.error as error:
        raise Forbidden(f"IMAP: {step} was refused") from error
