"""What is different about the settings of an Active Directory."""

from dataclasses import dataclass
from typing import ClassVar

from connectors.ldap.settings import LdapSettings


@dataclass(frozen=True, kw_only=True)
class ActiveDirectorySettings(LdapSettings):
    """One Active Directory domain, of Windows or Samba. Raises ValueError as LdapSettings does."""

    end_attributes: ClassVar[tuple[str, ...]] = ("accountExpires",)
    schemes: ClassVar[tuple[str, ...]] = ("ldap", "ldaps")

    kind: str = "active-directory"
    """Which server it is: active-directory."""

    person_filter: str = "(&(objectCategory=person)(objectClass=user))"
    """LDAP filter that every person's entry matches and nothing else does."""

    login_attribute: str = "sAMAccountName"
    """Attribute with the name a person signs in with; the userPrincipalName is understood as well."""

    recovery_mail_attributes: tuple[str, ...] = ("otherMailbox",)
    """Attributes with addresses outside the account, to which a code may go when the account cannot be used."""

    unit_attribute: str = "department"
    """Attribute with the part of the organisation a person belongs to."""

    end_attribute: str = "accountExpires"
    """Where Active Directory keeps the end of an account: there is no other place."""
