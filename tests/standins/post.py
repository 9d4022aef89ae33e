"""A ticket system that is written to by mail, and the way there, on which a mail server may fail in every way it can.

The system does with letters what osTicket does: it drops one whose Message-ID it has seen (RFC 5322 3.6.4), and adds
one that refers to another to that one's ticket.
"""

import asyncio
import threading
from collections import Counter
from email import message_from_bytes
from email.policy import default
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.standins.ticket_system import Held
from tests.standins.wire import Fault, Wire


class MailDesk:
    """What has come in."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}  # by Message-ID
        self.later: dict[str, str] = {}  # the mark of a letter that belongs to one before, by Message-ID
        self.arrived: Counter[str] = Counter()

    def take(self, content: bytes) -> None:
        letter = message_from_bytes(content, policy=default)
        mark = str(letter["Message-ID"])
        self.arrived[mark] += 1
        if self.arrived[mark] > 1:
            return
        if str(letter["In-Reply-To"]) in self.titles:
            self.later[mark] = mark
        else:
            self.titles[mark] = str(letter["Subject"])

    def held(self) -> Held:
        return Held(list(self.titles.values()), list(self.later))


class FaultyPost(Wire):
    """A mail server on the way to the desk. Listens on a free port while it is entered."""

    def __init__(self, desk: MailDesk, **more: Any) -> None:
        super().__init__(repeats=("DATA",), **more)
        self._desk = desk
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> "FaultyPost":
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(self._protocol, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _protocol(self) -> SMTP:
        return SMTP(self, enable_SMTPUTF8=True, hostname="localhost", loop=self._loop)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = bytes(envelope.content or b"")
        fault = self.begin("DATA")
        if fault is Fault.LATE:  # in a task of its own: it goes on when the client has gone
            task = self._loop.create_task(self._take_late(content))
            self._tasks.add(task)
            await task
            return "250 taken"
        try:
            return self._treat(fault, server, content)
        finally:
            self.end()

    async def _take_late(self, content: bytes) -> None:
        try:
            await asyncio.sleep(self.late)
            self._desk.take(content)
        finally:
            self.end()

    def _treat(self, fault: Fault | None, server: SMTP, content: bytes) -> str:
        if fault is Fault.BUSY:
            return "451 4.3.0 not now"
        if fault is not Fault.REFUSED:
            self._desk.take(content)
        if fault is Fault.REPEATED:  # as a relay does that did not hear the answer, either
            self._desk.take(content)
        if fault is Fault.BROKEN:
            return "451 4.3.0 something went wrong"
        if fault is Fault.GARBAGE:
            return "<html>something else</html>"
        if fault in (Fault.REFUSED, Fault.DROPPED, Fault.CUT) and server.transport:
            if fault is Fault.CUT:
                server.transport.write(b"25")
            server.transport.abort()
        return "250 taken"
