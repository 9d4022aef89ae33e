"""Bytes to LDAP messages and back to nothing: a strict decoder around the library's trusting one."""

from ldaptor.protocols import pureber, pureldap

LARGEST_MESSAGE = 1 << 20  # bytes; a slapd takes 256 KiB from strangers, people's photos are not kept here

_SEQUENCE = 0x30


class Malformed(Exception):
    """These bytes are no LDAP message; nothing after them can be trusted either."""


class _Strict(pureber.BERDecoderContext):
    """Knows the universal types and raises for any other, where the library would print and go on."""

    def lookup_id(self, id: int) -> type[pureber.BERBase]:
        found = super().lookup_id(id)
        if found is None:
            raise Malformed(f"unknown tag {id:#x}")
        return found


_UNIVERSAL = _Strict()
_FILTERS = pureldap.LDAPBERDecoderContext_Filter(fallback=_UNIVERSAL, inherit=_UNIVERSAL)
_MESSAGES = pureldap.LDAPBERDecoderContext_TopLevel(
    fallback=_UNIVERSAL,
    inherit=pureldap.LDAPBERDecoderContext_LDAPMessage(
        fallback=pureldap.LDAPBERDecoderContext(fallback=_UNIVERSAL),
        inherit=pureldap.LDAPBERDecoderContext(fallback=_UNIVERSAL),
    ),
)
PASSWORD_MODIFY = _Strict(
    inherit=pureldap.LDAPBERDecoderContext_LDAPPasswordModifyRequest(fallback=_UNIVERSAL, inherit=_UNIVERSAL)
)


def next_length(buffer: bytes) -> int | None:
    """The length of the first message in the buffer, None if more bytes are needed. Raises Malformed."""
    if buffer[:1] not in {b"", bytes([_SEQUENCE])}:
        raise Malformed("a message is a sequence")
    if len(buffer) < 2:
        return None
    head, length = 2, buffer[1]
    if length & 0x80:
        head += length & 0x7F
        if head > 6 or head == 2:  # more than four bytes of length, or none said
            raise Malformed("length")
        if len(buffer) < head:
            return None
        length = int.from_bytes(buffer[2:head], "big")
    if head + length > LARGEST_MESSAGE:
        raise Malformed("too large")
    return head + length if len(buffer) >= head + length else None


def message(content: bytes) -> pureldap.LDAPMessage:
    """Decode one whole message. Raises Malformed."""
    made = _decode(_MESSAGES, content)
    if not isinstance(made, pureldap.LDAPMessage) or not isinstance(made.value, pureldap.LDAPProtocolRequest):
        raise Malformed("no request")
    return made


def decoded(content: bytes, context: pureber.BERDecoderContext = _UNIVERSAL) -> list[object] | None:
    """The parts of a sequence; None if the bytes are something else."""
    try:
        made = _decode(context, content)
    except Malformed:
        return None
    return list(made) if isinstance(made, pureber.BERSequence) else None


def decoded_filter(content: bytes) -> object | None:
    """A search filter; None if the bytes are something else."""
    try:
        return _decode(_FILTERS, content)
    except Malformed:
        return None


def _decode(context: pureber.BERDecoderContext, content: bytes) -> object:
    try:
        made, length = pureber.berDecodeObject(context, content)
    except Exception as wrong:  # the decoder raises whatever the bytes make it stumble over, asserts included
        raise Malformed("undecodable") from wrong
    if made is None or length != len(content):
        raise Malformed("incomplete")
    return made
