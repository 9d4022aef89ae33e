"""Small applications of the demo's own, each served by a thread of this process."""

import socket
import threading
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


def _listen(port: int) -> socket.socket:
    """A listening socket of our own: werkzeug would print and leave the program if the port is taken."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the demo's own words."""


class Served:
    """An application served on loopback, as a context manager. Port 0 picks a free one; OSError if it is taken."""

    def __init__(self, app: Flask, port: int = 0) -> None:
        self._app = app
        self.port = port

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        listening = _listen(self.port)
        self.port = int(listening.getsockname()[1])
        self._server = make_server(
            "127.0.0.1", self.port, self._app, threaded=True, request_handler=_Silent, fd=listening.detach()
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name=self._app.name, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
