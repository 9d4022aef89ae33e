"""Whoever looks at the record is on record himself: once for each search, entry and download of a session."""

from collections.abc import MutableMapping
from typing import Any

from audit.event import Event
from audit.log import AuditLog
from portal.database import Database
from portal.identity import Principal

MOST_REMEMBERED = 200  # looks of one session; older ones are recorded again


class Looks:
    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    def searched(self, session: MutableMapping[str, Any], actor: Principal, filters: str, target: str | None) -> None:
        """A search by these filters, which may be about one person; its further pages are the same search."""
        self._once(session, f"search {filters}", looked(actor, "audit_searched", object=filters, target=target))

    def viewed(self, session: MutableMapping[str, Any], actor: Principal, number: int, target: str | None) -> None:
        """One entry."""
        self._once(session, f"entry {number}", looked(actor, "audit_viewed", number=number, target=target))

    def exported(self, session: MutableMapping[str, Any], actor: Principal, number: int, target: str | None) -> None:
        """An entry's bytes or its proof."""
        self._once(session, f"export {number}", looked(actor, "audit_exported", number=number, target=target))

    def _once(self, session: MutableMapping[str, Any], look: str, event: Event) -> None:
        before: list[str] = session.get("looks", [])
        if look in before:
            return
        with self._database.write() as tx:
            self._log.record(tx, event, "success")
        session["looks"] = [*before, look][-MOST_REMEMBERED:]


def looked(actor: Principal, kind: str, **what: Any) -> Event:
    """What an auditor does, as the record names it."""
    return Event(kind=kind, **actor.in_record, **what)
