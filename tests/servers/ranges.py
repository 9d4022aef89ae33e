"""A small HTTPS server that answers as the range service of Pwned Passwords does, and records all it is told."""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tests.servers.certificates import write_certificates


@dataclass(frozen=True)
class Recorded:
    """One request, as it came."""

    path: str
    headers: Message
    body: bytes


class RangeServer:
    def __init__(self, folder: Path, leaked: Mapping[str, int]) -> None:
        write_certificates(folder / "certificates")
        self.ca_file = folder / "certificates" / "ca.pem"
        self.recorded: list[Recorded] = []
        counts = {sha1(word.encode()).hexdigest().upper(): count for word, count in leaked.items()}
        recorded = self.recorded

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                recorded.append(Recorded(self.path, self.headers, body))
                asked = self.path.rpartition("/")[2]
                lines = [f"{digest[5:]}:{count}" for digest, count in counts.items() if digest.startswith(asked)]
                text = "\r\n".join([*lines, "0" * 35 + ":0"]).encode()  # padding has no count
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_said: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "certificates" / "server.pem", folder / "certificates" / "server.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}/range/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()
