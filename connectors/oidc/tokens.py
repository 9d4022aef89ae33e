"""Checks a signed token of a provider, whatever it is for: signature, times, and whom it is from and for."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    InvalidKeyIdError,
    JoseError,
    MissingAlgorithmError,
    MissingCritHeaderError,
    UnsupportedAlgorithmError,
    UnsupportedHeaderError,
    UnsupportedKeyAlgorithmError,
)
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from connectors.oidc.results import Fault, Rejected

SKEW = timedelta(seconds=60)  # between the provider's clock and ours

_FAULTS: dict[type[Exception], Fault] = {
    UnsupportedAlgorithmError: Fault.ALGORITHM,
    MissingAlgorithmError: Fault.ALGORITHM,
    UnsupportedKeyAlgorithmError: Fault.ALGORITHM,
    InvalidKeyIdError: Fault.KEY,
    BadSignatureError: Fault.SIGNATURE,
    UnsupportedHeaderError: Fault.HEADER,
    MissingCritHeaderError: Fault.HEADER,
}


def verified(token: str, keys: KeySet, algorithms: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, if one of these keys has signed them. Keys in the token itself count for nothing.

    Raises Rejected.
    """
    registry = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
    try:
        checked = jwt.decode(token, keys, algorithms=list(algorithms), registry=registry)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Rejected(_FAULTS.get(type(error), Fault.MALFORMED), type(error).__name__) from error
    return dict(checked.header), dict(checked.claims)


def check_party(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    """From this issuer and for this client (OpenID Connect Core 1.0, 3.1.3.7). Raises Rejected."""
    if claims.get("iss") != issuer:
        raise Rejected(Fault.ISSUER)
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or client_id not in named:
        raise Rejected(Fault.AUDIENCE)
    if claims.get("azp", client_id if len(named) == 1 else None) != client_id:
        raise Rejected(Fault.PARTY)


def check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Neither past its end nor from the future; without an end it is refused. Raises Rejected."""
    ends, issued = moment(claims, "exp", now), moment(claims, "iat", now)
    if ends is None or now >= ends + SKEW:
        raise Rejected(Fault.EXPIRED)
    begins = moment(claims, "nbf", now)
    if issued is None or issued > now + SKEW or (begins and begins > now + SKEW):
        raise Rejected(Fault.NOT_YET)


def moment(claims: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """A time claim; raises Rejected where it is no time."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(Fault.MALFORMED, name)
    try:
        return datetime.fromtimestamp(value, now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise Rejected(Fault.MALFORMED, name) from None
