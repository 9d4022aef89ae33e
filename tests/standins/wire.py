"""A proxy for HTTP that fails in every way a wire and a gateway can, at random and by a seed.

A gateway may repeat what does no harm twice (RFC 9110 9.2.2); where each post carries a key of its own, posts as well.
"""

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from tests.standins.http import PatientServer


class Fault(StrEnum):
    REFUSED = "reset before it was passed on"
    DROPPED = "done, and no answer"
    CUT = "done, and half an answer"
    LATE = "done after nobody waited any more"
    REPEATED = "passed on twice"
    BUSY = "not now"
    BROKEN = "done, and answered 502"
    GARBAGE = "done, and answered with a page"


_PAGE = b"<html>something else</html>"
_LINGER_NOT = struct.pack("ii", 1, 0)  # close with a reset


class Wire:
    """What goes over it, and the faults that it meets. `chance`: that a request meets one; `late`: seconds."""

    def __init__(
        self, *, seed: int, chance: float, late: float = 0.6, repeats: Collection[str] = ("GET", "PUT")
    ) -> None:
        self.met: Counter[Fault] = Counter()
        self.requests = 0
        self.port = 0
        self.late = late
        self._repeats = repeats
        self._chance = chance
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._under_way = 0

    def is_idle(self) -> bool:
        """Whether nothing is under way that could still be done."""
        return self._under_way == 0

    def begin(self, method: str) -> Fault | None:
        with self._lock:
            self.requests += 1
            self._under_way += 1
            fault = self._random.choice(list(Fault)) if self._random.random() < self._chance else None
            if fault is Fault.REPEATED and method not in self._repeats:
                fault = Fault.DROPPED
            if fault:
                self.met[fault] += 1
            return fault

    def end(self) -> None:
        with self._lock:
            self._under_way -= 1


class FaultyWire(Wire):
    """Before a server that speaks HTTP. Listens on a free port while it is entered."""

    def __init__(self, target: int, *, keyed_posts: bool = False, **more: Any) -> None:
        super().__init__(repeats=("GET", "PUT", "POST") if keyed_posts else ("GET", "PUT"), **more)
        self.target = target
        self._http = _Server(("127.0.0.1", 0), _Requests)
        self._http.wire = self
        self.port = int(self._http.server_address[1])

    def __enter__(self) -> "FaultyWire":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Server(PatientServer):
    wire: FaultyWire


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wire = self.server.wire
        fault = wire.begin(self.command)
        try:
            self._pass(body, fault)
        finally:
            wire.end()

    def _pass(self, body: bytes, fault: Fault | None) -> None:
        if fault is Fault.LATE:
            time.sleep(self.server.wire.late)
        match fault:
            case Fault.REFUSED:
                self._reset()
            case Fault.BUSY:
                self._say(429, {"Retry-After": "20"}, b"{}")
            case Fault.REPEATED:
                self._forward(body)
                self._say(*self._forward(body))
            case None:
                self._say(*self._forward(body))
            case _:
                self._spoil(fault, *self._forward(body))

    def _spoil(self, fault: Fault, status: int, headers: Mapping[str, str], said: bytes) -> None:
        """It is done; what the client hears of it is something else."""
        match fault:
            case Fault.BROKEN:
                self._say(502, {}, _PAGE)
            case Fault.GARBAGE:
                self._say(200, {}, _PAGE)
            case _:
                if fault is Fault.CUT:
                    self._say(status, headers, said, upto=len(said) // 2)
                self._reset()

    def _forward(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.wire.target, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            upstream.request(self.command, self.path, body or None, headers)
            answer = upstream.getresponse()
            return answer.status, {"Content-Type": answer.headers.get("Content-Type", "")}, answer.read()
        finally:
            upstream.close()

    def _say(self, status: int, headers: Mapping[str, str], body: bytes, *, upto: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != http.client.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:upto])

    def _reset(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.connection.close()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""
