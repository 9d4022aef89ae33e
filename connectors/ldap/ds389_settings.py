"""What is different about the settings of a 389 Directory Server."""

from dataclasses import dataclass
from typing import ClassVar

from connectors.ldap.settings import LdapSettings


@dataclass(frozen=True, kw_only=True)
class Ds389Settings(LdapSettings):
    """One 389 Directory Server, or Red Hat's. Raises ValueError as LdapSettings does."""

    end_attributes: ClassVar[tuple[str, ...]] = ("shadowExpire", "krbPrincipalExpiration")

    kind: str = "389ds"
    """Which server it is: 389ds."""

    end_attribute: str = "shadowExpire"
    """Where an account gets its end that has none yet: shadowExpire, or krbPrincipalExpiration, which a KDC obeys."""

    default_policy_dn: str | None = "cn=config"
    """DN of the entry with the password policy of everybody without one of their own."""
