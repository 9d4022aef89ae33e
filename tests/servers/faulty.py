"""A real slapd behind a door that treats some requests differently: answers them itself, loses them, or hangs up."""

import socket
import ssl
import struct
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from types import TracebackType

from connectors.ldap.answers import NOT_LAST, read, size_of
from tests.servers.slapd import Slapd


class Kind(IntEnum):
    """Requests by their tag (RFC 4511, 4.2 to 4.12)."""

    BIND = 0x60
    SEARCH = 0x63
    MODIFY = 0x66
    NEW_PASSWORD = 0x77


class Fate(StrEnum):
    ANSWERED = "answered with a code"
    LOST = "never answered, and never done"
    DONE_IN_SILENCE = "done, and never answered"
    CUT = "the connection ends before it is done"
    RESET = "the connection is reset before it is done"
    DONE_AND_CUT = "done, and the connection ends"


@dataclass
class _Fault:
    kind: Kind
    fate: Fate
    code: int = 0
    words: str = ""


class Faulty:
    """Listens on a free port with the server's own certificate, and passes everything on that is not `next` in line."""

    def __init__(self, slapd: Slapd) -> None:
        self.met: list[Fate] = []
        self._slapd = slapd
        self._faults: deque[_Fault] = deque()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificates = slapd.ca_file.parent
        self._context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ldaps://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Faulty":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def next(self, kind: Kind, fate: Fate, *, times: int = 1, code: int = 0, words: str = "") -> None:
        """What becomes of the next requests of that kind."""
        self._faults.extend(_Fault(kind, fate, code, words) for _ in range(times))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with suppress(OSError, ValueError), server, self._context.wrap_socket(plain, server_side=True) as client:
            server.connect(str(Path(self._slapd.folder) / "ldapi"))
            while request := _message(client):
                if not self._treat(request, client, server):
                    return

    def _treat(self, request: bytes, client: ssl.SSLSocket, server: socket.socket) -> bool:
        """False when the connection is over."""
        fault = self._fault_of(_kind(request))
        if fault is None:
            return _pass_on(request, server, client)
        self.met.append(fault.fate)
        if fault.fate is Fate.ANSWERED:
            client.sendall(_answer(request, fault.code, fault.words))
            return True
        if fault.fate is Fate.DONE_IN_SILENCE or fault.fate is Fate.DONE_AND_CUT:
            _pass_on(request, server, None)
        if fault.fate is Fate.LOST or fault.fate is Fate.DONE_IN_SILENCE:
            return True
        if fault.fate is Fate.RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def _fault_of(self, kind: int) -> _Fault | None:
        if self._faults and self._faults[0].kind == kind:
            return self._faults.popleft()
        return None


def _message(source: socket.socket) -> bytes:
    begun = b""
    while not (size := size_of(begun)) or len(begun) < size:
        piece = source.recv(size - len(begun) if size else 1)
        if not piece:
            return b""
        begun += piece
    return begun


def _pass_on(request: bytes, server: socket.socket, client: socket.socket | None) -> bool:
    server.sendall(request)
    while answer := _message(server):
        if client:
            client.sendall(answer)
        if read(answer).kind not in NOT_LAST:
            return True
    return False


def _kind(request: bytes) -> int:
    _, rest = _number(request)
    return rest[0]


def _number(request: bytes) -> tuple[bytes, bytes]:
    """The element with the request's number, and what comes after it."""
    at = 2 + (request[1] & 0x7F if request[1] & 0x80 else 0)
    end = at + 2 + request[at + 1]
    return request[at:end], request[end:]


def _answer(request: bytes, code: int, words: str) -> bytes:
    number, rest = _number(request)
    text = words.encode()
    kind = {Kind.SEARCH: 0x65}.get(Kind(rest[0]), rest[0] + 1)
    inside = bytes([10, 1, code, 4, 0, 4, len(text)]) + text
    body = number + bytes([kind, len(inside)]) + inside
    return bytes([0x30, len(body)]) + body
