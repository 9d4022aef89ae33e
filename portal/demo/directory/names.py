"""Distinguished names as RFC 4514 writes them, brought into one form so that equal names compare equal."""

import re
from functools import lru_cache

Key = tuple[str, ...]  # one folded RDN after the other, the entry's own first; () is the root

_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)*")
_SPECIAL = re.compile(r'([,+"\\<>;=])')


class InvalidName(ValueError):
    """This text is no distinguished name."""


@lru_cache(maxsize=4096)
def key(name: str) -> Key:
    """Fold a DN: letter case, spaces around and inside values and the way of escaping no longer matter.

    Raises InvalidName for text that is no DN.
    """
    if not name.strip():
        return ()
    return tuple(_fold_rdn(rdn) for rdn in _split(name, ",;"))


def escape(value: str) -> str:
    """Write an attribute value so that it can stand in a DN."""
    text = _SPECIAL.sub(r"\\\1", value).replace("\0", r"\00")
    if text[:1] in {" ", "#"}:
        text = "\\" + text
    if text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1] + "\\ "
    return text


def is_below(name: Key, base: Key) -> bool:
    """Whether an entry is the base itself or lies anywhere under it."""
    return name[len(name) - len(base) :] == base if len(name) >= len(base) else False


def _fold_rdn(rdn: str) -> str:
    parts = [_fold_pair(pair) for pair in _split(rdn, "+")]
    return "+".join(sorted(parts))


def _fold_pair(pair: str) -> str:
    attribute, equals, value = pair.partition("=")
    attribute = attribute.strip()
    if not equals or not _ATTRIBUTE.fullmatch(attribute):
        raise InvalidName(pair)
    folded = " ".join(_unescape(value).split()).casefold()
    return f"{attribute.lower()}={escape(folded)}"


def _split(text: str, separators: str) -> list[str]:
    parts, current, position = [], "", 0
    while position < len(text):
        step = 2 if text[position] == "\\" else 1
        piece = text[position : position + step]
        if piece in separators:
            parts.append(current)
            current = ""
        else:
            current += piece
        position += step
    return [*parts, current]


def _unescape(value: str) -> str:
    """Resolve backslash escapes; hex pairs are bytes of UTF-8, so neighbours are put together first."""
    out, position, value = bytearray(), 0, value.strip() if not value.endswith("\\ ") else value.lstrip()
    while position < len(value):
        if value[position] != "\\":
            out += value[position].encode()
            position += 1
        elif _HEX_PAIR.match(value, position + 1):
            out.append(int(value[position + 1 : position + 3], 16))
            position += 3
        elif position + 1 < len(value):
            out += value[position + 1].encode()
            position += 2
        else:
            raise InvalidName(value)
    try:
        return out.decode()
    except UnicodeDecodeError as wrong:
        raise InvalidName(value) from wrong
