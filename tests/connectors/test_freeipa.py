"""The FreeIPA connector passes the directory contract against a small FreeIPA, and what only FreeIPA has."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.freeipa import FreeIpa, FreeIpaSettings
from tests.connectors.contract_ends import EndContract
from tests.connectors.contract_finding import FindingContract
from tests.connectors.contract_passwords import PasswordContract
from tests.connectors.contract_states import StateContract
from tests.servers.freeipa import FreeIpaServer
from tests.servers.freeipa_realm import SERVICE, SERVICE_PASSWORD


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeIpaServer]:
    with FreeIpaServer(tmp_path_factory.mktemp("freeipa")) as running:
        yield running


@pytest.fixture
def settings(server: FreeIpaServer) -> FreeIpaSettings:
    return FreeIpaSettings(
        name="main", urls=(server.url,), ca_file=server.ca_file, user=SERVICE, password=SERVICE_PASSWORD
    )


@pytest.fixture
def directory(settings: FreeIpaSettings) -> Iterator[FreeIpa]:
    directory = FreeIpa(settings, lambda: datetime.now(UTC))
    yield directory
    directory.close()


class TestFreeIpa(FindingContract, PasswordContract, StateContract, EndContract):
    @pytest.fixture
    def settings(self, settings: FreeIpaSettings) -> FreeIpaSettings:
        return settings

    @pytest.fixture
    def directory(self, directory: FreeIpa) -> FreeIpa:
        return directory

    @pytest.fixture
    def people(self, server: FreeIpaServer) -> FreeIpaServer:
        return server
