"""What `portal check` looks at in a tenant: the way in, each permission the token really has, and one person."""

from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import datetime, timedelta

from connectors.capabilities import Capability, Finding, SetsPassword
from connectors.errors import ConnectorError
from connectors.findings import fault, fine, say, warning
from connectors.graph.client import GraphClient
from connectors.graph.rights import DANGEROUS, DIRECTORY_RIGHTS, PASSWORD_ROLES, Granted, Right
from connectors.graph.settings import GraphAccess, MicrosoftSettings
from connectors.oauth import ClientCertificate, TokenRefused

SOON = timedelta(days=30)
_Offers = Callable[[type[Capability]], bool]
_BY_CODE = {  # learn.microsoft.com/entra/identity-platform/reference-error-codes
    "AADSTS7000215": "client_secret: it is wrong; the registration shows a secret's value only once. Make a new one.",
    "AADSTS7000222": "client_secret: it has ended. Make a new one, or better, use a certificate.",
    "AADSTS700027": "certificate, private_key: they do not belong together, or the certificate is not uploaded.",
    "AADSTS700016": "client_id: there is no such app in this tenant.",
    "AADSTS90002": "tenant: there is no such tenant.",
    "AADSTS500011": "url: this cloud does not know that address of Graph.",
}


def examine(
    settings: MicrosoftSettings, client: GraphClient, clock: Callable[[], datetime], offers: _Offers
) -> Iterator[Finding]:
    """Yield findings; nothing is changed."""
    granted = yield from way_in(settings, client, clock)
    if granted is None:
        return
    yield from rights(DIRECTORY_RIGHTS, granted, offers)
    if offers(SetsPassword):
        yield _password_role(granted)
    try:
        some = client.api.get("users", {"$top": "1", "$select": "id,userPrincipalName"})["value"]
    except ConnectorError as error:
        yield fault(say("people"), say("cannot be read: %(detail)s", detail=error.detail), "", stops=(Capability,))
        return
    if not some:
        yield warning(say("people"), say("nobody can be found"), say("Is this the right tenant?"))
        return
    yield fine(say("people"), say("can be read"))


def way_in(
    access: GraphAccess, client: GraphClient, clock: Callable[[], datetime]
) -> Generator[Finding, None, Granted | None]:
    """Yield what was found on the way to a token; return what it grants, None where there is none."""
    grant = access.grant()
    if isinstance(grant, ClientCertificate):
        yield _certificate(grant, clock())
    try:
        token = client.tokens.fresh(access.timeout)
    except TokenRefused as refused:
        remedy = next((text for code, text in _BY_CODE.items() if code in refused.description), "")
        yield fault(say("sign-in"), refused.detail, remedy, stops=(Capability,))
        return None
    except ConnectorError as error:
        remedy = f"Does a firewall let this machine reach {access.login_url} and {access.host}?"
        yield fault(say("connection"), error.detail, remedy, stops=(Capability,))
        return None
    yield fine(say("sign-in"), say("the app %(id)s is let in", id=access.client_id))
    granted = Granted.of(token.value)
    if granted is None:
        yield warning(
            say("permissions"),
            say("the token does not tell which permissions it has"),
            say("Compare them with docs/microsoft.md by hand."),
        )
    return granted


def rights(needed: Sequence[Right], granted: Granted, offers: _Offers) -> Iterator[Finding]:
    """One finding for each permission: there, missing, or more than is needed."""
    for right in needed:
        stops = tuple(kind for kind in right.stops if kind is Capability or offers(kind))
        subject = say("permission to %(what)s", what=right.what)
        if granted.has(right):
            yield fine(subject, ", ".join(sorted(granted.permissions & set(right.permissions))))
        elif stops:
            remedy = f"API permissions > Microsoft Graph > Application permissions > {right.permissions[0]}"
            yield fault(subject, say("is missing"), f"{remedy}; then: Grant admin consent", stops=stops)
        else:
            yield fine(subject, say("is not there, and not needed: the settings leave it out"))
    if beyond := sorted(granted.permissions & DANGEROUS):
        yield warning(
            say("permissions"),
            say("%(names)s: with this the portal's key opens the whole tenant", names=", ".join(beyond)),
            say("Take it away from the app registration: the portal does not need it."),
        )


def _password_role(granted: Granted) -> Finding:
    subject = say("role to set passwords")
    if held := [name for id_, name in PASSWORD_ROLES.items() if id_ in granted.roles]:
        return fine(subject, ", ".join(held))
    return warning(
        subject,
        say("the app has no role for the whole tenant; without one for an administrative unit no password can be set"),
        "Entra ID > Roles and administrators > User Administrator > Add assignments",
    )


def _certificate(grant: ClientCertificate, now: datetime) -> Finding:
    subject, ends = say("certificate"), grant.ends.date().isoformat()
    if grant.ends <= now:
        return fault(subject, say("has ended on %(day)s", day=ends), say("Make and upload a new one."))
    if grant.ends - now < SOON:
        return warning(subject, say("ends on %(day)s", day=ends), say("Make and upload a new one."))
    return fine(subject, say("is good until %(day)s", day=ends))
