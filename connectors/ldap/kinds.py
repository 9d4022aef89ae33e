"""The kinds of LDAP server we know: one line each."""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.ldap.active_directory import ActiveDirectory
from connectors.ldap.dialect import Dialect
from connectors.ldap.ds389 import Ds389
from connectors.ldap.openldap import OpenLdap
from connectors.ldap.settings import LdapSettings

KINDS: Mapping[str, type[Dialect]] = {
    "openldap": OpenLdap,
    "active-directory": ActiveDirectory,
    "389ds": Ds389,
}


def dialect_for(settings: LdapSettings, clock: Callable[[], datetime]) -> Dialect:
    """Raises ValueError for a kind nobody has written yet."""
    try:
        kind = KINDS[settings.kind]
    except KeyError:
        raise ValueError(f"kind: {settings.kind} is none of {', '.join(KINDS)}") from None
    return kind(settings, clock)
