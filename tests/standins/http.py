"""A small HTTP server that answers as another system does, and fails as one does when a test asks it to."""

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]  # status, what is said, headers of its own
DROPPED = "dropped"  # a fault: the work is done, and the connection breaks before the answer
SERVER_ERROR = "500"  # the work is done, the answer says it failed
SLOW = "slow"  # the answer comes after the client has gone
BUSY = "429"  # nothing is done
DENIED = "403"
GARBAGE = "garbage"  # the work is done, the answer is a page of something else
SLOW_SECONDS = 1.5


class Standin(ABC):
    """Listens on a free port while it is entered. `faults`: for the next requests that change something, in turn."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.retry_after = "30"
        self.lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _Requests)
        self._http.standin = self
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def understood(self, raw: bytes, headers: Mapping[str, str]) -> Any:
        """What was posted."""
        return json.loads(raw or b"null")

    def may_fail(self, method: str, path: str) -> bool:
        """Whether a fault is for this request."""
        return method != "GET"

    def declined(self, fault: str) -> Any:
        """The body of BUSY and DENIED, in this system's words."""
        return {"error": "not now"}

    @abstractmethod
    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        """What the system says; called with the lock held."""


class PatientServer(ThreadingHTTPServer):
    """Takes many at once, and says nothing of clients that have gone: they are the business of the test."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _Server(PatientServer):
    standin: Standin


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        standin, parts = self.server.standin, urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        fault = ""
        with standin.lock:
            standin.requests.append((self.command, self.path, headers, raw))
            if standin.faults and standin.may_fail(self.command, parts.path):
                fault = standin.faults.popleft()
            if fault in (BUSY, DENIED):
                status, said, own = int(fault), standin.declined(fault), {}
            else:
                body = standin.understood(raw, headers)
                status, said, *more = standin.answer(self.command, parts.path, query, body, headers)
                own = more[0] if more else {}
        if fault == DROPPED:
            self.close_connection = True
            return
        if fault == SLOW:
            time.sleep(SLOW_SECONDS)
        if fault == SERVER_ERROR:
            status, said = 500, {"error": "went wrong"}
        text = said if isinstance(said, bytes) else b"" if status == 204 else json.dumps(said).encode()
        self._say(status, b"<html>" if fault == GARBAGE else text, fault, own)

    def _say(self, status: int, body: bytes, fault: str, own: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in own.items():
            self.send_header(name, value)
        if fault == BUSY:
            self.send_header("Retry-After", self.server.standin.retry_after)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""
