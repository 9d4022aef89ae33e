"""What scripts of a person's own do with mail, as far as it matters here: whom they send it to, whether they answer.

Only words are looked for, not the grammar around them: filter editors use extensions that no parser knows all of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sievelib.parser import Lexer, ParseError, Parser
from sievelib.tools import unquote

_REST = {"hash_comment", "bracket_comment"}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Redirects as (address, whether a copy is kept); `unknown`: to an address that only the server works out."""

    redirects: tuple[tuple[str, bool], ...] = ()
    answers: bool = False
    includes: tuple[str, ...] = ()
    unknown: bool = False


def scan(text: str) -> Rules | None:
    """None: this cannot be understood."""
    try:
        tokens = [
            (kind, token.decode("utf-8", "replace"))
            for kind, token in Lexer(Parser.lrules).scan(text.encode())
            if kind not in _REST
        ]
    except ParseError:
        return None
    redirects, includes, unknown = [], [], False
    for at, (kind, word) in enumerate(tokens):
        if kind != "identifier" or word.lower() not in ("redirect", "include"):
            continue
        tags, value = _arguments(tokens[at + 1 :])
        if word.lower() == "include":
            includes.append(value)
        elif "@" not in value or "${" in value:
            unknown = True
        else:
            redirects.append((value, ":copy" in tags))
    answers = any(kind == "identifier" and word.lower() == "vacation" for kind, word in tokens)
    return Rules(redirects=tuple(redirects), answers=answers, includes=tuple(includes), unknown=unknown)


def _arguments(tokens: list[tuple[str, str]]) -> tuple[set[str], str]:
    """The tags up to the end of a command, and its first string that belongs to none of them."""
    tags: set[str] = set()
    for kind, word in _until_end(tokens):
        if kind == "tag":
            tags.add(word.lower())
        elif kind == "string":
            return tags, re.sub(r"\s+", " ", unquote(word)).strip()
    return tags, ""


def _until_end(tokens: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for kind, word in tokens:
        if kind in ("semicolon", "left_cbracket"):
            return
        yield kind, word
