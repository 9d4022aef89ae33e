"""What a provider says about itself (OpenID Connect Discovery 1.0, RFC 8414), as far as the portal needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from connectors.errors import Unavailable
from connectors.oidc.settings import ProviderSettings
from connectors.oidc.wire import get_json


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """Addresses and abilities; an address that is not offered is empty."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    names_itself: bool = False  # in each answer, by `iss` (RFC 9207)
    logs_out_here: bool = False  # OpenID Connect Back-Channel Logout 1.0
    algorithms: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ("client_secret_basic",)  # what holds when it says nothing
    challenges: tuple[str, ...] = ()


def read_metadata(settings: ProviderSettings) -> Metadata:
    """Ask the provider. Raises Unavailable, also for what cannot be used."""
    told = get_json(settings, settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if told.get("issuer") != settings.issuer:
        raise Unavailable("the metadata there names another issuer")
    needed = {name: _address(settings, told, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    if missing := [name for name, address in needed.items() if not address]:
        raise Unavailable(f"the metadata lacks {', '.join(missing)}, or it is not to be trusted")
    return Metadata(
        **needed,
        userinfo_endpoint=_address(settings, told, "userinfo_endpoint"),
        end_session_endpoint=_address(settings, told, "end_session_endpoint"),
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        logs_out_here=told.get("backchannel_logout_supported") is True,
        algorithms=_texts(told, "id_token_signing_alg_values_supported"),
        acr_values=_texts(told, "acr_values_supported"),
        auth_methods=_texts(told, "token_endpoint_auth_methods_supported") or ("client_secret_basic",),
        challenges=_texts(told, "code_challenge_methods_supported"),
    )


def read_keys(settings: ProviderSettings, metadata: Metadata) -> KeySet:
    """The provider's public keys for signatures, as far as they are understood. Raises Unavailable."""
    told = get_json(settings, metadata.jwks_uri).get("keys")
    keys = []
    for one in told if isinstance(told, list) else []:
        if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use", "sig") != "sig":
            continue
        try:
            keys.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError, KeyError, TypeError):
            continue  # RFC 7517 5: what is not understood is passed over
    if not keys:
        raise Unavailable("it shows no key that signatures can be checked with")
    return KeySet(keys)


def _address(settings: ProviderSettings, told: Mapping[str, Any], name: str) -> str:
    """An address as safe as the provider's own."""
    address = told.get(name)
    if not isinstance(address, str):
        return ""
    url = urlsplit(address)
    safe = url.scheme == "https" or url.scheme == urlsplit(settings.issuer).scheme
    return address if safe and url.hostname and not url.fragment else ""


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = told.get(name)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
