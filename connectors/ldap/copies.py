"""Several servers hold a copy of every entry, and some learn of a change later than others."""

import time
from collections.abc import Callable, Iterator

from connectors.account import Copy
from connectors.errors import ConnectorError
from connectors.ldap.link import Link, Lost
from connectors.ldap.people import People
from connectors.ldap.servers import Servers

SPREADING_SECONDS = 60.0
"""For so long after a change, its account is read where it was made, also if a server before that one has come back."""


class Written:
    """Which server took the newest change to an account: only that one is sure to know of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[str, tuple[str, float]] = {}  # in the order of time

    def note(self, account_id: str, url: str) -> None:
        now = self._clock()
        for old, (_, since) in list(self._at.items()):
            if since > now - SPREADING_SECONDS:
                break
            self._at.pop(old, None)
        self._at.pop(account_id, None)
        self._at[account_id] = url, now

    def at(self, account_id: str) -> str:
        """The server's address, or an empty string where any will do."""
        url, since = self._at.get(account_id, ("", 0.0))
        return url if url and since > self._clock() - SPREADING_SECONDS else ""


def read_everywhere(
    urls: tuple[str, ...], servers: Servers, enter: Callable[[str], Link], people: People, account_id: str
) -> Iterator[Copy]:
    """The account on each server; those that let people wait are not asked."""
    answering = servers.order()
    for url in urls:
        if url not in answering:
            yield Copy(server=url, fault="did not answer a moment ago")
            continue
        try:
            link = enter(url)
        except Lost as lost:
            servers.failed(url, lost)
            yield Copy(server=url, fault=str(lost))
            continue
        try:
            yield Copy(server=url, account=people.read(link, account_id))
        except (Lost, ConnectorError) as error:
            yield Copy(server=url, fault=str(error) or type(error).__name__)
        finally:
            link.close()
