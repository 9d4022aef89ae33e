"""JSON over HTTPS to another system: no redirects, a limit for everything, and honest about what may have happened."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.errors import ConnectorError, Forbidden, Obstacle, Outage, Unavailable, Unconfirmed

MOST_BYTES = 4 * 1024 * 1024
LONGEST_WAIT = timedelta(minutes=15)
NOTHING: Mapping[str, Any] = {}
_PIECE = 64 * 1024
_SHOWN = 200  # characters of an answer that says no


class Place(Protocol):
    """Where requests go, whom to trust there, and how long to wait."""

    @property
    def url(self) -> str: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def timeout(self) -> float: ...


@dataclass(frozen=True)
class Answer:
    """What the other side said to a request it understood."""

    status: int
    body: bytes
    wrote: bool = False  # it was a request that changes something

    def json(self) -> Any:
        """Raises Unavailable, or Unconfirmed: something else than that system answers there."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise (Unconfirmed if self.wrote else Unavailable)("the answer is no JSON") from None


class Http:
    """Requests below one address, all with the same headers. Safe for threads, and after a fork."""

    def __init__(self, place: Place, headers: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self._base = place.url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "sparekey", **headers}
        self._verify: str | bool = str(place.ca_file) if place.ca_file else True
        self._timeout = place.timeout
        self._clock = clock

    def get(self, path: str, *, headers: Mapping[str, str] = NOTHING, params: Mapping[str, Any] = NOTHING) -> Answer:
        """Read. Raises Unavailable, or Forbidden; 404 is an answer."""
        try:
            return self._checked(self._send("GET", path, headers, params=params))
        except Unconfirmed as error:
            raise Unavailable(error.detail) from error  # nothing was to change

    def write(
        self, method: str, path: str, body: bytes | Mapping[str, Any], headers: Mapping[str, str] = NOTHING
    ) -> Answer:
        """Change something. Raises Unconfirmed where it may have happened although nobody says so."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = self._send(method, path, {"Content-Type": "application/json", **headers}, data=data)
        return replace(self._checked(sent), wrote=True)

    def _send(self, method: str, path: str, headers: Mapping[str, str], **more: Any) -> tuple[Answer, str]:
        """Send it once, and wait no longer than the limit for the whole answer; with it goes its Retry-After."""
        deadline = time.monotonic() + self._timeout
        with requests.Session() as session:
            session.trust_env = False  # no proxy and no .netrc of whoever started the portal
            try:
                with session.request(
                    method,
                    self._base + path,
                    headers={**self._headers, **headers},
                    timeout=self._timeout,
                    verify=self._verify,
                    allow_redirects=False,  # they would take the token along
                    stream=True,
                    **more,
                ) as reply:
                    body = _read(reply, deadline)
                    return Answer(reply.status_code, body), reply.headers.get("Retry-After", "")
            except requests.RequestException as error:
                raise _lost(error) from error

    def _checked(self, answered: tuple[Answer, str]) -> Answer:
        answer, retry_after = answered
        status = answer.status
        if 200 <= status < 300 or status == 404:
            return answer
        said = f"{status} {answer.body[:_SHOWN].decode('utf-8', 'replace')}".strip()
        if status in (429, 503):
            raise Unavailable(said, outage=Outage.BUSY, wait=self._wait(retry_after))
        if status >= 500:
            raise Unconfirmed(said)  # it may have failed after the work was done
        if status == 401:
            raise Forbidden(f"the token is not accepted: {said}")
        if status < 400:
            raise Forbidden(f"it is redirected, which is not followed: {said}", obstacle=Obstacle.UNSUPPORTED)
        raise Forbidden(said, obstacle=Obstacle.NO_RIGHT if status == 403 else Obstacle.UNWILLING)

    def _wait(self, retry_after: str) -> timedelta:
        """Seconds or a date (RFC 9110 10.2.3); what is neither asks for nothing."""
        try:
            wait = timedelta(seconds=int(retry_after))
        except (ValueError, OverflowError):
            try:
                wait = parsedate_to_datetime(retry_after) - self._clock()
            except (ValueError, TypeError, IndexError):
                return timedelta()
        return min(max(wait, timedelta()), LONGEST_WAIT)


def basic(user: str, password: str) -> str:
    """What stands in Authorization for a name and a password (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def found(answer: Answer, what: str) -> Any:
    """The JSON of what must be there. Raises Forbidden if it is not."""
    there(answer, what)
    return answer.json()


def there(answer: Answer, what: str) -> None:
    """For answers that say nothing more. Raises Forbidden if it is not there."""
    if answer.status == 404:
        raise Forbidden(f"{what} is not there", obstacle=Obstacle.UNWILLING)


def _read(reply: requests.Response, deadline: float) -> bytes:
    body = b""
    for piece in reply.iter_content(_PIECE):
        body += piece
        if len(body) > MOST_BYTES or time.monotonic() > deadline:
            raise requests.Timeout("the answer is too long, or comes too slowly")
    return body


def _lost(error: requests.RequestException) -> ConnectorError:
    """Nothing has left this machine before there is a connection; from then on nobody knows."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    never_sent = isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError)
    text = type(reason or error).__name__  # the words of the exception hold the address, and what was asked there
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(f"the certificate is not to be trusted: {text}", outage=Outage.PORTAL_REFUSED)
    return Unavailable(text) if never_sent or isinstance(reason, NewConnectionError) else Unconfirmed(text)
