"""What an entry can be found by: keyed hashes of its codes and pseudonyms, and of the words people wrote."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from audit.body import index_row
from audit.keyring import Keyring

MOST_WORDS = 400  # of one entry
_WORD = re.compile(r"[^\W_]+")


def terms_of(keyring: Keyring, body: Mapping[str, Any]) -> set[int]:
    """The terms of an entry's body; of an intent only its attempt, whose outcome says the same and more."""
    row = index_row(dict(body))
    attempt = {keyring.term("attempt", row["correlation"])}
    if row["phase"] == "intent":
        return attempt
    more = body["unmapped"]
    found = {
        "kind": row["kind"],
        "outcome": row["outcome"],
        "by": row["actor"],
        "about": row["subject"],
        "source": body["src_endpoint"]["uid"],
        "ticket": more.get("ticket"),
        "unit": more.get("unit"),
    }
    return attempt | {keyring.term(what, value) for what, value in found.items() if value}


def word_terms(keyring: Keyring, texts: Iterable[str]) -> set[int]:
    """The terms of the words in texts."""
    found = dict.fromkeys(word for text in texts for word in words_in(text))
    return {keyring.term("word", word) for word in list(found)[:MOST_WORDS]}


def words_in(text: str) -> list[str]:
    """The words of a text as they are compared: letters and digits, whatever their case or width."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
