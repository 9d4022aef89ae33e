"""Opening one connection: our own socket and verified TLS below ldap3, which can never reopen it by itself."""

import socket
import ssl
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ldap3 import NONE, SAFE_SYNC, Connection, Server
from ldap3.core.exceptions import LDAPSocketOpenError
from ldap3.strategy.safeSync import SafeSyncStrategy

from connectors.ldap.requests import message


class Wire:
    """A socket with one deadline for a whole operation, which remembers what became of it."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain
        self.sent = False  # since begin(): may the other side have got anything?
        self.silent = False  # did the deadline pass?
        self._deadline = float("inf")

    def begin(self, seconds: float) -> None:
        self.sent = self.silent = False
        self._deadline = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        try:
            self.socket.settimeout(self._left())
            return self.socket.recv(size)
        except TimeoutError:
            self.silent = True
            raise

    def sendall(self, octets: bytes) -> None:
        try:
            self.socket.settimeout(self._left())
            self.sent = True
            self.socket.sendall(octets)
        except TimeoutError:
            self.silent = True
            raise

    def shutdown(self, how: int) -> None:
        self.socket.shutdown(how)

    def close(self) -> None:
        self.socket.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer within the time limit")
        return left


class OneWayStrategy(SafeSyncStrategy):
    """ldap3's synchronous strategy on a wire it is given once.

    Left to itself ldap3 reopens a closed connection on the next bind, without TLS, and sends the password.
    """

    def __init__(self, connection: Connection, wire: Wire) -> None:
        super().__init__(connection)
        self._outstanding: dict[int, dict[str, str]] = {}
        connection.socket = wire
        connection.closed = False
        connection.listening = True

    def open(self, reset_usage: bool = True, read_server_info: bool = True) -> None:
        raise LDAPSocketOpenError("this connection is used up and is never opened again")

    def send(self, message_type: str, request: bytes, controls: Sequence[bytes] = ()) -> int:
        """Send a request that is encoded already; unlike ldap3's own way this keeps no copy of a password."""
        if not self.connection.listening:
            raise LDAPSocketOpenError("the connection is closed")
        number: int = self.connection.server.next_message_id()
        self._outstanding[number] = {"type": message_type}
        self.connection.socket.sendall(message(number, request, controls))
        return number


def dial(url: str, timeout: float) -> Wire:
    """Return a wire to the server, not yet encrypted. Raises OSError."""
    parts = urlsplit(url)
    if parts.scheme == "ldapi":
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(timeout)
        plain.connect(unquote(parts.netloc))
        return Wire(plain)
    # Not by ldap3: it binds a local port first, which then cannot be used again for a minute after each connection.
    plain = socket.create_connection((parts.hostname or "localhost", parts.port or _port(parts.scheme)), timeout)
    # Without this every new TLS connection waits 40 ms for a delayed acknowledgement.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(plain)


def encrypt(wire: Wire, url: str, ca_file: Path | None, timeout: float) -> None:
    """Wrap the wire in TLS; the chain and the host's name are checked by the standard library. Raises OSError."""
    wire.socket.settimeout(timeout)
    wire.socket = _context(ca_file).wrap_socket(wire.socket, server_hostname=urlsplit(url).hostname)


def attach(wire: Wire) -> Connection:
    """Return an ldap3 connection that speaks over this wire only, follows no referral and reads no schema."""
    connection = Connection(Server("localhost", get_info=NONE), client_strategy=SAFE_SYNC, auto_referrals=False)
    connection.auto_range = connection.empty_attributes = connection.check_names = False
    strategy = OneWayStrategy(connection, wire)
    connection.strategy = strategy
    connection.open, connection.send = strategy.open, strategy.send
    connection.get_response = strategy.get_response
    connection.post_send_single_response = strategy.post_send_single_response
    connection.post_send_search = strategy.post_send_search
    return connection


def _port(scheme: str) -> int:
    return 636 if scheme == "ldaps" else 389


@lru_cache(maxsize=16)
def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
