"""LDAP requests as octets (RFC 4511, section 4, in BER), and filters whose values need no escaping.

ldap3 could build them, too, but that costs more time than all else a request takes from us.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NewType

from ldap3.operation.search import compile_filter, parse_filter
from ldap3.utils.asn1 import encode

Filter = NewType("Filter", bytes)
Changes = Mapping[str, Sequence[tuple["Change", Sequence[bytes]]]]

_FALSE = b"\x01\x01\x00"
_PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105  (an object identifier, RFC 3062)


class Change(IntEnum):
    """What a modification does with the values it carries."""

    ADD = 0
    DELETE = 1
    REPLACE = 2


class Scope(IntEnum):
    """How far below its base a search looks."""

    ENTRY = 0
    SUBTREE = 2


def element(tag: int, *parts: bytes) -> bytes:
    """One BER element with a definite length."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def octets(value: str | bytes) -> bytes:
    return element(0x04, value.encode() if isinstance(value, str) else value)


def number(value: int, tag: int = 0x02) -> bytes:
    """A non-negative INTEGER or, with another tag, ENUMERATED."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def message(message_id: int, operation: bytes, controls: Sequence[bytes]) -> bytes:
    wanted = (element(0xA0, *controls),) if controls else ()
    return element(0x30, number(message_id), operation, *wanted)


def control(oid: str, value: bytes | None = None) -> bytes:
    """A control that a server may overlook."""
    return element(0x30, octets(oid), *(() if value is None else (octets(value),)))


def page(size: int, cookie: bytes) -> bytes:
    """The value of the control that asks for one page of a search (RFC 2696)."""
    return element(0x30, number(size), octets(cookie))


def bind(dn: str, password: str) -> bytes:
    return element(0x60, number(3), octets(dn), element(0x80, password.encode()))


def search(base: str, scope: Scope, wanted: Filter, attributes: Sequence[str], limit: int) -> bytes:
    head = number(scope, 0x0A) + number(0, 0x0A) + number(limit) + number(0) + _FALSE  # aliases: never
    return element(0x63, octets(base), head, wanted, _selection(tuple(attributes) or ("1.1",)))


def compare(dn: str, attribute: str, value: str) -> bytes:
    return element(0x6E, octets(dn), element(0x30, octets(attribute), octets(value)))


def modify(dn: str, changes: Changes) -> bytes:
    parts = (
        element(0x30, number(kind, 0x0A), element(0x30, octets(name), element(0x31, *map(octets, values))))
        for name, several in changes.items()
        for kind, values in several
    )
    return element(0x66, octets(dn), element(0x30, *parts))


def extended(oid: str, value: bytes | None = None) -> bytes:
    return element(0x77, element(0x80, oid.encode()), *(() if value is None else (element(0x81, value),)))


def password_modify(new: str, dn: str | None, old: str | None) -> bytes:
    """RFC 3062; without a DN for whoever is bound."""
    given = ((0x80, dn), (0x81, old), (0x82, new))
    fields = (element(tag, text.encode()) for tag, text in given if text is not None)
    return extended(_PASSWORD_MODIFY, element(0x30, *fields))


def equals(attribute: str, value: str | bytes) -> Filter:
    """Matches by equality. The value is sent as it is: whatever it holds, it cannot become part of the filter."""
    return Filter(element(0xA3, octets(attribute), octets(value)))


def contains(attribute: str, value: str) -> Filter:
    """Matches values with this text anywhere in them (RFC 4511, 4.5.1.7.2)."""
    return Filter(element(0xA4, octets(attribute), element(0x30, element(0x81, value.encode()))))


def present(attribute: str) -> Filter:
    """Matches entries that have the attribute at all (RFC 4511, 4.5.1.7.5)."""
    return Filter(element(0x87, attribute.encode()))


def at_least(attribute: str, value: str) -> Filter:
    """Matches values that the server orders at or after this one; nothing, where the attribute has no order."""
    return Filter(element(0xA5, octets(attribute), octets(value)))


def at_most(attribute: str, value: str) -> Filter:
    return Filter(element(0xA6, octets(attribute), octets(value)))


def all_of(*filters: Filter) -> Filter:
    return Filter(element(0xA0, *filters))


def any_of(*filters: Filter) -> Filter:
    return Filter(element(0xA1, *filters))


@lru_cache(maxsize=64)
def written(text: str) -> Filter:
    """A filter as an administrator wrote it (RFC 4515); never to be used with anything that a person typed.

    Raises LDAPInvalidFilterError.
    """
    return Filter(encode(compile_filter(parse_filter(text, None, False, False, None, False).elements[0])))


@lru_cache(maxsize=64)
def _selection(attributes: tuple[str, ...]) -> bytes:
    return element(0x30, *map(octets, attributes))
