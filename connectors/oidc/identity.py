"""From the claims of an id_token to who somebody is, how well it was proved, and in which roles."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.oidc.results import Asked, Fault, Identity, Rejected
from connectors.oidc.settings import ProviderSettings
from connectors.oidc.tokens import SKEW, check_party, check_times, moment

Claims = Mapping[str, Any]
MOST_SHOWN = 100  # characters of a name
MOST_SUBJECT = 255  # OpenID Connect Core 1.0, 2: a sub has no more


def check_id_token(
    settings: ProviderSettings, header: Claims, claims: Claims, access_token: str, asked: Asked, now: datetime
) -> None:
    """All that OpenID Connect Core 1.0, 3.1.3.7 wants of a token whose signature is right. Raises Rejected."""
    if header.get("typ", "JWT").upper() != "JWT":
        raise Rejected(Fault.TYPE)
    check_party(claims, settings.issuer, settings.client_id)
    check_times(claims, now)
    if not hmac.compare_digest(_text(claims, "nonce").encode(), asked.nonce.encode()):
        raise Rejected(Fault.NONCE)
    expected = claims.get("at_hash")
    if expected is not None and expected != half_hash(access_token, str(header["alg"])):
        raise Rejected(Fault.ACCESS_HASH)
    _check_auth_time(claims, asked, now)
    if asked.acr_values and not _values(claims, settings.acr_claim) & set(asked.acr_values):
        raise Rejected(Fault.ASSURANCE)
    for name, value in settings.required_claims.items():
        if claims.get(name) != value:
            raise Rejected(Fault.CLAIM, name)


def identity_of(settings: ProviderSettings, claims: Claims, told: Claims, id_token: str, now: datetime) -> Identity:
    """Who it is, by checked claims; `told` adds what the provider says elsewhere. Raises Rejected."""
    more = {**told, **claims}
    acr, amr = _values(claims, settings.acr_claim), _values(claims, "amr")
    overage = _is_cut(more, settings.groups_claim)
    groups = frozenset() if overage else _values(more, settings.groups_claim)
    sub = _text(claims, "sub")
    return Identity(
        provider=settings.name,
        issuer=settings.issuer,
        subject=_subject(settings, claims),
        sub=sub,
        shown=_shown(more) or sub[:MOST_SHOWN],
        login=_text(claims, settings.match_claim) if settings.match_claim else "",
        channels=_channels(settings, acr, amr),
        acr=acr,
        amr=amr,
        auth_time=moment(claims, "auth_time", now),
        sid=_text(claims, "sid")[:MOST_SUBJECT],
        roles=settings.roles_by(groups),
        overage=overage,
        object_id=_text(claims, "oid"),
        id_token=id_token,
    )


def half_hash(token: str, algorithm: str) -> str:
    """The left half of a token's hash (OpenID Connect Core 1.0, 3.1.3.6); Ed25519 works with SHA-512 (RFC 8032)."""
    kind = "sha512" if algorithm.startswith("Ed") else f"sha{algorithm[-3:]}"
    digest = hashlib.new(kind, token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _check_auth_time(claims: Claims, asked: Asked, now: datetime) -> None:
    """Providers need not obey max_age, and prompt=login can be taken out on the way: only this claim proves it."""
    if asked.max_age is None and not asked.fresh:
        return
    signed_in = moment(claims, "auth_time", now)
    if signed_in is None or signed_in > now + SKEW:
        raise Rejected(Fault.AUTH_TIME)
    since = asked.at if asked.fresh else now - timedelta(seconds=asked.max_age or 0)
    if signed_in < since - SKEW:
        raise Rejected(Fault.AUTH_TIME)


def _subject(settings: ProviderSettings, claims: Claims) -> str:
    parts = [_text(claims, name) for name in settings.subject_claims]
    subject = "/".join(parts)
    if not all(parts) or not _text(claims, "sub") or len(subject) > MOST_SUBJECT:
        raise Rejected(Fault.CLAIM, ", ".join(settings.subject_claims))
    return subject


def _channels(settings: ProviderSettings, acr: frozenset[str], amr: frozenset[str]) -> frozenset[str]:
    """What was proved there, by the settings' tables; what names no channel counts like a password, and once."""
    by_level = {channel for level in acr for channel in settings.acr_channels.get(level, ())}
    by_method = {channel for method in amr for channel in settings.amr_channels.get(method, ())}
    return frozenset(by_level | by_method) or frozenset({"memory"})


def _is_cut(claims: Claims, groups_claim: str) -> bool:
    """Entra ID leaves out the groups of whoever is in more than 200, and points elsewhere ("groups overage")."""
    elsewhere = claims.get("_claim_names")
    return (isinstance(elsewhere, dict) and groups_claim in elsewhere) or claims.get("hasgroups") in (True, "true")


def _shown(claims: Claims) -> str:
    named = (_text(claims, name) for name in ("preferred_username", "email", "name"))
    first = next((name for name in named if name), "")
    return "".join(c for c in first if c.isprintable())[:MOST_SHOWN]


def _values(claims: Claims, name: str) -> frozenset[str]:
    """One text or a list of texts; anything else is nothing."""
    value = claims.get(name)
    listed = [value] if isinstance(value, str) else value
    return frozenset(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else frozenset()


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
