"""Mail systems: what people may do to their mailboxes, wherever these lie. Add a kind by adding a line."""

from collections.abc import Mapping

from connectors.capabilities import Capability
from connectors.ldap.settings import LdapSettings
from connectors.mailboxes.doveadm import Doveadm, DoveadmSettings
from connectors.mailboxes.ldap import LdapMailbox, LdapMailboxSettings
from connectors.mailboxes.managesieve import ManageSieve
from connectors.mailboxes.sieve_client import ManageSieveSettings

AnyMailboxSettings = ManageSieveSettings | DoveadmSettings | LdapMailboxSettings


def mailbox_system(
    settings: AnyMailboxSettings, directories: Mapping[str, LdapSettings], inside: tuple[str, ...]
) -> Capability:
    """The connector for one installation. `inside`: the organisation's mail domains."""
    match settings:
        case ManageSieveSettings():
            return ManageSieve(settings, inside)
        case DoveadmSettings():
            return Doveadm(settings)
        case LdapMailboxSettings():
            return LdapMailbox(settings, directories[settings.directory])
