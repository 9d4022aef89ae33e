"""The LDAP operations this directory carries out."""

from collections.abc import Callable

from ldaptor.protocols import pureldap
from twisted.internet import protocol
from twisted.internet.ssl import CertificateOptions

from portal.demo.directory import controls, search, tree
from portal.demo.directory.access import Access
from portal.demo.directory.bind import bind
from portal.demo.directory.connection import Connection
from portal.demo.directory.controls import ASSERTION, PAGES, POLICY
from portal.demo.directory.extended import EXTENDED, OIDS
from portal.demo.directory.modify import Modification, modify
from portal.demo.directory.refusal import Code, Refusal
from portal.demo.directory.session import Session
from portal.demo.directory.tree import Tree

Sent = dict[bytes, bytes | None]
Reply = Callable[..., None]


class DirectoryFactory(protocol.ServerFactory):
    """Makes a server for each connection; all share one tree."""

    def __init__(self, content: Tree, access: Access, tls: CertificateOptions) -> None:
        self.protocol = DirectoryServer
        self.tree = content
        self.access = access
        self.tls = tls
        self.open: set[DirectoryServer] = set()


class DirectoryServer(Connection):
    """What a client may ask for. Whether the connection is encrypted is known to the session's transport."""

    factory: DirectoryFactory

    @property
    def encrypted(self) -> bool:
        """Whether TLS is on."""
        return bool(getattr(self.transport, "TLS", False))

    def handle_LDAPBindRequest(self, request: pureldap.LDAPBindRequest, sent: Sent, reply: Reply) -> None:  # noqa: N802
        """Sign in, or go back to nobody."""
        self.session = Session()
        if request.version != 3:
            raise Refusal(Code.PROTOCOL_ERROR, "requested protocol version not supported")
        if request.sasl:
            raise Refusal(Code.AUTH_METHOD_NOT_SUPPORTED, "SASL is not offered here")
        if not request.auth:
            if request.dn:
                raise Refusal(Code.UNWILLING_TO_PERFORM, "unauthenticated bind (DN with no password) disallowed")
            reply(pureldap.LDAPBindResponse(Code.SUCCESS))
            return
        if not self.encrypted:
            raise Refusal(Code.CONFIDENTIALITY_REQUIRED, "confidentiality required")
        name = tree.parse(request.dn)
        answer = bind(self.factory.tree, name, request.auth)
        entry = self.factory.tree.find(name)
        if answer.code is Code.SUCCESS and entry is not None:
            self.session = Session(who=name, dn=entry.dn, must_change=answer.error is not None)
        tell = POLICY in sent and answer.told
        added = controls.policy_answer(answer.error, grace_left=answer.grace_left, expires_in=answer.expires_in)
        reply(pureldap.LDAPBindResponse(answer.code), [added] if tell else [])

    def handle_LDAPSearchRequest(  # noqa: N802
        self, request: pureldap.LDAPSearchRequest, sent: Sent, reply: Reply
    ) -> None:
        """Find entries, whole or in pages."""
        if not request.baseObject and request.scope == tree.BASE_ONLY:
            reply(pureldap.LDAPSearchResultEntry("", self._root(request.attributes)))
            reply(pureldap.LDAPSearchResultDone(Code.SUCCESS))
            return
        content, access, session = self.factory.tree, self.factory.access, self.session
        entries = search.found(content, access, session, request)
        limit, added = search.limit(session, access, request.sizeLimit), []
        too_many = limit is not None and len(entries) > limit
        entries = entries[:limit]
        if PAGES in sent:
            entries, cookie = search.cut(session, entries, controls.page(sent[PAGES]))
            added = [controls.page_answer(cookie)]
            too_many = too_many and not cookie
        for entry in entries:
            shown = search.shown(
                content, access, session.who, entry, request.attributes, types_only=bool(request.typesOnly)
            )
            reply(pureldap.LDAPSearchResultEntry(entry.dn, shown))
        code = Code.SIZE_LIMIT_EXCEEDED if too_many else Code.SUCCESS
        reply(pureldap.LDAPSearchResultDone(code), added)

    def handle_LDAPCompareRequest(  # noqa: N802
        self, request: pureldap.LDAPCompareRequest, _sent: Sent, reply: Reply
    ) -> None:
        """Say whether an entry has a value."""
        code = search.compare(self.factory.tree, self.factory.access, self.session, request)
        reply(pureldap.LDAPCompareResponse(code))

    def handle_LDAPModifyRequest(  # noqa: N802
        self, request: pureldap.LDAPModifyRequest, sent: Sent, reply: Reply
    ) -> None:
        """Change attributes of one entry."""
        self.session.known("modifications require authentication")
        entry = self.factory.tree.named(request.object)
        changes = [Modification.checked(one[0].value, one[1][0].value, _values(one)) for one in request.modification]
        if ASSERTION in sent:
            wanted = controls.assertion(sent[ASSERTION])
            if not search.fits(self.factory.tree, self.factory.access, self.session.who, entry, wanted):
                raise Refusal(Code.ASSERTION_FAILED)
        modify(self.factory.tree, self.factory.access, self.session, entry, changes)
        reply(pureldap.LDAPModifyResponse(Code.SUCCESS))

    def handle_LDAPExtendedRequest(  # noqa: N802
        self, request: pureldap.LDAPExtendedRequest, _sent: Sent, reply: Reply
    ) -> None:
        """StartTLS, password modify, who am I."""
        operation = EXTENDED.get(request.requestName)
        if operation is None:
            raise Refusal(Code.PROTOCOL_ERROR, "unsupported extended operation")
        operation(self, request.requestValue, reply)

    def _forbidden(self, _request: object, _sent: Sent, _reply: Reply) -> None:
        """Entries come and go by other ways than this portal's."""
        self.session.known("modifications require authentication")
        self.session.free()
        raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS, "no write access to parent")

    handle_LDAPAddRequest = handle_LDAPDelRequest = handle_LDAPModifyDNRequest = _forbidden  # noqa: N815

    def _root(self, asked: list[bytes]) -> search.Shown:
        """The root DSE: who we are and what we can do."""
        wanted = {name.decode("utf-8", "replace").lower() for name in asked}
        facts = {
            "objectClass": [b"top"],
            "namingContexts": [self.factory.tree.base.encode()],
            "supportedControl": list(controls.KNOWN),
            "supportedExtension": list(OIDS),
            "supportedLDAPVersion": [b"3"],
        }
        operational = wanted & {"+"}
        return [
            (name, values)
            for name, values in facts.items()
            if name.lower() in wanted or (operational if name != "objectClass" else not wanted or "*" in wanted)
        ]


def _values(modification: object) -> list[bytes]:
    return [value.value for value in modification[1][1]]  # type: ignore[index]
