"""Search filters with the three truth values of RFC 4511, section 4.5.1.7: true, false, undefined (None)."""

from collections.abc import Callable

from ldaptor.protocols import pureldap

from portal.demo.directory import schema
from portal.demo.directory.schema import AttributeType, Syntax

Values = Callable[[AttributeType], list[bytes] | None]  # None: the asker may not look at this attribute
Truth = bool | None

_COMPARISONS = (
    pureldap.LDAPFilter_equalityMatch,
    pureldap.LDAPFilter_approxMatch,
    pureldap.LDAPFilter_greaterOrEqual,
    pureldap.LDAPFilter_lessOrEqual,
)


def truth(wanted: object, values: Values) -> Truth:
    """Whether an entry, seen through `values`, fits the filter."""
    match wanted:
        case pureldap.LDAPFilter_and():
            parts = [truth(part, values) for part in wanted]
            return False if False in parts else None if None in parts else True
        case pureldap.LDAPFilter_or():
            parts = [truth(part, values) for part in wanted]
            return True if True in parts else None if None in parts else False
        case pureldap.LDAPFilter_not():
            inner = truth(wanted.value, values)
            return None if inner is None else not inner
        case pureldap.LDAPFilter_present():
            return _seen(wanted.value, values, lambda _kind, own: bool(own))
        case pureldap.LDAPFilter_substrings():
            return _seen(wanted.type, values, lambda kind, own: _contains(kind, wanted.substrings, own))
        case pureldap.LDAPFilter_extensibleMatch() if wanted.type is not None and wanted.matchingRule is None:
            return _seen(wanted.type.value, values, lambda kind, own: _equal(kind, wanted.matchValue.value, own))
    if isinstance(wanted, _COMPARISONS):
        return _seen(wanted.attributeDesc.value, values, lambda kind, own: _compared(kind, wanted, own))
    return None


def _seen(name: bytes, values: Values, judge: Callable[[AttributeType, list[bytes]], Truth]) -> Truth:
    kind = schema.known(name)
    own = values(kind) if kind else None
    return None if kind is None or own is None else judge(kind, own)


def _compared(kind: AttributeType, wanted: object, own: list[bytes]) -> Truth:
    value: bytes = wanted.assertionValue.value  # type: ignore[attr-defined]
    if isinstance(wanted, pureldap.LDAPFilter_greaterOrEqual):
        return _ordered(kind, value, own, lambda mine, asked: mine >= asked)
    if isinstance(wanted, pureldap.LDAPFilter_lessOrEqual):
        return _ordered(kind, value, own, lambda mine, asked: mine <= asked)
    return _equal(kind, value, own)


def _equal(kind: AttributeType, value: bytes, own: list[bytes]) -> Truth:
    asked = schema.folded(kind, value)
    if asked is None:
        return None
    if kind.name == "objectClass":
        own = [*own, *(above for one in own for above in schema.SUPERIORS.get(one.decode().lower(), ()))]
    return any(schema.folded(kind, mine) == asked for mine in own)


def _ordered(kind: AttributeType, value: bytes, own: list[bytes], holds: Callable[..., bool]) -> Truth:
    asked = schema.folded(kind, value)
    if not kind.ordered or asked is None:
        return None
    return any(holds(mine, asked) for mine in (schema.folded(kind, one) for one in own) if mine is not None)


def _contains(kind: AttributeType, pieces: list[object], own: list[bytes]) -> Truth:
    if kind.syntax is not Syntax.TEXT:
        return None
    return any(_fits_pieces(_folded_text(mine), pieces) for mine in own)


def _fits_pieces(text: str, pieces: list[object]) -> bool:
    position = 0
    for piece in pieces:
        part = _folded_text(piece.value)  # type: ignore[attr-defined]
        if isinstance(piece, pureldap.LDAPFilter_substrings_initial):
            if not text.startswith(part):
                return False
            position = len(part)
        elif isinstance(piece, pureldap.LDAPFilter_substrings_final):
            return len(text) - len(part) >= position and text.endswith(part)
        else:
            found = text.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
    return True


def _folded_text(value: bytes) -> str:
    return value.decode("utf-8", "replace").casefold()
