"""Searching in tickets whose content is sealed: keyed fingerprints of how words begin, so that the database shows none.

Whoever types the beginning of a word finds it, in any case and without regard to accents.
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
SHORTEST, LONGEST = 3, 10  # letters of a beginning; a shorter word stands for itself, a longer one for its first ten
LENGTH = 16  # hex digits of a fingerprint


def add_words(tx: Connection, keys: Keys, number: int, *texts: str, person: Iterable[str] = ()) -> None:
    """Let a ticket be found by these texts, and as the ticket of this person."""
    names = " ".join(person)
    found = {("any", word) for word in _words(" ".join((*texts, names)))} | {("person", word) for word in _words(names)}
    digests = {_digest(keys, field, begun) for field, word in found for begun in _beginnings(word)}
    rows = [{"digest": digest, "ticket": number} for digest in sorted(digests)]
    if rows:
        dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
        tx.execute(dialect.insert(ticket_word).on_conflict_do_nothing(), rows)


def has_words(keys: Keys, text: str, *, of_person: bool = False) -> ColumnElement[bool] | None:
    """The condition that words of a ticket, or of the names of its person, begin so; None: nothing to look for."""
    field = "person" if of_person else "any"
    wanted = [{_digest(keys, field, word), _digest(keys, field, word[:LONGEST])} for word in _words(text)]
    return and_(*(ticket.c.number.in_(_with(digests)) for digests in wanted)) if wanted else None


def _with(digests: set[str]) -> Select[tuple[int]]:
    return select(ticket_word.c.ticket).where(ticket_word.c.digest.in_(sorted(digests)))


def alike(one: str, other: str) -> bool:
    """Whether two texts are likely about the same: half of the longer words of the shorter one stand in the other."""
    first, second = ({word for word in _words(text) if len(word) > SHORTEST} for text in (one, other))
    return 2 * len(first & second) >= max(2, min(len(first), len(second)))


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return list(dict.fromkeys(WORD.findall(plain)))[:MOST]


def _beginnings(word: str) -> list[str]:
    return [word[:length] for length in range(SHORTEST, min(len(word), LONGEST) + 1)] or [word]


def _digest(keys: Keys, field: str, begun: str) -> str:
    return keys.digest(f"ticket-word/{field}", begun)[:LENGTH]
