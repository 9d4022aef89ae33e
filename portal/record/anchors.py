"""Leaves the newest checkpoint elsewhere once a day: with the auditors, in another machine's log, with an authority."""

import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

from audit.anchor import checkpoint_of, in_one_line, printed
from audit.serving import checkpoint
from connectors.errors import Unavailable
from portal.database import Database
from portal.outbox import Outbox
from portal.record.tables import anchor
from portal.settings.sealer import Anchors as AnchorSettings

_PRIORITY = 10 * 8 + 6  # RFC 5424, 6.2.1: security messages, informational


class Anchors:
    """Each day's first pass that finds a checkpoint leaves it; any worker may be the one."""

    def __init__(
        self, settings: AnchorSettings, language: str, database: Database, outbox: Outbox, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._language = language
        self._database = database
        self._outbox = outbox
        self._clock = clock

    def run(self) -> None:
        """Leave today's, if nobody has."""
        if self._settings == AnchorSettings():
            return
        with self._database.read() as db:
            note = checkpoint(db)
        if note is None:
            return
        today = self._clock().date()
        row = {"day": today, "size": checkpoint_of(note).size}
        with self._database.write() as tx:
            claim = self._database.insert(anchor).values(row).on_conflict_do_nothing().returning(anchor.c.day)
            if tx.execute(claim).first() is None:
                return
            values = {"note": note.decode(), "lines": printed(note), "day": today.isoformat()}
            for address in self._settings.mail:
                letter = {"to": address, "template": "checkpoint", "language": self._language, "values": values}
                self._outbox.put(tx, "letter", letter)
            if self._settings.syslog:
                self._outbox.put(tx, "anchor", {"line": in_one_line(note)})
            if self._settings.timestamp:
                self._outbox.put(tx, "timestamp", {"size": row["size"]})

    def carry(self, id_: str, content: dict[str, Any]) -> None:
        """Write one line into the other machine's log; raises Unavailable."""
        host, colon, port = self._settings.syslog.rpartition(":")
        line = f"<{_PRIORITY}>sparekey: checkpoint {content['line']}".encode()
        try:
            if not colon:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
                    local.connect(self._settings.syslog)
                    local.send(line)
                return
            family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind, protocol) as remote:
                remote.sendto(line, address)
        except OSError as error:
            raise Unavailable(f"syslog: {error.strerror}") from error
