"""The browsers: a program apart that sends prepared requests over kept connections and times the answers.

`python -m bench.load` reads one JSON object from standard input: port, clients, seconds, and visits. A visit is a list
of steps {request, expect}: bytes as Latin-1 text, with {cookie} and {token} to be filled from earlier answers of the
same visit, and what the answer must hold. Visits are taken in order, each once, until they or the seconds run out.
"""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

_COOKIE = re.compile(rb"(?im)^set-cookie: (sparekey=[^;\r]+)")
_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
_LENGTH = re.compile(rb"(?im)^content-length: (\d+)")
_KEEP = 5  # failures whose answers are shown


class Browser:
    """One connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._connect()

    def visit(self, steps: Sequence[dict[str, str]]) -> str:
        """Take the steps; returns an empty text, or the answer that was not as expected."""
        cookie = token = b""
        for step in steps:
            request = step["request"].encode("latin-1").replace(b"{cookie}", cookie).replace(b"{token}", token)
            answer = self._ask(_with_length(request))
            if step["expect"].encode("latin-1") not in answer:
                return answer[:300].decode("latin-1")
            cookie = _first(_COOKIE, answer) or cookie
            token = _first(_TOKEN, answer) or token
        return ""

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _ask(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        answer = b""
        while True:
            head, gap, body = answer.partition(b"\r\n\r\n")
            if gap and len(body) >= int(_first(_LENGTH, head) or 0):
                return answer
            more = self._socket.recv(65536)
            if not more:
                self._socket = self._connect()
                return b"the connection was closed"
            answer += more


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    return found.group(1) if found else b""


def _with_length(request: bytes) -> bytes:
    head, gap, body = request.partition(b"\r\n\r\n")
    return head + (b"\r\nContent-Length: %d" % len(body) if body else b"") + gap + body


class Crowd:
    """Clients that share one list of visits."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._taken = 0
        self._ends = 0.0
        self._times: list[tuple[float, float]] = []  # seconds since the beginning, seconds it took
        self._failures: list[str] = []

    def go(self) -> dict[str, Any]:
        clients = [threading.Thread(target=self._client) for _ in range(self._told["clients"])]
        began, used = time.monotonic(), time.process_time()
        self._began, self._ends = began, began + self._told["seconds"]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        took = time.monotonic() - began
        return {
            "times": self._times,
            "failures": self._failures[:_KEEP],
            "failed": len(self._failures),
            "taken": self._taken,
            "seconds": took,
            "cpu": time.process_time() - used,
        }

    def _client(self) -> None:
        browser = Browser(self._told["port"])
        while (visit := self._next()) is not None:
            before = time.monotonic()
            try:
                wrong = browser.visit(visit)
            except OSError as error:
                wrong, browser = repr(error), Browser(self._told["port"])
            now = time.monotonic()
            with self._lock:
                if wrong:
                    self._failures.append(wrong)
                else:
                    self._times.append((now - self._began, now - before))

    def _next(self) -> list[dict[str, str]] | None:
        with self._lock:
            if self._taken >= len(self._told["visits"]) or time.monotonic() >= self._ends:
                return None
            self._taken += 1
            return self._told["visits"][self._taken - 1]


def send(port: int, clients: int, seconds: float, visits: list[list[dict[str, str]]]) -> dict[str, Any]:
    """Run a crowd in a process of its own and return what it measured."""
    told = json.dumps({"port": port, "clients": clients, "seconds": seconds, "visits": visits})
    program = [sys.executable, "-m", "bench.load"]
    answer = subprocess.run(program, input=told, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(answer.stdout)
    return measured


if __name__ == "__main__":
    json.dump(Crowd(json.load(sys.stdin)).go(), sys.stdout)
