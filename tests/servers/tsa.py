"""A timestamp authority (RFC 3161) on loopback: openssl behind a small HTTP server, with certificates of its own."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_CONFIG = """
[one]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[stamps]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
"""


class Tsa:
    """A running authority; `broken` makes it stamp something else than it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self.broken = False
        self.asked = 0
        self.url = ""
        folder.mkdir(parents=True)
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._certificates()

    def answer(self, query: bytes) -> bytes:
        """What openssl makes of a query."""
        self.asked += 1
        asked = self.folder / f"{self.asked}.tsq"
        asked.write_bytes(query)
        if self.broken:
            self._run("ts", "-query", "-digest", "00" * 32, "-sha256", "-cert", "-out", str(asked))
        reply = self.folder / f"{self.asked}.tsr"
        self._run(
            "ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", str(asked), "-signer", "tsa.pem",
            "-inkey", "tsa.key", "-out", str(reply),
        )  # fmt: skip
        return reply.read_bytes()

    def _certificates(self) -> None:
        new = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")
        own = ("-x509", "-extensions", "authority", "-days", "30")
        self._run(*new, *own, "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem")
        self._run(*new, "-subj", "/CN=Test stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
        self._run(
            "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "tsa.cnf", "-extensions", "stamps", "-out", "tsa.pem",
        )  # fmt: skip

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr


@contextmanager
def tsa(folder: Path) -> Iterator[Tsa]:
    """An authority for as long as the block lasts."""
    authority = Tsa(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wrong = self.headers["Content-Type"] != "application/timestamp-query"
            content = authority.answer(self.rfile.read(int(self.headers["Content-Length"]))) if not wrong else b""
            self.send_response(415 if wrong else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield authority
        server.shutdown()
