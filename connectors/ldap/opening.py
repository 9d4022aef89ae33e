"""Opening one connection: a socket that counts its time, verified TLS on it, and whole LDAP messages from it.

Not by ldap3, which reopens a closed connection on the next bind, without TLS, and sends the password.
"""

import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from connectors.encryption import verified
from connectors.ldap.answers import size_of

_PIECE = 16 * 1024  # octets; a TLS record holds no more


@dataclass(frozen=True, kw_only=True)
class Encryption:
    """What protects a connection, and until when the server's certificate holds."""

    version: str
    ends: datetime


class Wire:
    """A socket with one deadline for a whole operation, which remembers what became of it."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain
        self.sent = False  # since begin(): may the other side have got anything?
        self.silent = False  # did the deadline pass?
        self._deadline = float("inf")
        self._rest = b""  # received, and not yet a whole message

    @property
    def empty(self) -> bool:
        """Whether everything received has been read."""
        return not self._rest

    def begin(self, seconds: float) -> None:
        self.sent = self.silent = False
        self._deadline = time.monotonic() + seconds

    def receive(self) -> bytes:
        """One whole message. Raises OSError, also at the deadline, and Garbled."""
        begun = self._rest
        while not (size := size_of(begun)) or len(begun) < size:
            begun += self._more()
        self._rest = begun[size:]
        return begun[:size]

    def _more(self) -> bytes:
        try:
            self.socket.settimeout(self._left())
            piece = self.socket.recv(_PIECE)
        except TimeoutError:
            self.silent = True
            raise
        if not piece:
            raise ConnectionResetError("the other side has closed the connection")
        return piece

    def sendall(self, octets: bytes) -> None:
        try:
            self.socket.settimeout(self._left())
            self.sent = True
            self.socket.sendall(octets)
        except TimeoutError:
            self.silent = True
            raise

    @property
    def encryption(self) -> Encryption | None:
        """None on a socket of this very machine."""
        if not isinstance(self.socket, ssl.SSLSocket):
            return None
        ends = ssl.cert_time_to_seconds(str((self.socket.getpeercert() or {})["notAfter"]))
        return Encryption(version=self.socket.version() or "", ends=datetime.fromtimestamp(ends, UTC))

    def close(self) -> None:
        """Leave, and say so."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        finally:
            self.socket.close()

    def abandon(self) -> None:
        """Let go of the socket without a word on it."""
        self.socket.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer within the time limit")
        return left


def dial(url: str, timeout: float) -> Wire:
    """Return a wire to the server, not yet encrypted. Raises OSError."""
    parts = urlsplit(url)
    if parts.scheme == "ldapi":
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(timeout)
        plain.connect(unquote(parts.netloc))
        return Wire(plain)
    plain = socket.create_connection((parts.hostname or "localhost", parts.port or _port(parts.scheme)), timeout)
    # Without this every new TLS connection waits 40 ms for a delayed acknowledgement.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(plain)


def encrypt(wire: Wire, url: str, ca_file: Path | None, timeout: float) -> None:
    """Wrap the wire in TLS; the chain and the host's name are checked by the standard library. Raises OSError."""
    if not wire.empty:  # sent in clear by whoever sits in between, to be taken for the server's own (CVE-2011-0411)
        raise ssl.SSLError("something came before the encryption began")
    wire.socket.settimeout(timeout)
    wire.socket = _context(ca_file).wrap_socket(wire.socket, server_hostname=urlsplit(url).hostname)


def _port(scheme: str) -> int:
    return 636 if scheme == "ldaps" else 389


_context = lru_cache(maxsize=16)(verified)  # reading the system's authorities takes longer than a handshake
