"""Entries on disk: all in memory for reading, each write committed to SQLite before it is answered."""

import json
import sqlite3
from pathlib import Path

from portal.demo.directory.entry import Entry
from portal.demo.directory.names import Key

_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (position INTEGER PRIMARY KEY, dn TEXT UNIQUE NOT NULL, body TEXT NOT NULL)"


class Store:
    """A set of entries kept in one file. To be used from one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(_SCHEMA)
        rows = self._database.execute("SELECT dn, body FROM entry ORDER BY position")
        self.entries: dict[Key, Entry] = {entry.key: entry for entry in (_read(dn, body) for dn, body in rows)}

    def save(self, *entries: Entry) -> None:
        """Write entries, new or changed, all or none; they are on disk when this returns.

        Raises sqlite3.Error if the disk does not take them; then nothing has changed, in memory neither.
        """
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.executemany(
                "INSERT INTO entry (dn, body) VALUES (?, ?) ON CONFLICT (dn) DO UPDATE SET body = excluded.body",
                [(self._stored_dn(entry), _body(entry)) for entry in entries],
            )
            self._database.execute("COMMIT")
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self.entries.update((entry.key, entry) for entry in entries)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _stored_dn(self, entry: Entry) -> str:
        known = self.entries.get(entry.key)
        return known.dn if known else entry.dn


def _body(entry: Entry) -> str:
    # Surrogate escapes carry bytes that are no UTF-8 through JSON and back unharmed.
    text = {name: [v.decode("utf-8", "surrogateescape") for v in values] for name, values in entry.attributes.items()}
    return json.dumps(text)


def _read(dn: str, body: str) -> Entry:
    text: dict[str, list[str]] = json.loads(body)
    return Entry(dn, {name: [v.encode("utf-8", "surrogateescape") for v in values] for name, values in text.items()})
