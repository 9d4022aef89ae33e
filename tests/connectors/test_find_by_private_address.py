"""Somebody who has forgotten the user name often knows only the private address."""

from connectors.ldap import LdapDirectory
from portal.parts import utc_now
from tests.connectors.ldap_settings import settings_for
from tests.servers.slapd import Slapd


def test_an_account_is_found_by_the_private_address_on_file(slapd_server: Slapd) -> None:
    login = slapd_server.person()
    directory = LdapDirectory(settings_for(slapd_server), utc_now)
    assert directory.find(f"{login}@elsewhere.test").login == login
    directory.close()
