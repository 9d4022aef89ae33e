"""A TCP proxy that records, delays, cuts and swallows what passes between a client and a server."""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Proxy:
    """Listens on a free port of the loopback address and forwards to another. Changes hold from the next bytes on."""

    def __init__(self, target: int) -> None:
        self.sent = bytearray()  # by clients, of all connections
        self.received = bytearray()  # by clients
        self.connections = 0
        self.delay = 0.0  # seconds, before each piece is passed on
        self.swallow_answers = False  # the server gets everything, the client hears nothing
        self.cut_answers = False  # the connection breaks where the next answer would have come
        self._black = threading.Event()
        self._target = target
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Break all connections there are, as a crashed server would; new ones are accepted."""
        with self._lock:
            ends, self._open = self._open, []
        for end in ends:
            _break(end)

    def blackhole(self, on: bool = True) -> None:
        """Swallow everything in both directions, of old connections and new ones."""
        if on:
            self._black.set()
        else:
            self._black.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open += [client, server]
            threading.Thread(target=self._pump, args=(client, server, self.sent, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, self.received, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, record: bytearray, answers: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if answers and self.cut_answers:
                    self.cut()
                    return
                if self._black.is_set() or (answers and self.swallow_answers):
                    continue
                record += piece
                if self.delay:
                    time.sleep(self.delay)
                sink.sendall(piece)
        _break(sink)
        source.close()


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
