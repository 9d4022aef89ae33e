"""Makes entries findable after they were written, so that appending costs nothing more.

What it makes can always be made again from the entries and their disclosures, see `portal audit index`.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from audit import private, store
from audit.body import index_row
from audit.keyring import Keyring
from audit.tables import entries, indexed, terms, words
from audit.terms import terms_of, word_terms

A_TIME = 500  # entries in one transaction: on SQLite it holds the lock that appending waits for
_HERE = select(indexed.c.size).where(indexed.c.id == 1)


def behind(tx: Connection) -> int:
    """How many entries cannot be found by their terms yet."""
    return store.size(tx) - int(tx.execute(_HERE).scalar_one())


def catch_up(tx: Connection, keyring: Keyring, most: int = A_TIME) -> list[str]:
    """Make the next entries findable and return the pseudonyms they name; [] if there is nothing to do."""
    first = tx.execute(_HERE.with_for_update()).scalar_one()  # nothing is put in twice
    chosen = select(entries.c.idx, entries.c.body).where(entries.c.idx >= first).order_by(entries.c.idx).limit(most)
    events = {number: json.loads(bytes(body)) for number, body in tx.execute(chosen)}
    if not events:
        return []
    found = [{"term": t, "idx": n} for n, event in events.items() for t in sorted(terms_of(keyring, event))]
    if found:
        tx.execute(insert(terms), found)
    _put_words(tx, keyring, list(events))
    tx.execute(update(indexed).where(indexed.c.id == 1).values(size=max(events) + 1))
    return _named(events.values())


def clear(tx: Connection) -> None:
    """Forget every term, so that all of them are made anew."""
    for table in (terms, words):
        tx.execute(delete(table))
    tx.execute(update(indexed).where(indexed.c.id == 1).values(size=0))


def _put_words(tx: Connection, keyring: Keyring, numbers: Sequence[int]) -> None:
    found = [
        {"term": term, "idx": number}
        for number, disclosed in private.disclosures(tx, keyring, numbers).items()
        for term in sorted(word_terms(keyring, _written(disclosed)))
    ]
    if found:
        tx.execute(insert(words), found)


def _written(disclosed: Sequence[str]) -> list[str]:
    return [value for name, value in private.named(disclosed).items() if name != "source"]


def _named(events: Iterable[dict[str, Any]]) -> list[str]:
    rows = [index_row(event) for event in events]
    return list(dict.fromkeys(who for row in rows for who in (row["actor"], row["subject"]) if who))
