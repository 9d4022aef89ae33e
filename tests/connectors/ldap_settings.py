"""How the tests configure the connector for a throw-away slapd."""

from connectors.ldap import LdapSettings
from tests.servers.slapd import Slapd


def settings_for(server: Slapd) -> LdapSettings:
    """As an administrator would who followed docs/openldap.md."""
    return LdapSettings(
        name="main",
        urls=(server.url,),
        ca_file=server.ca_file,
        bind_dn=server.service_dn,
        bind_password=server.service_password,
        people_bases=(server.people_base,),
        groups_base=server.groups_base,
        own_mail_attribute="mailAlternateAddress",
        phone_attribute="mobile",
        ssh_key_attribute="sshPublicKey",
        protected_groups=(f"cn=admins,{server.groups_base}",),
    )
