"""One live connection and the few operations we need, each with a time limit and a typed answer."""

import select
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Outage
from connectors.ldap import ppolicy, requests
from connectors.ldap.entry import Entry
from connectors.ldap.opening import Wire, attach
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
        self._ldap = attach(wire)

    @property
    def closed(self) -> bool:
        return bool(self._ldap.closed)

    def alive(self) -> bool:
        """False if the other side has closed or has spoken unasked; costs no round trip."""
        if self.closed:
            return False
        poll = select.poll()
        poll.register(self._wire.socket, select.POLLIN | select.POLLERR | select.POLLHUP)
        return not poll.poll(0)

    def close(self) -> None:
        with suppress(Exception):  # nothing that goes wrong in leaving matters
            self._ldap.strategy.close()

    def abandon(self) -> None:
        """Forget the socket without a word on it: in a forked child it still belongs to the parent."""
        self._ldap.closed, self._ldap.listening = True, False
        self._wire.socket.close()

    def start_tls(self) -> Reply:
        return self._ask("extendedReq", requests.extended(_START_TLS))

    def bind(self, dn: str, password: str) -> Reply:
        """Bind with a password, which must not be empty: many servers take that for anonymous, and call it success."""
        if not password:
            raise ValueError("an empty password is never sent")
        return self._ask("bindRequest", requests.bind(dn, password), _WITH_POLICY)

    def search(
        self, base: str, wanted: Filter, attributes: Sequence[str], *, limit: int = 0, page: Page = None
    ) -> Found:
        """Search below `base`, for all, the first `limit`, or one page: how many, and the cookie of the page before."""
        controls = (requests.control(_PAGED, requests.page(*page)),) if page else ()
        return self._search(requests.search(base, Scope.SUBTREE, wanted, attributes, limit), controls)

    def read(self, dn: str, attributes: Sequence[str], wanted: Filter = _ANY) -> Found:
        """Read one entry; none if it is gone, hidden, or not matched by the filter."""
        return self._search(requests.search(dn, Scope.ENTRY, wanted, attributes, 0))

    def compare(self, dn: str, attribute: str, value: str) -> Reply:
        return self._ask("compareRequest", requests.compare(dn, attribute, value))

    def modify(self, dn: str, changes: Changes) -> Reply:
        return self._change("modifyRequest", requests.modify(dn, changes))

    def set_password(self, new: str, *, dn: str | None = None, old: str | None = None) -> Reply:
        """The password-modify operation (RFC 3062), for `dn` or for whoever is bound. The server does the hashing."""
        return self._change("extendedReq", requests.password_modify(new, dn, old))

    def _search(self, request: bytes, controls: Sequence[bytes] = ()) -> Found:
        answers = self._exchange("searchRequest", request, controls)
        entries = [_entry(answer) for answer in answers if answer["type"] == "searchResEntry"]
        done = self._ldap.result
        paged = (done.get("controls") or {}).get(_PAGED, {}).get("value") or {}
        return Found(reply=_reply(done), entries=entries, cookie=paged.get("cookie", b""))

    def _ask(self, kind: str, request: bytes, controls: Sequence[bytes] = ()) -> Reply:
        return _reply(self._exchange(kind, request, controls)[-1])

    def _change(self, kind: str, request: bytes) -> Reply:
        try:
            reply = self._ask(kind, request, _WITH_POLICY)
        except Lost as lost:
            lost.unsure = lost.unsure or self._wire.sent
            raise
        self.changed = self.changed or reply.code == 0
        return reply

    def _exchange(self, kind: str, request: bytes, controls: Sequence[bytes]) -> list[dict[str, Any]]:
        self._wire.begin(self.timeout)
        strategy = self._ldap.strategy
        wait = strategy.post_send_search if kind == "searchRequest" else strategy.post_send_single_response
        try:
            answers: list[dict[str, Any]] = wait(strategy.send(kind, request, controls))
        except Exception as error:  # ldap3's own, the socket's, or whatever a garbled answer makes its decoder raise
            self.close()
            raise Lost(f"{kind}: {error}", unsure=self.changed, silent=self._wire.silent) from error
        return answers


def _entry(answer: Mapping[str, Any]) -> Entry:
    raw = answer["raw_attributes"]
    return Entry(answer["dn"], {name.lower(): [bytes(value) for value in raw[name]] for name in raw})


def _reply(answer: Mapping[str, Any]) -> Reply:
    control = (answer.get("controls") or {}).get(ppolicy.OID)
    policy = ppolicy.decode(control["value"] if control else None)
    return Reply(code=answer["result"], message=answer["message"] or "", policy=policy)
