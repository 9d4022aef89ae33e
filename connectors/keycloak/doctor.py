"""What `portal check` looks at in a realm: the way in, the roles of the service account, and what it may do to people.

Keycloak tells with each person what we may do to them (`access` of a UserRepresentation), so nothing has to be tried.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.capabilities import Capability, DisablesAccount, Finding, FindsAccounts, SetsPassword, UnlocksAccount
from connectors.errors import ConnectorError, Forbidden
from connectors.findings import fault, fine, say, warning
from connectors.keycloak.settings import KeycloakSettings
from connectors.oauth import Api, TokenRefused, Tokens

NEEDED = ("query-users", "view-users", "manage-users")
_TOO_MUCH = frozenset({"realm-admin", "manage-realm", "manage-clients", "manage-authorization", "impersonation"})
_Offers = Callable[[type[Capability]], bool]


def examine(settings: KeycloakSettings, tokens: Tokens, api: Api, offers: _Offers) -> Iterator[Finding]:
    """Yield findings; nothing is changed."""
    try:
        token = tokens.token(settings.timeout)
    except TokenRefused as refused:
        yield fault(say("sign-in"), refused.detail, _way_in(settings, refused), stops=(Capability,))
        return
    except ConnectorError as error:
        remedy = f"Does a firewall let this machine reach {settings.url}? Is url right, with /auth before version 17?"
        yield fault(say("connection"), error.detail, remedy, stops=(Capability,))
        return
    yield fine(say("sign-in"), say("the client %(id)s is let in", id=settings.client_id))
    if beyond := sorted(_roles(token.value) & _TOO_MUCH):
        yield warning(
            say("roles"),
            say("%(names)s: far more than is needed", names=", ".join(beyond)),
            _kcadm("remove-roles", settings, *beyond),
        )
    yield from _people(settings, api, offers)
    yield from _realm(settings, api)


def _people(settings: KeycloakSettings, api: Api, offers: _Offers) -> Iterator[Finding]:
    subject, realm = say("people"), f"admin/realms/{settings.realm}"
    try:
        users = api.get(f"{realm}/users", {"first": "0", "max": "20", "briefRepresentation": "false"})
    except Forbidden as error:
        remedy = _kcadm("add-roles", settings, *NEEDED)
        message = say("cannot be read: %(detail)s", detail=error.detail)
        yield fault(subject, message, remedy, stops=(FindsAccounts,))
        return
    except ConnectorError as error:
        yield fault(subject, say("cannot be read: %(detail)s", detail=error.detail), "", stops=(Capability,))
        return
    if not users:
        message = say("nobody can be found")
        yield fault(subject, message, _kcadm("add-roles", settings, "view-users"), stops=(FindsAccounts,))
        return
    yield fine(subject, say("can be read"))
    yield from _rights(settings, users[0].get("access") or {}, offers)
    if any(user.get("federationLink") for user in users) and not settings.federated:
        message = say("some come from LDAP or Active Directory: here they get a ticket, and no password")
        remedy = "Let the portal speak to that directory itself; or federated = true, where its edit mode is WRITABLE."
        yield warning(subject, message, remedy)


def _rights(settings: KeycloakSettings, access: Mapping[str, bool], offers: _Offers) -> Iterator[Finding]:
    manages = bool(access.get("manage"))
    needed = (
        (say("right to set passwords"), manages or bool(access.get("resetPassword")), SetsPassword),
        (say("right to unlock"), manages, UnlocksAccount),
        (say("right to disable"), manages, DisablesAccount),
    )
    for subject, there, kind in needed:
        if there:
            yield fine(subject, say("is there"))
        elif offers(kind):
            remedy = _kcadm("add-roles", settings, "manage-users")
            yield fault(subject, say("is missing"), remedy, stops=(kind,))
        else:
            yield fine(subject, say("is not there, and not needed: the settings leave it out"))


def _realm(settings: KeycloakSettings, api: Api) -> Iterator[Finding]:
    try:
        realm: Mapping[str, Any] = api.get(f"admin/realms/{settings.realm}")
    except ConnectorError as error:
        yield warning(say("realm"), error.detail, _kcadm("add-roles", settings, "view-realm"))
        return
    if "bruteForceProtected" not in realm:
        message = say("its password policy cannot be read: people learn of a rule only when they break it")
        yield warning(say("realm"), message, _kcadm("add-roles", settings, "view-realm"))
        return
    yield fine(say("realm"), say("its password policy can be read"))
    if not realm["bruteForceProtected"]:
        message = say("nobody is ever locked for wrong passwords, so whoever guesses may go on")
        remedy = f"kcadm.sh update realms/{settings.realm} -s bruteForceProtected=true"
        yield warning(say("locks"), message, remedy)


def _kcadm(command: str, settings: KeycloakSettings, *roles: str) -> str:
    """One line for Keycloak's own command line, signed in as an administrator."""
    who = f"--uusername service-account-{settings.client_id.lower()} --cclientid realm-management"
    return f"kcadm.sh {command} -r {settings.realm} {who} {' '.join(f'--rolename {role}' for role in roles)}"


def _way_in(settings: KeycloakSettings, refused: TokenRefused) -> str:
    match refused.error:
        case "unauthorized_client" | "invalid_client":
            shown = f"as the client {settings.client_id} shows them in its tab Credentials"
            return f"client_id, client_secret: {shown}; and its service account must be switched on."
        case "status 404":
            return f"realm: is there a realm {settings.realm} at {settings.url}?"
    return f"kcadm.sh get clients -r {settings.realm} -q clientId={settings.client_id}"


def _roles(token: str) -> frozenset[str]:
    """Those of realm-management, if the token tells them; only to be read by us, so nothing hangs on its signature."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return frozenset(claims["resource_access"]["realm-management"]["roles"])
    except (IndexError, KeyError, TypeError, ValueError):
        return frozenset()
