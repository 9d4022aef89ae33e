"""Entries as syslog messages (RFC 5424) over TLS with octet counting (RFC 5425)."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from functools import cached_property
from urllib.parse import urlsplit

from connectors.encryption import verified
from connectors.errors import Outage, Unavailable, Unconfirmed
from connectors.siem.receiver import Line, Receiver
from connectors.siem.settings import SiemSettings

LOG_AUDIT, WARNING, INFORMATIONAL = 13, 4, 6  # RFC 5424 table 1 and 2
_BOM = "\ufeff"  # before a message that is not plain ASCII (RFC 5424 6.4)


class Syslog(Receiver):
    """A connection for each batch: syslog itself acknowledges nothing, but whoever closes TLS in order has read all.

    RFC 5425 4.4: a receiver answers close_notify with its own. One that ends the connection without it has read
    everything too, for a connection with unread bytes is reset; so only a reset or silence counts as not delivered.
    """

    def __init__(self, settings: SiemSettings) -> None:
        url = urlsplit(settings.url)
        self._host, self._port = url.hostname or "", url.port or 6514
        self._ca_file, self._timeout = settings.ca_file, settings.timeout
        self._name = socket.gethostname()[:255] or "-"
        self.where = f"{self._host}:{self._port}"

    def deliver(self, lines: Sequence[Line]) -> None:
        with self._connected() as connection:
            try:
                connection.sendall(b"".join(self._framed(line) for line in lines))
                _close(connection)
            except OSError as error:
                raise Unconfirmed(f"the connection was lost: {type(error).__name__}") from error

    def reach(self) -> None:
        with self._connected() as connection:
            try:
                _close(connection)
            except OSError as error:
                raise Unavailable(f"the connection was lost: {type(error).__name__}") from error

    @contextmanager
    def _connected(self) -> Iterator[ssl.SSLSocket]:
        try:
            with socket.create_connection((self._host, self._port), self._timeout) as plain:
                connection = self._context.wrap_socket(plain, server_hostname=self._host)
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(f"CERTIFICATE: {error.verify_message}", outage=Outage.PORTAL_REFUSED) from error
        except OSError as error:
            raise Unavailable(f"cannot be reached: {error}") from error
        with connection:
            yield connection

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return verified(self._ca_file)

    def _framed(self, line: Line) -> bytes:
        priority = LOG_AUDIT * 8 + (WARNING if line.failed else INFORMATIONAL)
        at = f"{line.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        text = line.text if line.text.isascii() else _BOM + line.text
        message = f"<{priority}>1 {at} {self._name} sparekey - {line.kind[:32]} - {text}".encode()
        return b"%d %s" % (len(message), message)


def _close(connection: ssl.SSLSocket) -> None:
    """Say that this is all, and wait until the other side has said so too, or has simply ended the connection."""
    with suppress(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        connection.unwrap()
