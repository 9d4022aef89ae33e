"""How the tests configure the connector for a throw-away Samba."""

from connectors.ldap.active_directory_settings import ActiveDirectorySettings
from tests.servers.samba import Samba


def ad_settings(server: Samba) -> ActiveDirectorySettings:
    """As an administrator would who followed docs/active-directory.md."""
    return ActiveDirectorySettings(
        name="main",
        urls=(server.url,),
        ca_file=server.ca_file,
        bind_dn=server.service_dn,
        bind_password=server.service_password,
        people_bases=(server.people_base,),
        own_mail_attribute="otherMailbox",
        phone_attribute="mobile",
        ssh_key_attribute="url",  # has several values, as an attribute for keys must
        protected_groups=(f"CN=admins,OU=Groups,{server.base}",),
    )
