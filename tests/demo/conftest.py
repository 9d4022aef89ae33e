"""An embedded directory for each test, with a clock that the test moves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.demo.directory.embedded import EmbeddedDirectory
from portal.demo.people import BY_LOGIN
from tests.demo.directory_client import Client


class Clock:
    """Time that stands still until it is moved; certificates are checked by the real one, so it starts now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(tmp_path: Path, clock: Clock) -> Iterator[EmbeddedDirectory]:
    with EmbeddedDirectory(tmp_path / "directory", clock=clock) as running:
        yield running


@pytest.fixture
def portal(directory: EmbeddedDirectory) -> Client:
    """The portal's own account."""
    client = Client(directory)
    assert client.bind(directory.service_dn, directory.service_password).code == 0
    return client


@pytest.fixture
def signed_in(directory: EmbeddedDirectory) -> Callable[[str], Client]:
    def sign_in(login: str) -> Client:
        client = Client(directory)
        assert client.bind(BY_LOGIN[login].dn, BY_LOGIN[login].password).code == 0
        return client

    return sign_in
