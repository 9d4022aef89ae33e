"""Where the browser signs out at the provider, too (OpenID Connect RP-Initiated Logout 1.0)."""

from requests import Request

from connectors.oidc.provider import Provider

MOST_URL = 6000  # characters: many servers take no more than 8192 bytes, and an id_token may name many groups


def end_session_url(provider: Provider, *, id_token: str, back: str, state: str, language: str = "") -> str:
    """Empty where the provider offers no such address. Raises Unavailable."""
    endpoint = provider.metadata().end_session_endpoint
    if not endpoint:
        return ""
    wishes = {
        "client_id": provider.settings.client_id,
        "post_logout_redirect_uri": back,
        "state": state,
        "ui_locales": language or None,
    }
    whole = _with(endpoint, {**wishes, "id_token_hint": id_token})
    return whole if len(whole) <= MOST_URL else _with(endpoint, wishes)  # without the hint it asks who it is


def _with(endpoint: str, wishes: dict[str, str | None]) -> str:
    return str(Request("GET", endpoint, params=wishes).prepare().url)
