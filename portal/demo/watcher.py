"""The demo's witness: what an auditor would run on a machine of his own, here beside the portal."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from audit.notes import VerifierKey
from audit.witness.server import server
from audit.witness.witness import Witness, make

NAME = "auditor.nordvik.example/w1"


class Watcher:
    """A witness of one log as a context manager; it remembers over restarts what it has seen."""

    def __init__(self, folder: Path, log: str, port: int, clock: Callable[[], datetime]) -> None:
        if not folder.exists():
            make(folder, NAME)
        witness = Witness(folder, clock)
        witness.know(VerifierKey.parse(log))
        self.key = str(witness.key)
        self._server = server(witness, "127.0.0.1", port, lambda line: None)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
