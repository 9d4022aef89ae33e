"""Mail systems: what people may do to their mailboxes, wherever these lie. Add a kind by adding a line."""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.capabilities import Capability
from connectors.ldap.settings import LdapSettings
from connectors.mailboxes.doveadm import Doveadm, DoveadmSettings
from connectors.mailboxes.exchange import ExchangeMailbox
from connectors.mailboxes.gmail import Gmail
from connectors.mailboxes.gmail_settings import GmailSettings
from connectors.mailboxes.google_groups import GoogleGroups, GoogleGroupsSettings
from connectors.mailboxes.graph import GraphMailbox, GraphMailboxSettings
from connectors.mailboxes.ldap import LdapMailbox, LdapMailboxSettings
from connectors.mailboxes.ldap_groups import LdapGroups, LdapGroupsSettings
from connectors.mailboxes.ldap_schemas import EXCHANGE
from connectors.mailboxes.mailcow import Mailcow
from connectors.mailboxes.mailcow_api import MailcowSettings
from connectors.mailboxes.managesieve import ManageSieve
from connectors.mailboxes.postfixadmin import PostfixAdmin
from connectors.mailboxes.postfixadmin_database import PostfixAdminSettings
from connectors.mailboxes.sieve_client import ManageSieveSettings, tokens_of
from connectors.oauth import TokenStore

AnyMailboxSettings = (
    ManageSieveSettings
    | DoveadmSettings
    | LdapMailboxSettings
    | LdapGroupsSettings
    | MailcowSettings
    | PostfixAdminSettings
    | GraphMailboxSettings
    | GmailSettings
    | GoogleGroupsSettings
)


def mailbox_system(
    settings: AnyMailboxSettings,
    directories: Mapping[str, LdapSettings],
    inside: tuple[str, ...],
    clock: Callable[[], datetime],
    tokens: TokenStore,
) -> Capability:
    """The connector for one installation. `inside`: the organisation's mail domains."""
    match settings:
        case ManageSieveSettings():
            return ManageSieve(settings, inside, tokens_of(settings, tokens, clock))
        case DoveadmSettings():
            return Doveadm(settings)
        case LdapMailboxSettings():
            kind = ExchangeMailbox if settings.schema == EXCHANGE else LdapMailbox
            return kind(settings, directories[settings.directory])
        case LdapGroupsSettings():
            return LdapGroups(settings, directories[settings.directory])
        case MailcowSettings():
            return Mailcow(settings, inside, clock)
        case PostfixAdminSettings():
            return PostfixAdmin(settings, clock)
        case GraphMailboxSettings():
            return GraphMailbox(settings, clock, tokens)
        case GmailSettings():
            return Gmail(settings, clock, tokens)
        case GoogleGroupsSettings():
            return GoogleGroups(settings, clock, tokens)
