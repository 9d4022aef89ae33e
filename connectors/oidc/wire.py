"""Requests to a provider: no redirects, no proxy of whoever started the portal, and a limit for everything."""

import time
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter

from connectors.errors import Outage, Unavailable
from connectors.oidc.settings import ProviderSettings

MOST_BYTES = 512 * 1024
_PIECE = 16 * 1024


class _Bounded(HTTPAdapter):
    """Reads the whole answer before anybody sees it, and gives up on one that is too long or comes too slowly."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + self._seconds
        response = super().send(request, *args, **{**kwargs, "stream": True, "timeout": self._seconds})
        body = b""
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > deadline:
                response.close()
                raise requests.Timeout("the answer is too long, or comes too slowly")
        response._content = body  # the way `requests` itself keeps an answer it has read
        return response


def session(settings: ProviderSettings, **more: Any) -> OAuth2Session:
    """A client of this provider, for a few requests."""
    client = OAuth2Session(settings.client_id, settings.client_secret or None, **more)
    client.trust_env = False
    client.max_redirects = 0  # they would take code and secret along
    client.verify = str(settings.ca_file) if settings.ca_file else True
    client.headers["User-Agent"] = "sparekey"
    for scheme in ("https://", "http://"):
        client.mount(scheme, _Bounded(settings.timeout))
    return client


def get_json(settings: ProviderSettings, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A JSON object from there. Raises Unavailable."""
    with session(settings) as client:
        try:
            answer = client.get(url, withhold_token=True, headers={"Accept": "application/json", **(headers or {})})
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise lost(error) from error
    if not isinstance(found, dict):
        raise Unavailable("the answer is no JSON object")
    return found


def lost(error: Exception) -> Unavailable:
    """Without the words of the exception: they hold addresses, and what was sent there."""
    status = getattr(getattr(error, "response", None), "status_code", "")
    outage = Outage.PORTAL_REFUSED if isinstance(error, requests.exceptions.SSLError) else Outage.DOWN
    return Unavailable(f"{type(error).__name__} {status}".strip(), outage=outage)
