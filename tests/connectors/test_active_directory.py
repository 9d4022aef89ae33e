"""Active Directory, as Samba speaks it, passes the contract, and what only Active Directory has."""

from pathlib import Path

import pytest

from connectors.ldap import LdapSettings
from tests.connectors.ad_settings import ad_settings
from tests.connectors.contract import DirectoryContract
from tests.servers.samba import Samba


class TestActiveDirectory(DirectoryContract):
    @pytest.fixture
    def settings(self, samba_server: Samba) -> LdapSettings:
        return ad_settings(samba_server)

    @pytest.fixture
    def people(self, samba_server: Samba) -> Samba:
        return samba_server

    @pytest.fixture
    def other_ca_file(self, samba_server: Samba) -> Path:
        return samba_server.other_ca_file

    @pytest.fixture
    def resets_mind_history(self) -> bool:
        return False  # Samba lacks the control for it, which the doctor says
