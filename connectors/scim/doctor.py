"""What `portal check` looks at in a SCIM server: the way in, what it says it can do, and whether it finds people."""

from collections.abc import Callable, Iterator

from scim2_models import ServiceProviderConfig

from connectors.capabilities import Capability, DisablesAccount, Finding, FindsAccounts, SetsPassword
from connectors.errors import ConnectorError, Outage, Unavailable
from connectors.findings import fault, fine, say, warning
from connectors.scim.client import Fields, Person, ScimClient
from connectors.scim.settings import ScimSettings

_Offers = Callable[[type[Capability]], bool]


def can(service: Fields, kind: str) -> bool:
    """What it says of itself (RFC 7643, 5): both go by PATCH, and a password needs a word of its own."""
    return _supports(service, "patch") and (kind != "password" or _supports(service, "changePassword"))


def _supports(service: Fields, what: str) -> bool:
    said = service.get(what)
    return isinstance(said, dict) and said.get("supported") is True


def examine(settings: ScimSettings, client: ScimClient, offers: _Offers) -> Iterator[Finding]:
    """Yield findings; nothing is changed. What it may do to people SCIM has no way to ask."""
    try:
        service = client.get(ServiceProviderConfig)
    except ConnectorError as error:
        refused = isinstance(error, Unavailable) and error.outage is Outage.PORTAL_REFUSED
        remedy = "token: is it still good?" if refused else f"Does {settings.url}/ServiceProviderConfig answer?"
        yield fault(say("connection"), error.detail, remedy, stops=(Capability,))
        return
    yield fine(say("connection"), say("it answers, and lets us in"))
    for kind, subject, capability in (
        ("password", say("passwords"), SetsPassword),
        ("disable", say("switching accounts off"), DisablesAccount),
    ):
        if can(service, kind):
            yield fine(subject, say("the server says that it can"))
        elif offers(capability):
            remedy = f'without = ["{kind}"], or switch on patch and changePassword in the server'
            yield fault(subject, say("the server says that it cannot"), remedy, stops=(capability,))
        else:
            yield fine(subject, say("is left out"))
    if not _supports(service, "filter"):
        message = say("the server says that it cannot search, so nobody can be found")
        yield fault(say("people"), message, "", stops=(FindsAccounts,))
        return
    yield from _people(client)


def _people(client: ScimClient) -> Iterator[Finding]:
    subject = say("people")
    try:
        some = client.get(Person, None, {"count": 1})
    except ConnectorError as error:
        yield fault(subject, say("cannot be read: %(detail)s", detail=error.detail), "", stops=(FindsAccounts,))
        return
    if not some.get("totalResults"):
        yield warning(subject, say("nobody can be found"), "Does the token stand for the right tenant?")
        return
    yield fine(subject, say("%(count)s people", count=some["totalResults"]))
    meta = (some.get("Resources") or [{}])[0].get("meta") or {}
    if not meta.get("version") and not meta.get("lastModified"):
        message = say("it tells neither a version nor a time: what a lost answer was about cannot be found out")
        yield warning(subject, message, "")
