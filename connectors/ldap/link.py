"""One live connection and the few operations we need, each with a time limit and a typed answer."""

import select
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from connectors.errors import Outage
from connectors.ldap import answers, ppolicy, requests
from connectors.ldap.answers import Answer, Garbled
from connectors.ldap.entry import Entry
from connectors.ldap.opening import Encryption, Wire
from connectors.ldap.requests import Changes, Filter, Scope

_START_TLS = "1.3.6.1.4.1.1466.20037"
_PAGED = "1.2.840.113556.1.4.319"
_WITH_POLICY = (requests.control(ppolicy.OID),)
_ANY = requests.written("(objectClass=*)")


Page = tuple[int, bytes] | None


class Lost(Exception):
    """The connection broke or fell silent. `unsure`: a change was sent or made before, so this must not be repeated.

    `silent`: it let us wait.
    """

    def __init__(
        self, detail: str, *, unsure: bool = False, silent: bool = False, outage: Outage = Outage.DOWN
    ) -> None:
        super().__init__(detail)
        self.unsure = unsure
        self.silent = silent
        self.outage = outage


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A server's answer: result code (RFC 4511, appendix A), diagnostic text, and what the password policy added."""

    code: int
    message: str = ""
    policy: ppolicy.PolicyAnswer = ppolicy.NOTHING_SAID
    asked: str = ""  # what a change was about, such as "modify pwdReset": many servers refuse without a word

    @property
    def detail(self) -> str:
        """For the record and the ticket: which right is missing can be told from it."""
        return f"{self.asked}{': ' if self.asked else ''}result {self.code} {self.message}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Found:
    """Entries of one search, its result, and the cookie of the next page, if there is one."""

    reply: Reply
    entries: Sequence[Entry] = field(default_factory=tuple)
    cookie: bytes = b""


class Link:
    """Used by one thread at a time. Every operation raises Lost and then is of no use any more."""

    def __init__(self, wire: Wire, timeout: float, url: str = "") -> None:
        self.url = url
        self.used = False  # has it been in a pool?
        self.changed = False  # since the pool handed it out: was a change made?
        self._wire = wire
        self.timeout = timeout
        self.closed = False
        self._number = 0  # of the last request

    @property
    def encryption(self) -> Encryption | None:
        return self._wire.encryption

    def alive(self) -> bool:
        """False if the other side has closed or has spoken unasked; costs no round trip."""
        if self.closed or not self._wire.empty:
            return False
        poll = select.poll()
        poll.register(self._wire.socket, select.POLLIN | select.POLLERR | select.POLLHUP)
        return not poll.poll(0)

    def close(self) -> None:
        self.closed = True
        with suppress(OSError):  # nothing that goes wrong in leaving matters
            self._wire.close()

    def abandon(self) -> None:
        """Forget the socket without a word on it: in a forked child it still belongs to the parent."""
        self.closed = True
        self._wire.abandon()

    def start_tls(self) -> Reply:
        return self._ask(requests.extended(_START_TLS))

    def bind(self, dn: str, password: str) -> Reply:
        """Bind with a password, which must not be empty: many servers take that for anonymous, and call it success."""
        if not password:
            raise ValueError("an empty password is never sent")
        return self._ask(requests.bind(dn, password), _WITH_POLICY)

    def search(
        self, base: str, wanted: Filter, attributes: Sequence[str], *, limit: int = 0, page: Page = None
    ) -> Found:
        """Search below `base`, for all, the first `limit`, or one page: how many, and the cookie of the page before."""
        controls = (requests.control(_PAGED, requests.page(*page)),) if page else ()
        return self._search(requests.search(base, Scope.SUBTREE, wanted, attributes, limit), controls)

    def read(self, dn: str, attributes: Sequence[str], wanted: Filter = _ANY, controls: Sequence[bytes] = ()) -> Found:
        """Read one entry; none if it is gone, hidden, or not matched by the filter."""
        return self._search(requests.search(dn, Scope.ENTRY, wanted, attributes, 0), controls)

    def compare(self, dn: str, attribute: str, value: str) -> Reply:
        return self._ask(requests.compare(dn, attribute, value))

    def modify(self, dn: str, changes: Changes, controls: Sequence[bytes] = ()) -> Reply:
        return self._change(requests.modify(dn, changes), controls, asked=f"modify {', '.join(changes)}")

    def set_password(self, new: str, *, dn: str | None = None, old: str | None = None) -> Reply:
        """The password-modify operation (RFC 3062), for `dn` or for whoever is bound. The server does the hashing."""
        return self._change(requests.password_modify(new, dn, old), asked="password modify")

    def _search(self, request: bytes, controls: Sequence[bytes] = ()) -> Found:
        *before, done = self._exchange(request, controls)
        entries = [answer.entry for answer in before if answer.entry]
        try:
            cookie = answers.page_of(done.controls[_PAGED]) if _PAGED in done.controls else b""
        except Garbled as error:
            self.close()
            raise Lost(str(error)) from error
        return Found(reply=_reply(done), entries=entries, cookie=cookie)

    def _ask(self, request: bytes, controls: Sequence[bytes] = ()) -> Reply:
        return _reply(self._exchange(request, controls)[-1])

    def _change(self, request: bytes, controls: Sequence[bytes] = (), *, asked: str) -> Reply:
        try:
            reply = replace(self._ask(request, (*_WITH_POLICY, *controls)), asked=asked)
        except Lost as lost:
            lost.unsure = lost.unsure or self._wire.sent
            raise
        self.changed = self.changed or reply.code == 0
        return reply

    def _exchange(self, request: bytes, controls: Sequence[bytes]) -> list[Answer]:
        """Send one request and return all its answers, the one that ends it last."""
        if self.closed:
            raise Lost("the connection is used up and is never opened again", unsure=self.changed)
        self._number += 1
        self._wire.begin(self.timeout)
        try:
            self._wire.sendall(requests.message(self._number, request, controls))
            return self._answers()
        except (OSError, Garbled) as error:
            self.close()
            raise Lost(str(error), unsure=self.changed, silent=self._wire.silent) from error

    def _answers(self) -> list[Answer]:
        received: list[Answer] = []
        while not received or received[-1].kind in answers.NOT_LAST:
            answer = answers.read(self._wire.receive())
            if answer.number == answers.UNASKED:
                raise ConnectionResetError(f"the server hangs up: result {answer.code} {answer.message}".rstrip())
            if answer.number != self._number:
                raise Garbled(f"an answer to request {answer.number}, not {self._number}")
            received.append(answer)
        return received


def _reply(answer: Answer) -> Reply:
    return Reply(code=answer.code, message=answer.message, policy=ppolicy.decode(answer.controls.get(ppolicy.OID)))
