"""389 Directory Server passes the contract, and what only 389 DS has."""

from pathlib import Path

import pytest

from connectors.ldap import LdapSettings
from tests.connectors.contract import DirectoryContract
from tests.connectors.contract_own import OwnDataContract
from tests.connectors.ldap_settings import settings_for_389
from tests.servers.ds389 import Ds389


class TestDs389(DirectoryContract, OwnDataContract):
    @pytest.fixture
    def settings(self, ds389_server: Ds389) -> LdapSettings:
        return settings_for_389(ds389_server)

    @pytest.fixture
    def people(self, ds389_server: Ds389) -> Ds389:
        return ds389_server

    @pytest.fixture
    def other_ca_file(self, ds389_server: Ds389) -> Path:
        return ds389_server.other_ca_file
