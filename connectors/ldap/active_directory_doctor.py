"""What `portal check` looks at in Active Directory."""

from collections.abc import Iterator

from connectors.capabilities import Finding
from connectors.ldap.active_directory_policy import Policies
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.settings import LdapSettings


def examine(
    settings: LdapSettings, service: Link, sample: Entry | None, base: str, policies: Policies
) -> Iterator[Finding]:
    return iter(())
