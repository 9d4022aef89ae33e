"""A TCP proxy that records, delays, cuts and swallows what passes between a client and a server."""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Proxy:
    """Listens on a free port of a loopback address and forwards to another. Changes hold from the next bytes on."""

    def __init__(self, target: int, host: str = "127.0.0.1", to: str = "127.0.0.1") -> None:
        self.sent = bytearray()  # by clients, of all connections
        self.received = bytearray()  # by clients
        self.connections = 0
        self.delay = 0.0  # seconds, before each piece is passed on
        self.drip = 0.0  # seconds, before each single byte of an answer
        self.swallow_answers = False  # the server gets everything, the client hears nothing
        self.swallow_answers_after: int | None = None  # after this many more pieces have come through
        self.cut_answers = False  # the connection breaks where the next answer would have come
        self._cut_once = threading.Event()
        self._black = threading.Event()
        self._target = (to, target)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # else the one who waits in accept() takes one more
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Break all connections there are, as a crashed server would; new ones are accepted."""
        with self._lock:
            ends, self._open = self._open, []
        for end in ends:
            _break(end)

    def cut_next_answer(self) -> None:
        """Break all connections where the next answer would have come; later ones are left alone."""
        self._cut_once.set()

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
                server = socket.create_connection(self._target, 5)
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
                if answers and (self.cut_answers or self._cut_once.is_set()):
                    self._cut_once.clear()
                    self.cut()
                    return
                if self._black.is_set() or (answers and self._swallows()):
                    continue
                record += piece
                self._pass_on(piece, sink, self.drip if answers else 0.0)
        _break(sink)
        source.close()

    def _swallows(self) -> bool:
        if self.swallow_answers_after is not None:
            self.swallow_answers_after -= 1
            return self.swallow_answers_after < 0
        return self.swallow_answers

    def _pass_on(self, piece: bytes, sink: socket.socket, drip: float) -> None:
        if self.delay:
            time.sleep(self.delay)
        if not drip:
            sink.sendall(piece)
            return
        for octet in piece:
            sink.sendall(bytes([octet]))
            time.sleep(drip)


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
