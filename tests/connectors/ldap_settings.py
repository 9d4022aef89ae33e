"""How the tests configure the connector for a throw-away directory."""

from connectors.ldap import LdapSettings
from connectors.ldap.ds389_settings import Ds389Settings
from tests.servers.ds389 import Ds389
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


def settings_for_389(server: Ds389) -> Ds389Settings:
    """As an administrator would who followed docs/389ds.md."""
    return Ds389Settings(
        name="main",
        urls=(server.url,),
        ca_file=server.ca_file,
        bind_dn=server.service_dn,
        bind_password=server.service_password,
        people_bases=(server.people_base,),
        groups_base=server.groups_base,
        own_mail_attribute="mailAlternateAddress",
        phone_attribute="mobile",
        ssh_key_attribute="nsSshPublicKey",
        protected_groups=(f"cn=admins,{server.groups_base}",),
    )
