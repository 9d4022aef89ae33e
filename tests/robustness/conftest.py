"""Installations that tests may attack and break."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.servers.deployment import Deployment, deployment
from tests.servers.slapd import Slapd


@pytest.fixture(scope="session")
def running(slapd_server: Slapd) -> Iterator[Deployment]:
    """An installation for every test that leaves it as it was: web server with two processes, worker, SQLite."""
    with deployment(slapd_server, options={"sign_in": "failure_milliseconds = 250\n"}) as made:
        made.start()
        yield made


@pytest.fixture
def own_deployment() -> Iterator[Callable[..., Deployment]]:
    """Makes an installation of the test's own, not yet started: `own_deployment(slapd, directory_port=...)`."""
    with ExitStack() as stack:
        yield lambda directory, **options: stack.enter_context(deployment(directory, **_plain(options)))


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
