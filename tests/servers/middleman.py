"""Somebody on the line between a client and an LDAP server, who does about the encryption what such a person can do."""

import socket
import ssl
import threading
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType

_STARTTLS = b"1.3.6.1.4.1.1466.20037"


class Way(StrEnum):
    """What is done when the client asks for encryption."""

    REFUSES = "says that the server cannot do it"
    IS_SILENT = "says nothing at all"
    PRETENDS = "says yes, and goes on in clear"
    INJECTS = "says yes, and in the same breath that everybody is let in"
    IMPERSONATES = "encrypts with a certificate of its own"


def result(number: int, tag: int, code: int) -> bytes:
    """An LDAP answer with that result code and no words (RFC 4511, 4.1.9)."""
    return bytes([0x30, 12, 2, 1, number, tag, 7, 10, 1, code, 4, 0, 4, 0])


BIND, EXTENDED = 0x61, 0x78  # tags of answers (RFC 4511, 4.2.2 and 4.12)


class Middleman:
    """Listens on a free port. Whatever it is told it says yes to, and remembers, decrypted if it can be."""

    def __init__(self, way: Way, certificate: Path | None = None, host: str = "127.0.0.1", code: int = 52) -> None:
        self.heard = bytearray()
        self.connections = 0
        self._way = way
        self._code = code
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            self._context.load_cert_chain(certificate / "server.pem", certificate / "server.key")
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"ldap://{host}:{self.port}"

    def __enter__(self) -> "Middleman":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(10)
        with suppress(OSError), client:
            asked = client.recv(4096)
            self.heard += asked
            if _STARTTLS not in asked:
                self._talk(client)
            elif self._way is Way.IS_SILENT:
                self._listen(client)
            else:
                client.sendall(self._answer())
                if self._way is Way.IMPERSONATES:
                    with self._context.wrap_socket(client, server_side=True) as encrypted:
                        self._talk(encrypted)
                else:
                    self._talk(client)

    def _answer(self) -> bytes:
        if self._way is Way.REFUSES:
            return result(1, EXTENDED, self._code)
        injected = result(2, BIND, 0) if self._way is Way.INJECTS else b""
        return result(1, EXTENDED, 0) + injected

    def _listen(self, client: socket.socket) -> None:
        while octets := client.recv(4096):
            self.heard += octets

    def _talk(self, client: socket.socket) -> None:
        number = 2
        while octets := client.recv(4096):
            self.heard += octets
            client.sendall(result(number, BIND, 0))
            number += 1
