"""The connectors of an installation, and how long they may take."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from connectors import Connectors
from connectors.capabilities import Capability, SendsMail
from connectors.freeipa import FreeIpa
from connectors.google import GoogleDirectory, GoogleSettings
from connectors.graph import MicrosoftDirectory, MicrosoftSettings
from connectors.keycloak import KeycloakDirectory, KeycloakSettings
from connectors.ldap import LdapDirectory, LdapSettings
from connectors.mailboxes import mailbox_system
from connectors.oauth import TokenFiles, TokenStore
from connectors.scim.settings import ScimSettings
from connectors.tickets import ticket_system
from portal.keys import Keys
from portal.mailboxes.forward_guard import inside_domains
from portal.settings.directory_kinds import Directory
from portal.settings.installation import Settings


def connectors_of(
    settings: Settings,
    keys: Keys,
    clock: Callable[[], datetime],
    mail: SendsMail,
    own: Iterable[tuple[str, Capability]],
) -> Connectors:
    """Everything outside that accounts live in or tickets go to, and what the portal itself brings."""
    tokens = TokenFiles(settings.state / "tokens", keys.raw("oauth-tokens"))
    directories: list[tuple[str, Capability]] = [(d.name, _directory(d, clock, tokens)) for d in settings.directories]
    inside, by_name = inside_domains(settings), {d.name: d for d in settings.ldap}
    mailboxes = [(one.name, mailbox_system(one, by_name, inside, clock, tokens)) for one in settings.mailboxes]
    directories += [(ipa.name, FreeIpa(ipa, clock)) for ipa in settings.freeipa]
    if system := settings.ticket_system:
        own = [*own, ("tickets", ticket_system(system, clock, mail, settings.mail.sender))]
    return Connectors([*directories, *mailboxes, *own], {rule.system for rule in settings.passwords_also})


def _directory(settings: Directory, clock: Callable[[], datetime], tokens: TokenStore) -> Capability:
    """One `case` for each kind of directory."""
    match settings:
        case LdapSettings():
            return LdapDirectory(settings, clock)
        case GoogleSettings():
            return GoogleDirectory(settings, clock, tokens)
        case MicrosoftSettings():
            return MicrosoftDirectory(settings, clock, tokens)
        case KeycloakSettings():
            return KeycloakDirectory(settings, clock, tokens)
        case ScimSettings():
            from connectors.scim.directory import ScimDirectory  # takes a second: only who has one waits for it

            return ScimDirectory(settings, clock, tokens)


def longest_request(settings: Settings) -> timedelta:
    """How long a change may take until nobody waits for its answer any more."""
    longest = {one.name: one.longest_change for one in settings.systems}
    also = {home: sum(longest[rule.system] for rule in settings.passwords_also if rule.of == home) for home in longest}
    return timedelta(seconds=max(longest[home.name] + 2 * also[home.name] for home in settings.homes))
