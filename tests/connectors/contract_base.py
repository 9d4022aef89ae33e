"""What the parts of the directory contract have in common."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

import pytest

from connectors.account import Account
from connectors.errors import Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from tests.servers.people import State
from tests.servers.proxy import Proxy

NEW = "A-new-passw0rd-2"
NEWER = "A-newer-passw0rd-3"
LIMIT = 0.5
"""Seconds that a directory behind a proxy has for a connection and for an answer."""


class People(Protocol):
    """Makes people in the directory under test, without the connector."""

    password: str

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: str | list[str]) -> str: ...


class OnADirectory:
    """The directory under test, as the subclass's settings say."""

    limit: ClassVar[float] = LIMIT

    @pytest.fixture
    def clock(self) -> Callable[[], datetime]:
        return lambda: datetime.now(UTC)

    @pytest.fixture
    def directory(self, settings: LdapSettings, clock: Callable[[], datetime]) -> Iterator[LdapDirectory]:
        directory = LdapDirectory(settings, clock)
        yield directory
        directory.close()

    @pytest.fixture
    def proxy(self, settings: LdapSettings) -> Iterator[Proxy]:
        server = urlsplit(settings.urls[0])
        with Proxy(server.port or 389, to=server.hostname or "") as proxy:
            yield proxy

    @pytest.fixture
    def behind_proxy(
        self, settings: LdapSettings, clock: Callable[[], datetime], proxy: Proxy
    ) -> Iterator[LdapDirectory]:
        """The same directory through the proxy, with short time limits."""
        url = f"ldap://127.0.0.1:{proxy.port}"
        quick = replace(settings, urls=(url,), connect_timeout=self.limit, receive_timeout=self.limit)
        directory = LdapDirectory(quick, clock)
        yield directory
        directory.close()


def refusal_of(attempt: Callable[[], None]) -> Refusal:
    with pytest.raises(Refused) as caught:
        attempt()
    return caught.value.refusal


def change(directory: LdapDirectory, account: Account, old: str, new: str, by: str) -> None:
    if by == "reset":
        directory.set_password(account, new)
    else:
        directory.change_password(account, old, new)
