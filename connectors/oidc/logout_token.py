"""A provider's word that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.oidc.provider import Provider
from connectors.oidc.results import Fault, Refusal, Rejected
from connectors.oidc.tokens import check_party, check_times, moment

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = ("logout+jwt", "jwt")  # the second by those who do not say what their tokens are for
OLDEST = timedelta(minutes=10)  # section 2.4 recommends two minutes from issue to end
MOST_TEXT = 255


@dataclass(frozen=True, kw_only=True)
class LogoutNotice:
    """Which sign-in has ended: one session there, or all of a person's."""

    id: str  # of the token, which counts once
    sub: str
    sid: str


def read_logout_token(provider: Provider, token: str, now: datetime) -> LogoutNotice | Refusal:
    """All checks of section 2.6 but the one whether it came before. Raises Unavailable."""
    try:
        header, claims = provider.verified(token)
        check_party(claims, provider.settings.issuer, provider.settings.client_id)
        check_times(claims, now)
        _check_purpose(header, claims, now)
        notice = LogoutNotice(id=_text(claims, "jti"), sub=_text(claims, "sub"), sid=_text(claims, "sid"))
        if not notice.id or not (notice.sub or notice.sid):
            raise Rejected(Fault.CLAIM, "jti, sub, sid")
        return notice
    except Rejected as rejected:
        return rejected.refusal


def _check_purpose(header: Mapping[str, Any], claims: Mapping[str, Any], now: datetime) -> None:
    """Made to sign somebody out, a moment ago; with an id_token others could sign somebody out."""
    if str(header.get("typ", "jwt")).lower().removeprefix("application/") not in TYPES:
        raise Rejected(Fault.TYPE)
    issued = moment(claims, "iat", now)
    if issued is None or issued < now - OLDEST:
        raise Rejected(Fault.EXPIRED)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise Rejected(Fault.EVENT)
    if "nonce" in claims:
        raise Rejected(Fault.NONCE)


def _text(claims: Mapping[str, Any], name: str) -> str:
    """Empty for a claim that is left out."""
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise Rejected(Fault.MALFORMED, name)
    return value
