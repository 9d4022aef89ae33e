"""LDAP directories of any kind behind one connector."""

from connectors.ldap.directory import LdapDirectory
from connectors.ldap.settings import LdapSettings

__all__ = ["LdapDirectory", "LdapSettings"]
