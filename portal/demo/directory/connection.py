"""One client's connection: cutting bytes into messages, dispatching them, and answering whatever happens."""

import logging
from collections.abc import Sequence

from ldaptor.protocols import pureldap
from ldaptor.protocols.ldap.ldapserver import LDAPServer
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer  # type: ignore[import-untyped]

from portal.demo.directory import controls, wire
from portal.demo.directory.controls import ASSERTION, PAGES, POLICY, Control
from portal.demo.directory.refusal import Code, Refusal
from portal.demo.directory.session import Session

_log = logging.getLogger(__name__)

_NOTICE_OF_DISCONNECTION = b"1.3.6.1.4.1.1466.20036"  # RFC 4511, section 4.4.1
_SILENT = (pureldap.LDAPUnbindRequest, pureldap.LDAPAbandonRequest)  # requests that are never answered

_ANSWERS = {
    "LDAPBindRequest": (pureldap.LDAPBindResponse, frozenset({POLICY})),
    "LDAPSearchRequest": (pureldap.LDAPSearchResultDone, frozenset({POLICY, PAGES})),
    "LDAPModifyRequest": (pureldap.LDAPModifyResponse, frozenset({POLICY, ASSERTION})),
    "LDAPCompareRequest": (pureldap.LDAPCompareResponse, frozenset({POLICY})),
    "LDAPAddRequest": (pureldap.LDAPAddResponse, frozenset({POLICY})),
    "LDAPDelRequest": (pureldap.LDAPDelResponse, frozenset({POLICY})),
    "LDAPModifyDNRequest": (pureldap.LDAPModifyDNResponse, frozenset({POLICY})),
    "LDAPExtendedRequest": (pureldap.LDAPExtendedResponse, frozenset({POLICY})),
}


@implementer(IHalfCloseableProtocol)
class Connection(LDAPServer):
    """The part of the server that deals with bytes and mistakes; operations are `handle_<request>` of a subclass.

    A handler takes the request, the controls sent with it and a function that sends an answer, and raises Refusal.
    """

    buffer: bytes

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self._closing = False

    def connectionMade(self) -> None:  # noqa: N802 - twisted's name
        """A client is there."""
        super().connectionMade()
        self.factory.open.add(self)
        self.transport.setTcpNoDelay(True)

    def connectionLost(self, reason: object = None) -> None:  # noqa: N802
        """The client is gone."""
        super().connectionLost(reason)
        self.factory.open.discard(self)

    def readConnectionLost(self) -> None:  # noqa: N802
        """The client says no more; what was answered still goes out."""
        self._closing = True
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802
        """The client hears no more; it will hang up."""

    def dataReceived(self, recd: bytes) -> None:  # noqa: N802
        """Deal with all whole messages so far; anything that is no LDAP ends the connection, as the RFC wants."""
        self.buffer += recd
        try:
            while not self._closing and (length := wire.next_length(self.buffer)) is not None:
                content, self.buffer = self.buffer[:length], self.buffer[length:]
                self.handle(wire.message(content))
        except wire.Malformed:
            self.disconnect("protocol error")

    def disconnect(self, text: str) -> None:
        """Say why, and hang up."""
        self._closing, self.buffer = True, b""
        code = Code.PROTOCOL_ERROR
        notice = pureldap.LDAPExtendedResponse(code, errorMessage=text, responseName=_NOTICE_OF_DISCONNECTION)
        self.transport.write(pureldap.LDAPMessage(notice, id=0).toWire())
        self.transport.loseConnection()

    def handle(self, msg: pureldap.LDAPMessage) -> None:
        """Carry out one request and answer it; a fault of ours is an answer too."""
        name = type(msg.value).__name__
        if isinstance(msg.value, _SILENT):
            if isinstance(msg.value, pureldap.LDAPUnbindRequest):
                self._closing = True
                self.transport.loseConnection()
            return
        if name not in _ANSWERS or msg.id <= 0:
            raise wire.Malformed("no such request")
        answer, usable = _ANSWERS[name]
        asked_policy = any(control[0] == POLICY for control in msg.controls or ())

        def reply(operation: pureldap.LDAPProtocolResponse, sent: Sequence[Control] = ()) -> None:
            self.transport.write(pureldap.LDAPMessage(operation, controls=list(sent) or None, id=msg.id).toWire())

        try:
            getattr(self, f"handle_{name}")(msg.value, controls.sent(msg.controls, usable), reply)
        except Refusal as no:
            tell = asked_policy and no.policy is not None
            told = [controls.policy_answer(no.policy)] if tell else []
            reply(answer(no.code, matchedDN=no.matched, errorMessage=no.text), told)
        except wire.Malformed:
            raise
        except Exception:
            _log.debug("%s failed", name, exc_info=True)
            reply(answer(Code.OTHER, errorMessage="internal error"))
