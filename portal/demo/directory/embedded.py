"""The embedded directory: a real LDAP server over TCP inside this process, its content kept on disk."""

import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from twisted.internet.ssl import PrivateCertificate

from portal.demo import content, people
from portal.demo.directory import certificates, hashing, names, reactor_thread, schema
from portal.demo.directory.access import Access
from portal.demo.directory.entry import Entry, format_time
from portal.demo.directory.server import DirectoryFactory
from portal.demo.directory.store import Store
from portal.demo.directory.tree import Tree

Content = Callable[[datetime], Iterable[content.Record]]


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class EmbeddedDirectory:
    """An LDAP server on loopback with StartTLS and a password policy, as a context manager.

    `state` is a folder of its own; a second start on it finds everything again. `port` 0 picks a free one. `content`
    is put in where it is missing. Raises twisted's CannotListenError if the port is taken.
    """

    base_dn = people.BASE
    service_dn = people.SERVICE_DN
    service_password = people.SERVICE_PASSWORD

    def __init__(
        self,
        state: Path,
        port: int = 0,
        *,
        content: Content = content.records,
        clock: Callable[[], datetime] = utc_now,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._state = state
        self._wanted_port = port
        self._content = content
        self._clock = clock
        self._random = random
        self.ca_file = state / "tls" / "ca.pem"
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens; the certificate carries this address."""
        return f"ldap://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._state.mkdir(parents=True, exist_ok=True)
        _, server = certificates.ensure(self._state / "tls", self._clock())
        self._store = Store(self._state / "directory.db")
        self._store.save(
            *(
                self._prepared(Entry.of(dn, attributes))
                for dn, attributes in self._content(self._clock())
                if names.key(dn) not in self._store.entries
            )
        )
        tree = Tree(self._store, self.base_dn, clock=self._clock, random=self._random)
        access = Access(
            tuple(names.key(f"ou={unit},{self.base_dn}") for unit in ("people", "guests", "library")),
            names.key(f"ou=lists,{self.base_dn}"),
            names.key(self.service_dn),
        )
        tls = PrivateCertificate.loadPEM(server.read_bytes()).options()
        self._factory = DirectoryFactory(tree, access, tls)
        self._listening: Any = reactor_thread.call(
            lambda: reactor_thread.reactor.listenTCP(self._wanted_port, self._factory, interface="127.0.0.1")
        )
        self.port = self._listening.getHost().port
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        reactor_thread.call(self._close)

    def put(self, dn: str, attributes: Mapping[str, Sequence[str]]) -> None:
        """Add an entry while the server runs, or make one anew, as an administrator would; a password is hashed."""
        reactor_thread.call(self._store.save, self._prepared(Entry.of(dn, attributes)))

    def owner_of(self, address: str) -> Entry | None:
        """The entry whose mail address this is, or one of whose others."""
        return reactor_thread.call(self._owner_of, address.encode())

    def members_of(self, entry: Entry) -> list[str]:
        """The mail addresses of a group's members."""
        return reactor_thread.call(self._members_of, entry)

    def _members_of(self, entry: Entry) -> list[str]:
        found = (self._store.entries.get(names.key(dn.decode())) for dn in entry.values("member"))
        return [address for one in found if one and (address := one.first("mail"))]

    def _owner_of(self, address: bytes) -> Entry | None:
        kinds = [kind for name in ("mail", "mailAlias") if (kind := schema.known(name))]
        found = (entry for entry in self._store.entries.values() if any(entry.holds(kind, address) for kind in kinds))
        return next((entry.copy() for entry in found), None)

    def _close(self) -> object:
        stopped = self._listening.stopListening()
        for connection in tuple(self._factory.open):
            connection.transport.abortConnection()
        self._store.close()
        return stopped

    def _prepared(self, entry: Entry) -> Entry:
        """An entry as the server would have made it: password hashed, marks set."""
        now = self._clock()
        entry.put(
            "userPassword", [hashing.hashed(v, self._random(hashing.SALT_LENGTH)) for v in entry.values("userPassword")]
        )
        unique = uuid.UUID(bytes=self._random(16), version=4)
        entry.put("entryUUID", [str(unique)])
        if not entry.values("createTimestamp"):
            entry.put("createTimestamp", [format_time(now)])
        entry.put("modifyTimestamp", [format_time(now)])
        entry.put("entryCSN", [f"{format_time(now, fraction=True)}#000000#000#000000"])
        return entry
