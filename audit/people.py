"""What the people behind pseudonyms were called when they were last looked up, so that they are found by their names.

It is kept beside the log, encrypted, and forgotten with the person.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from audit.keyring import Keyring
from audit.reading import milliseconds
from audit.tables import names, people
from audit.terms import words_in

MOST_FOUND = 20  # whoever's name fits more people has to say more of it


class Known(NamedTuple):
    """Somebody by login and name, as of a moment in milliseconds."""

    login: str
    name: str
    seen: int = 0


def remember(tx: Connection, keyring: Keyring, pseudonym: str, *, login: str, name: str, seen: datetime) -> None:
    """Note what somebody is called by now."""
    forget(tx, pseudonym)
    content = keyring.encrypt(json.dumps([login, name]), _place(pseudonym))
    tx.execute(insert(people), {"pseudonym": pseudonym, "seen": milliseconds(seen), "content": content})
    terms = {keyring.term("login", login.casefold()), *(keyring.term("name", word) for word in words_in(name))}
    tx.execute(insert(names), [{"term": term, "pseudonym": pseudonym} for term in sorted(terms)])


def known(tx: Connection, keyring: Keyring, pseudonyms: Iterable[str]) -> Mapping[str, Known]:
    """What these people were called, as far as that is known."""
    chosen = select(people).where(people.c.pseudonym.in_(list(pseudonyms)))
    found = {}
    for row in tx.execute(chosen):
        login, name = json.loads(keyring.decrypt(bytes(row.content), _place(row.pseudonym)))
        found[row.pseudonym] = Known(login, name, row.seen)
    return found


def called(tx: Connection, keyring: Keyring, text: str) -> list[str]:
    """The pseudonyms of whoever has this login, or else all these words in the name: MOST_FOUND, and one if more."""
    login = select(names.c.pseudonym).where(names.c.term == keyring.term("login", text.strip().casefold()))
    found = list(tx.execute(login.limit(MOST_FOUND)).scalars())
    terms = [keyring.term("name", word) for word in dict.fromkeys(words_in(text))]
    if found or not terms:
        return found
    everything = (
        select(names.c.pseudonym)
        .where(names.c.term.in_(terms))
        .group_by(names.c.pseudonym)
        .having(func.count() == len(terms))
        .limit(MOST_FOUND + 1)
    )
    return list(tx.execute(everything).scalars())


def forget(tx: Connection, pseudonym: str) -> None:
    """Delete what somebody was called."""
    for table in (people, names):
        tx.execute(delete(table).where(table.c.pseudonym == pseudonym))


def _place(pseudonym: str) -> bytes:
    return f"person {pseudonym}".encode()
