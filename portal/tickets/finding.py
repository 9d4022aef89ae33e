"""Searching in tickets whose content is sealed: a keyed fingerprint of each word, so that the database shows none.

Whole words are found, in any case and without regard to accents.
"""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Select, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from portal.keys import Keys
from portal.tables import ticket
from portal.tickets.tables import ticket_word

WORD = re.compile(r"\w{2,}")
MOST = 400  # words kept of one text; a longer one is found by its beginning
LENGTH = 16  # hex digits of a fingerprint


def add_words(tx: Connection, keys: Keys, number: int, *texts: str, person: Iterable[str] = ()) -> None:
    """Let a ticket be found by these texts, and as the ticket of this person."""
    names = " ".join(person)
    digests = _digests(keys, "any", " ".join((*texts, names))) | _digests(keys, "person", names)
    rows = [{"digest": digest, "ticket": number} for digest in sorted(digests)]
    if rows:
        dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
        tx.execute(dialect.insert(ticket_word).on_conflict_do_nothing(), rows)


def has_words(keys: Keys, text: str, *, of_person: bool = False) -> ColumnElement[bool] | None:
    """The condition that all these words stand in a ticket, or in the names of its person; None: there are none."""
    digests = _digests(keys, "person" if of_person else "any", text)
    return and_(*(ticket.c.number.in_(_with(digest)) for digest in sorted(digests))) if digests else None


def _with(digest: str) -> Select[tuple[int]]:
    return select(ticket_word.c.ticket).where(ticket_word.c.digest == digest)


def _digests(keys: Keys, field: str, text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    found = dict.fromkeys(WORD.findall(plain))
    return {keys.digest(f"ticket-word/{field}", word)[:LENGTH] for word in list(found)[:MOST]}
