"""JSON over HTTPS to a system that knows us by a key which stays the same, and what its answers mean for us."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from connectors import wire
from connectors.errors import Forbidden, Obstacle, Outage, Unavailable, Unconfirmed
from connectors.wire import Lost, Trust, Wire, retry_after

MOST_BYTES = 4 * 1024 * 1024
NOTHING: Mapping[str, Any] = {}
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
        self._place = place
        self._base = place.url.rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._wire = Wire(Trust(place.ca_file), most_bytes=MOST_BYTES)
        self._clock = clock

    def get(self, path: str, *, headers: Mapping[str, str] = NOTHING, params: Mapping[str, Any] = NOTHING) -> Answer:
        """Read. Raises Unavailable, or Forbidden; 404 is an answer."""
        return self._send("GET", path, headers, write=False, params=params)

    def write(
        self, method: str, path: str, body: bytes | Mapping[str, Any], headers: Mapping[str, str] = NOTHING
    ) -> Answer:
        """Change something. Raises Unconfirmed where it may have happened although nobody says so."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._send(method, path, {"Content-Type": "application/json", **headers}, write=True, body=data)

    def _send(self, method: str, path: str, headers: Mapping[str, str], *, write: bool, **more: Any) -> Answer:
        sent = {**self._headers, **headers}
        try:
            answer = self._wire.request(method, self._base + path, sent, self._place.timeout, write=write, **more)
        except Lost as lost:
            raise lost.error(write=write) from lost
        self._check(answer, write)
        return Answer(answer.status, answer.body, write)

    def _check(self, answer: wire.Answer, write: bool) -> None:
        status = answer.status
        if 200 <= status < 300 or status == 404:
            return
        said = f"{status} {answer.body[:_SHOWN].decode('utf-8', 'replace')}".strip()
        if status in (429, 503):
            wait = retry_after(answer.headers, self._clock()) or timedelta()
            raise Unavailable(said, outage=Outage.BUSY, wait=wait)
        if status >= 500:  # it may have failed after the work was done
            raise (Unconfirmed if write else Unavailable)(said)
        if status == 401:
            raise Forbidden(f"the token is not accepted: {said}")
        if status < 400:
            raise Forbidden(f"it is redirected, which is not followed: {said}", obstacle=Obstacle.UNSUPPORTED)
        raise Forbidden(said, obstacle=Obstacle.NO_RIGHT if status == 403 else Obstacle.UNWILLING)


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
