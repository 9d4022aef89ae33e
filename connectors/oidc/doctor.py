"""Looks an identity provider over: whether it can be used as the settings say, and what it can do beyond that."""

from collections.abc import Callable, Iterator

from connectors.capabilities import Finding
from connectors.errors import Outage, Unavailable
from connectors.findings import fault, fine, say, warning
from connectors.oidc.metadata import Metadata, read_keys, read_metadata
from connectors.oidc.results import Refusal
from connectors.oidc.settings import ProviderSettings

_Try = Callable[[Metadata], Refusal]
_NOT_THE_CLIENT = ("invalid_client", "unauthorized_client")  # RFC 6749, 5.2


def examine(settings: ProviderSettings, try_code: _Try) -> Iterator[Finding]:
    """Asks it for what everybody may read, and, to see whether the secret is right, for a code that it never gave."""
    try:
        metadata = read_metadata(settings)
        keys = read_keys(settings, metadata)
    except Unavailable as error:
        remedy = "Is `issuer` exactly what stands in its metadata, and can this machine reach it?"
        if error.outage is Outage.PORTAL_REFUSED:
            remedy = "ca_file: name the authority that signed its certificate."
        yield fault(say("metadata"), say("cannot be used (%(detail)s)", detail=error.detail), remedy)
        return
    yield fine(say("metadata"), say("read; %(count)s keys for signatures", count=len(keys.keys)))
    yield _algorithms(settings, metadata)
    yield _authentication(settings, metadata)
    if settings.client_secret:
        yield _secret(metadata, try_code)
    if metadata.challenges and "S256" not in metadata.challenges:
        yield warning(say("PKCE"), say("it does not say that it checks S256 challenges"), "Ask whoever runs it.")
    yield _assurance(settings, metadata)
    yield _ending(metadata)
    if settings.match_claim:
        words = say("%(claim)s is believed to be a login name of %(directory)s", claim=settings.match_claim,
                    directory=settings.match_directory)  # fmt: skip
        yield warning(say("matching"), words, "Right only where nobody can choose that value at the provider.")


def _algorithms(settings: ProviderSettings, metadata: Metadata) -> Finding:
    offered, allowed = set(metadata.algorithms), set(settings.algorithms)
    if offered and not offered & allowed:
        names = ", ".join(sorted(offered))
        return fault(
            say("signatures"), say("it signs with none that is accepted, but %(names)s", names=names),
            "Let it sign with RS256 or ES256, or add to `algorithms`.",
        )  # fmt: skip
    return fine(say("signatures"), say("accepted: %(names)s", names=", ".join(settings.algorithms)))


def _authentication(settings: ProviderSettings, metadata: Metadata) -> Finding:
    if not settings.client_secret:
        return warning(
            say("client"), say("the portal proves nothing but its codes: it has no secret"),
            "Let the provider make a confidential client, and set client_secret.",
        )  # fmt: skip
    known = {"client_secret_basic", "client_secret_post"} & set(metadata.auth_methods)
    if known:
        return fine(say("client"), say("signs in by %(method)s", method=min(known)))
    return fault(
        say("client"), say("it accepts neither client_secret_basic nor client_secret_post"),
        "Allow one of them for this client.",
    )  # fmt: skip


def _secret(metadata: Metadata, try_code: _Try) -> Finding:
    """Whoever is not known by the secret hears of that before anybody looks at the code."""
    subject = say("secret of the client")
    try:
        refusal = try_code(metadata)
    except Unavailable as error:
        return fault(subject, say("cannot be used (%(detail)s)", detail=error.detail), f"{metadata.token_endpoint}")
    if refusal.detail in _NOT_THE_CLIENT:
        remedy = "client_id, client_secret: take both anew from what the provider shows of this client."
        return fault(subject, say("it does not let us in (%(detail)s)", detail=refusal.detail), remedy)
    if refusal.detail == "invalid_grant":
        return fine(subject, say("is right"))
    return warning(
        subject, say("whether it is right cannot be told (%(detail)s)", detail=refusal.detail), "Sign in once."
    )


def _assurance(settings: ProviderSettings, metadata: Metadata) -> Finding:
    wanted = {*settings.acr_values, *settings.step_up_acr_values}
    unknown = sorted(wanted - set(metadata.acr_values)) if metadata.acr_values else []
    if unknown:
        names = ", ".join(unknown)
        return warning(
            say("levels"), say("it does not name %(names)s among its levels", names=names),
            "Whoever cannot show one of acr_values is not let in.",
        )  # fmt: skip
    if settings.step_up:
        return fine(say("levels"), say("a fresh sign-in there counts as a fresh proof, if its auth_time shows it"))
    return fine(say("levels"), say("a fresh proof is never asked for there"))


def _ending(metadata: Metadata) -> Finding:
    can = [
        *([say("it tells the portal when somebody signs out there")] if metadata.logs_out_here else []),
        *([say("signing out here can end the sign-in there")] if metadata.end_session_endpoint else []),
    ]
    if can:
        return fine(say("signing out"), "; ".join(can))
    return fine(say("signing out"), say("ends only the session here: it offers nothing more"))
