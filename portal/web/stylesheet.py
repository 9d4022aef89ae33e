"""Leaves out of a stylesheet the rules for classes that no page uses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PIECE = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|.", re.DOTALL)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
GROUPING = ("@media", "@supports", "@layer", "@container")


@dataclass(frozen=True)
class Rule:
    """One statement of a stylesheet: what stands before the brace, and the body (None for a statement without one)."""

    head: str
    body: str | None


def only_used(css: str, words: set[str]) -> str:
    """The stylesheet without the selectors that name a class not in `words`; what is not a plain rule stays as it is.

    Too many words only keep too many rules. The licence comment at the top stays, a source map is dropped.
    Raises ValueError where braces or strings do not close.
    """
    licence = css[: css.index("*/") + 2] if css.startswith('@charset "UTF-8";/*') or css.startswith("/*!") else ""
    kept = "".join(_kept(rule, words) for rule in _rules(css.removeprefix(licence)))
    return licence + _without_idle_frames(kept)


def _kept(rule: Rule, words: set[str]) -> str:
    if rule.body is None:
        return rule.head + ";"
    if rule.head.startswith(GROUPING):
        inner = "".join(_kept(part, words) for part in _rules(rule.body))
        return f"{rule.head}{{{inner}}}" if inner else ""
    if rule.head.startswith("@"):
        return f"{rule.head}{{{rule.body}}}"
    selectors = [selector for selector in _split(rule.head, ",") if _is_used(selector, words)]
    return f"{','.join(selectors)}{{{rule.body}}}" if selectors else ""


def _is_used(selector: str, words: set[str]) -> bool:
    """Every class it demands is in use; what stands in brackets, as in `:not(.x)`, demands nothing."""
    bare = re.sub(r"\[[^\]]*\]", "", selector)
    while "(" in bare:
        bare, changes = re.subn(r"\([^()]*\)", "", bare)
        if not changes:
            raise ValueError(f"brackets do not close: {selector}")
    return all(name in words for name in CLASS.findall(bare))


def _without_idle_frames(css: str) -> str:
    """Drop the keyframes that no remaining rule plays."""
    kept = []
    for rule in _rules(css):
        name = rule.head.rpartition(" ")[2]
        if rule.head.startswith("@keyframes") and len(re.findall(rf"[:\s]{re.escape(name)}\b", css)) < 2:
            continue
        kept.append(rule.head + ";" if rule.body is None else f"{rule.head}{{{rule.body}}}")
    return "".join(kept)


def _rules(css: str) -> Iterator[Rule]:
    """The statements of one level, comments left out."""
    head, body, depth = "", "", 0
    for piece in PIECE.findall(css):
        if piece.startswith("/*"):
            continue
        depth += (piece == "{") - (piece == "}")
        if depth < 0:
            raise ValueError("a brace closes that never opened")
        if depth == 0 and piece in ";}":
            yield Rule(head.strip(), body[1:] if piece == "}" else None)
            head = body = ""
        elif depth == 0:
            head += piece
        else:
            body += piece
    if depth or head.strip():
        raise ValueError("the stylesheet ends inside a rule")


def _split(text: str, separator: str) -> Iterator[str]:
    """Parts of a selector list; a comma in brackets does not part."""
    part, depth = "", 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == separator and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    yield part
