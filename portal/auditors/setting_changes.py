"""Which settings differ from those of the last start: on record by their names, never by their values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from audit.event import SYSTEM, Event
from audit.log import AuditLog
from portal.auditors.tables import setting_seen as table
from portal.database import Database
from portal.keys import Keys
from portal.settings.installation import Settings

OF_ONE_MACHINE = ("listen", "workers", "proxies", "state", "log_level")  # machines of one portal may differ in these
MOST_CHARACTERS = 60  # of a name; what a map's own keys add to it may be longer


def note_changes(settings: Settings, database: Database, log: AuditLog, keys: Keys) -> int:
    """Record each setting that was added, changed or taken away since; returns how many. The first start tells none."""
    now = {key: keys.digest("setting", f"{key}={value}") for key, value in _flat("", settings.model_dump(mode="json"))}
    with database.read() as db:
        if _seen(db) == now:
            return 0
    with database.write() as tx:
        before = _seen(tx)
        changed = sorted(key for key in now.keys() | before.keys() if now.get(key) != before.get(key))
        for key in changed:
            _keep(tx, key, before.get(key), now.get(key))
            if before:
                event = Event(kind="settings_changed", actor=SYSTEM, attribute=key)
                log.record(tx, event, "success", _how(key in before, key in now))
    return len(changed) if before else 0


def _seen(db: Connection) -> dict[str, str]:
    return {row.key: row.digest for row in db.execute(select(table))}


def _keep(tx: Connection, key: str, before: str | None, now: str | None) -> None:
    if now is None:
        tx.execute(delete(table).where(table.c.key == key))
    elif before is None:
        tx.execute(insert(table), {"key": key, "digest": now})
    else:
        tx.execute(update(table).where(table.c.key == key).values(digest=now))


def _how(was: bool, is_now: bool) -> str:
    return "changed" if was and is_now else "added" if is_now else "removed"


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    """Each setting by its name; of a list the whole counts, of which the places say little."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if prefix or key not in OF_ONE_MACHINE:
                yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    else:
        yield re.sub(r"[^A-Za-z0-9_.:#-]", "_", prefix)[:MOST_CHARACTERS], repr(value)
