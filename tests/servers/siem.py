"""Receivers of the record as a site has them, on loopback, which can be told to misbehave."""

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Fate:
    """What becomes of one delivery: an HTTP status, or a connection that is reset after so many bytes, or silence."""

    status: int = 200
    reset_after: int | None = None
    silent: float = 0.0
    retry_after: str = ""


@dataclass
class Received:
    """What arrived, in the order it came, and what is to become of the next deliveries."""

    texts: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fates: deque[Fate] = field(default_factory=deque)
    deliveries: int = 0

    def fate(self) -> Fate:
        self.deliveries += 1
        return self.fates.popleft() if self.fates else Fate()


class SyslogServer:
    """RFC 5425: TLS, octet counting. Answers close_notify, or ends without it as many do."""

    def __init__(self, certificates: Path, *, polite: bool = True) -> None:
        self.got = Received()
        self._polite = polite
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tls://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                with suppress(OSError, ValueError):
                    self._serve(plain)
                plain.close()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        with self._context.wrap_socket(plain, server_side=True) as connection:
            fate = self.got.fate()
            if fate.reset_after is not None:
                connection.recv(fate.reset_after or 1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            time.sleep(fate.silent)
            content = b""
            while piece := connection.recv(65536):
                content += piece
            while content:
                count, _, rest = content.partition(b" ")
                self.got.texts.append(rest[: int(count)].decode())
                content = rest[int(count) :]
            if self._polite:
                connection.unwrap()


class HttpServer:
    """Takes lines at any address, or does not."""

    def __init__(self) -> None:
        self.got = got = Received()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fate = got.fate()
                time.sleep(fate.silent)
                if 200 <= fate.status < 300:
                    got.texts += text.splitlines()
                    got.headers.append(dict(self.headers))
                if fate.reset_after is not None:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                self.send_response(fate.status)
                if fate.retry_after:
                    self.send_header("Retry-After", fate.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def numbers(texts: list[str]) -> list[int]:
    """Which entries these OCSF lines are."""
    return [json.loads(text[text.index("{") :])["unmapped"]["tlog"]["index"] for text in texts]
