"""The extended operations: StartTLS, password modify (RFC 3062), who am I (RFC 4532)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ldaptor.protocols import pureldap

from portal.demo.directory import wire
from portal.demo.directory.modify import modify_password
from portal.demo.directory.refusal import Code, Refusal
from portal.demo.directory.session import Session

if TYPE_CHECKING:
    from portal.demo.directory.server import DirectoryServer

Operation = Callable[["DirectoryServer", bytes | None, Callable[..., None]], None]

_START_TLS = b"1.3.6.1.4.1.1466.20037"
_WHO_AM_I = b"1.3.6.1.4.1.4203.1.11.3"
_PASSWORD_MODIFY = b"1.3.6.1.4.1.4203.1.11.1"


def start_tls(server: "DirectoryServer", _value: bytes | None, reply: Callable[..., None]) -> None:
    """Encrypt the connection. Whoever was bound is so no longer."""
    if server.encrypted:
        raise Refusal(Code.OPERATIONS_ERROR, "TLS already started")
    if server.buffer:
        # Commands sent along in clear must not be carried out as if they had come encrypted.
        raise wire.Malformed("bytes after StartTLS")
    server.session = Session()
    reply(pureldap.LDAPExtendedResponse(Code.SUCCESS, responseName=_START_TLS))
    server.transport.startTLS(server.factory.tls)


def who_am_i(server: "DirectoryServer", _value: bytes | None, reply: Callable[..., None]) -> None:
    """Tell the client who is bound; nothing for nobody."""
    name = f"dn:{server.session.dn}" if server.session.who else ""
    reply(pureldap.LDAPExtendedResponse(Code.SUCCESS, response=name))


def password_modify(server: "DirectoryServer", value: bytes | None, reply: Callable[..., None]) -> None:
    """Set a password: one's own, or anybody's for the portal."""
    who = server.session.known("only authenticated users may change passwords")
    parts = wire.decoded(value, wire.PASSWORD_MODIFY) if value else []
    if parts is None:
        raise Refusal(Code.PROTOCOL_ERROR, "data decoding error")
    given = {type(part): getattr(part, "value", None) for part in parts}
    named = given.get(pureldap.LDAPPasswordModifyRequest_userIdentity)
    tree = server.factory.tree
    entry = tree.named(named) if named is not None else tree.find(who)
    if entry is None:
        raise Refusal(Code.NO_SUCH_OBJECT)
    modify_password(
        tree,
        server.factory.access,
        server.session,
        entry=entry,
        old=given.get(pureldap.LDAPPasswordModifyRequest_oldPasswd),
        new=given.get(pureldap.LDAPPasswordModifyRequest_newPasswd),
    )
    reply(pureldap.LDAPExtendedResponse(Code.SUCCESS))


EXTENDED: dict[bytes, Operation] = {
    _START_TLS: start_tls,
    _PASSWORD_MODIFY: password_modify,
    _WHO_AM_I: who_am_i,
}
OIDS = tuple(EXTENDED)
