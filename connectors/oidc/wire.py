"""Requests to a provider: no redirects, no proxy of whoever started the portal, and a limit for everything."""

import time
from collections.abc import Mapping
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session

from connectors.errors import Unavailable
from connectors.oidc.settings import ProviderSettings
from connectors.wire import Adapter, Lost, Trust, Wire, read

MOST_BYTES = 512 * 1024
NOTHING: Mapping[str, str] = {}


class _Bounded(Adapter):
    """Reads the whole answer before anybody sees it, and gives up on one that is too long or comes too slowly."""

    def __init__(self, settings: ProviderSettings) -> None:
        super().__init__(settings.ca_file, size=1)
        self._seconds = settings.timeout

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + self._seconds
        response = super().send(request, *args, **{**kwargs, "stream": True, "timeout": self._seconds})
        with response:
            response._content = read(response, MOST_BYTES, deadline)  # as `requests` itself keeps what it has read
        return response


def session(settings: ProviderSettings, **more: Any) -> OAuth2Session:
    """A client of this provider, for a few requests. Raises Unavailable."""
    try:
        bounded = _Bounded(settings)
    except Lost as lost:
        raise lost.error(write=False) from lost
    client = OAuth2Session(settings.client_id, settings.client_secret or None, **more)
    client.trust_env = False
    client.max_redirects = 0  # they would take code and secret along
    client.headers["User-Agent"] = "sparekey"
    for scheme in ("https://", "http://"):
        client.mount(scheme, bounded)
    return client


def get_json(settings: ProviderSettings, url: str, headers: Mapping[str, str] = NOTHING) -> dict[str, Any]:
    """A JSON object from there. Raises Unavailable."""
    wire = Wire(Trust(settings.ca_file), most_bytes=MOST_BYTES)
    try:
        answer = wire.request("GET", url, {"Accept": "application/json", **headers}, settings.timeout)
        found = answer.json() if answer.status == 200 else None
    except Lost as lost:
        raise lost.error(write=False) from lost
    except ValueError:
        found = None
    finally:
        wire.close()
    if not isinstance(found, dict):
        raise Unavailable(f"the answer is no JSON object, status {answer.status}")
    return found
