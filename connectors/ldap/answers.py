"""LDAP answers from their octets (RFC 4511, section 4, in BER): what `requests.py` is for the other direction.

ldap3 can read them, too, but its way cost more time than all else an answer takes from us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.ldap.entry import Entry

UNASKED = 0
"""The message number of what a server says by itself: that it is about to hang up (RFC 4511, 4.1.1)."""

_ENTRY, _REFERENCE, _INTERMEDIATE = 0x64, 0x73, 0x79
NOT_LAST = frozenset({_ENTRY, _REFERENCE, _INTERMEDIATE})
"""Kinds of message that come before the last answer to a request; all others end it."""

_LARGEST = 16 * 1024 * 1024  # no entry is larger; a length beyond is garbage, and nobody waits for its end
_CONTROLS, _LONG, _ENDLESS = 0xA0, 0x80, 0x80


class Garbled(ValueError):
    """These octets are no LDAP message."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One message of a server. `kind` is its tag; an entry has no code, and a result has no entry."""

    number: int
    kind: int
    code: int = 0
    message: str = ""
    entry: Entry | None = None
    controls: Mapping[str, bytes] = field(default_factory=dict)


def size_of(begun: bytes | bytearray) -> int:
    """How long the message is that begins so; 0 if that cannot be told yet. Raises Garbled."""
    if len(begun) < 2:
        return 0
    length = begun[1]
    more = length & 0x7F if length & _LONG else 0
    if begun[0] != 0x30 or length == _ENDLESS or more > 4:
        raise Garbled("no message begins so")
    if len(begun) < 2 + more:
        return 0
    size = 2 + more + (int.from_bytes(begun[2 : 2 + more], "big") if more else length)
    if size > _LARGEST:
        raise Garbled(f"a message of {size} octets")
    return size


def read(octets: bytes) -> Answer:
    """One whole message. Raises Garbled."""
    try:
        return _message(octets)
    except IndexError:
        raise Garbled("a message is cut short") from None


def page_of(value: bytes) -> bytes:
    """The cookie of the next page (RFC 2696), empty after the last, out of the control in an answer. Raises Garbled."""
    try:
        _, at, end = _element(value, 0, len(value))
        _, _, at = _element(value, at, end)
        _, start, end = _element(value, at, end)
    except IndexError:
        raise Garbled("the control of a page is cut short") from None
    return value[start:end]


def _message(octets: bytes) -> Answer:
    _, at, whole = _element(octets, 0, len(octets))
    _, start, end = _element(octets, at, whole)
    number = int.from_bytes(octets[start:end], "big")
    kind, start, end = _element(octets, end, whole)
    controls = _controls(octets, end, whole) if end < whole else {}
    if kind == _ENTRY:
        return Answer(number=number, kind=kind, entry=_entry(octets, start, end), controls=controls)
    if kind in (_REFERENCE, _INTERMEDIATE):
        return Answer(number=number, kind=kind)
    _, at, after = _element(octets, start, end)
    code = int.from_bytes(octets[at:after], "big")
    _, _, after = _element(octets, after, end)  # the DN that was found before something went wrong
    _, at, after = _element(octets, after, end)
    words = octets[at:after].decode("utf-8", "replace")
    return Answer(number=number, kind=kind, code=code, message=words, controls=controls)


def _entry(octets: bytes, at: int, end: int) -> Entry:
    _, start, at = _element(octets, at, end)
    dn = octets[start:at].decode("utf-8", "replace")
    raw: dict[str, list[bytes]] = {}
    _, at, end = _element(octets, at, end)
    while at < end:
        _, inner, at = _element(octets, at, end)
        _, start, inner = _element(octets, inner, at)
        name = octets[start:inner].decode("utf-8", "replace").lower()
        _, inner, last = _element(octets, inner, at)
        values = raw[name] = []
        while inner < last:
            _, start, inner = _element(octets, inner, last)
            values.append(octets[start:inner])
    return Entry(dn, raw)


def _controls(octets: bytes, at: int, end: int) -> dict[str, bytes]:
    tag, at, end = _element(octets, at, end)
    found = {}
    while tag == _CONTROLS and at < end:
        _, inner, at = _element(octets, at, end)
        _, start, inner = _element(octets, inner, at)
        oid, value = octets[start:inner].decode("ascii", "replace"), b""
        while inner < at:  # whether it is critical says nothing in an answer
            kind, start, inner = _element(octets, inner, at)
            value = octets[start:inner] if kind == 0x04 else value
        found[oid] = value
    return found


def _element(octets: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, beginning and end of the content of the element that begins at `at` and ends by `end` at the latest."""
    tag, length, at = octets[at], octets[at + 1], at + 2
    if length & _LONG:
        more = length & 0x7F
        if not 1 <= more <= 4:
            raise Garbled("an element of no known length")
        length, at = int.from_bytes(octets[at : at + more], "big"), at + more
    if at + length > end:
        raise Garbled("an element ends after what it lies in")
    return tag, at, at + length
