"""The controls this directory understands, decoded from and encoded to the wire."""

from dataclasses import dataclass

from ldaptor.protocols import pureber

from portal.demo.directory import wire
from portal.demo.directory.refusal import Code, PolicyError, Refusal

POLICY = b"1.3.6.1.4.1.42.2.27.8.5.1"  # draft-behera-ldap-password-policy-10
PAGES = b"1.2.840.113556.1.4.319"  # RFC 2696
ASSERTION = b"1.3.6.1.1.12"  # RFC 4528
KNOWN = (POLICY, PAGES, ASSERTION)

Control = tuple[bytes, bool | None, bytes | None]  # OID, criticality, value, as the library encodes it


@dataclass(frozen=True)
class Page:
    """The wish for one page: its size in entries, and where to go on; an empty cookie starts."""

    size: int
    cookie: bytes


def sent(controls: list[Control] | None, usable: frozenset[bytes]) -> dict[bytes, bytes | None]:
    """A request's controls that its operation can use. Raises Refusal 12 for another that must not be ignored."""
    found: dict[bytes, bytes | None] = {}
    for oid, critical, value in controls or ():
        if oid in usable:
            found[oid] = value
        elif critical:
            raise Refusal(Code.UNAVAILABLE_CRITICAL_EXTENSION, "critical extension is not recognized")
    return found


def policy_answer(
    error: PolicyError | None, *, grace_left: int | None = None, expires_in: int | None = None
) -> Control:
    """The password policy's answer: an error, a warning, or an empty one."""
    warning = b""
    if expires_in is not None:
        warning = _tagged(0xA0, _tagged(0x80, _number(expires_in)))
    elif grace_left is not None:
        warning = _tagged(0xA0, _tagged(0x81, _number(grace_left)))
    problem = b"" if error is None else _tagged(0x81, _number(error))
    return (POLICY, None, _tagged(0x30, warning + problem))


def page(value: bytes | None) -> Page:
    """Decode a wish for a page. Raises Refusal 2 if it is none."""
    match wire.decoded(value or b""):
        case [pureber.BERInteger(value=int(size)), pureber.BEROctetString(value=bytes(cookie))] if size >= 0:
            return Page(size, cookie)
    raise Refusal(Code.PROTOCOL_ERROR, "paged results control could not be decoded")


def page_answer(cookie: bytes) -> Control:
    """Say where the next page starts; an empty cookie ends the search."""
    return (PAGES, None, pureber.BERSequence([pureber.BERInteger(0), pureber.BEROctetString(cookie)]).toWire())


def assertion(value: bytes | None) -> object:
    """Decode the filter an entry must fit before anything is done. Raises Refusal 2 if it is none."""
    wanted = wire.decoded_filter(value or b"")
    if wanted is None:
        raise Refusal(Code.PROTOCOL_ERROR, "assertion control could not be decoded")
    return wanted


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + bytes(pureber.int2berlen(len(content))) + content


def _number(value: int) -> bytes:
    return bytes(pureber.int2ber(value))
