"""Reading from an entry's access list whether somebody holds an extended right (MS-DTYP, 2.4.4 to 2.4.6).

Trying the right to reset a password out would set one; the list tells the same and changes nothing.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from connectors.ldap.requests import control

DACL_ONLY = control("1.2.840.113556.1.4.801", b"\x30\x03\x02\x01\x04")
"""Asks for the one part of nTSecurityDescriptor that ordinary accounts may read (LDAP_SERVER_SD_FLAGS_OID)."""

_ALLOWED, _DENIED, _ALLOWED_OBJECT, _DENIED_OBJECT = 0, 1, 5, 6
_FOR_CHILDREN_ONLY = 0x08
_HAS_TYPE, _HAS_INHERITED_TYPE = 0x1, 0x2
_EXTENDED_RIGHT, _EVERYTHING = 0x100, 0x10000000


@dataclass(frozen=True)
class _Rule:
    allows: bool
    mask: int
    type: UUID | None
    sid: bytes


def holds(descriptor: bytes, token: frozenset[bytes], right: UUID) -> bool:
    """Whether someone with these security identifiers has that extended right; the first rule that fits decides."""
    try:
        for rule in _rules(descriptor):
            if rule.sid in token and rule.mask & (_EXTENDED_RIGHT | _EVERYTHING) and rule.type in (None, right):
                return rule.allows
    except (struct.error, ValueError):
        return False  # garbled: nothing can be said for it
    return False


def _rules(descriptor: bytes) -> Iterator[_Rule]:
    (at,) = struct.unpack_from("<I", descriptor, 16)
    if not at:
        return
    (count,) = struct.unpack_from("<H", descriptor, at + 4)
    at += 8
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", descriptor, at)
        if kind in (_ALLOWED, _DENIED, _ALLOWED_OBJECT, _DENIED_OBJECT) and not flags & _FOR_CHILDREN_ONLY:
            yield _rule(kind, descriptor[at + 4 : at + size])
        at += size


def _rule(kind: int, body: bytes) -> _Rule:
    (mask,) = struct.unpack_from("<I", body)
    if kind in (_ALLOWED, _DENIED):
        return _Rule(kind == _ALLOWED, mask, None, body[4:])
    (present,) = struct.unpack_from("<I", body, 4)
    right = UUID(bytes_le=body[8:24]) if present & _HAS_TYPE else None
    sid = body[8 + 16 * bool(present & _HAS_TYPE) + 16 * bool(present & _HAS_INHERITED_TYPE) :]
    return _Rule(kind == _ALLOWED_OBJECT, mask, right, sid)
