"""JSON over HTTPS with a token: patient while the other side is busy, and honest about what may have happened."""

import json
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog

from connectors.errors import ConnectorError, Forbidden, Obstacle, Outage, Unavailable, Unconfirmed
from connectors.oauth.tokens import Token, Tokens
from connectors.request_numbers import keep_number
from connectors.wire import Answer, Lost, Wire, retry_after

NOTHING: Mapping[str, Any] = {}
_FIRST_PAUSE = 0.5  # seconds; doubled with each try, and up to half more by chance
_SHOWN = 200  # characters of an answer that is not understood


class Place(Protocol):
    """Where requests go, and how long one of them may take with all that belongs to it."""

    @property
    def url(self) -> str: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def connect_timeout(self) -> float: ...
    @property
    def timeout(self) -> float: ...
    @property
    def pool_size(self) -> int: ...


class Dialect(ABC):
    """How one vendor says things."""

    def busy(self, answer: Answer) -> bool:
        """Nothing was done, and another try later may work."""
        return answer.status in (429, 503)

    @abstractmethod
    def error(self, answer: Answer, detail: str) -> ConnectorError:
        """What a status from 400 to 499 means. `detail`: for the record, with the number of the request."""

    def words(self, answer: Answer) -> str:
        """What an error's body says, in short and without a value that somebody typed."""
        return ""

    def marks(self) -> Mapping[str, str]:
        """Headers by which the vendor finds a request in its own log, new for each."""
        return NOTHING

    def request_id(self, answer: Answer) -> str:
        """The number the vendor gave the request."""
        return ""


class Api:
    """Requests below one address. Safe for threads, and after a fork."""

    def __init__(
        self,
        place: Place,
        tokens: Tokens,
        dialect: Dialect,
        *,
        wire: Wire,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._place = place
        self._base = place.url.rstrip("/")
        self._tokens = tokens
        self._dialect = dialect
        self._wire = wire
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._log = structlog.get_logger("oauth")

    def get(self, path: str, params: Mapping[str, str] = NOTHING, headers: Mapping[str, str] = NOTHING) -> Any:
        """The JSON of what is there. Raises what the dialect makes of a no, or Unavailable."""
        answer = self.send("GET", path, params=params, headers=headers)
        try:
            return answer.json()
        except ValueError:
            raise Unavailable(self._told(answer, "the answer is no JSON")) from None

    def write(self, method: str, path: str, body: Any = None, params: Mapping[str, str] = NOTHING) -> Any:
        """Change something; the JSON that is answered, or None. Raises Unconfirmed where it may have happened."""
        answer = self.send(method, path, params=params, body=body, write=True)
        if not answer.body:
            return None
        try:
            return answer.json()
        except ValueError:
            raise Unconfirmed(self._told(answer, "the answer is no JSON")) from None

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] = NOTHING,
        body: Any = None,
        headers: Mapping[str, str] = NOTHING,
        write: bool = False,
        redirects: bool = False,
    ) -> Answer:
        """Send it until it is understood or the time is over; return an answer below 400.

        `write`: it changes something, so that a lost answer leaves it open whether it did. `redirects`: an answer that
        names another place is returned, too; nothing is ever sent there from here.
        """
        url, data = self._address(path), None if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if data is not None else {}
        deadline = time.monotonic() + self._place.timeout
        token, fresh = self._tokens.token(self._place.timeout), False
        pause = _FIRST_PAUSE
        while True:
            sent = {"Accept": "application/json", **given, **headers, **self._dialect.marks()}
            sent["Authorization"] = f"Bearer {token.value}"
            left = max(deadline - time.monotonic(), 0.1)
            answer = self._once(method, url, sent, left, params=params, body=data, write=write)
            if answer.status == 401 and not fresh:  # revoked before its time
                token, fresh = self._renewed(token, deadline), True
                continue
            if not self._dialect.busy(answer):
                return answer if redirects and 300 <= answer.status < 400 else self._checked(answer, write=write)
            self._wait(answer, pause, deadline)
            pause *= 2

    def close(self) -> None:
        self._wire.close()

    def _address(self, path: str) -> str:
        """The token goes to no other place, whatever an answer names as its next page."""
        if not path.startswith(("https://", "http://")):
            return f"{self._base}/{path.lstrip('/')}"
        if not path.startswith(f"{self._base}/"):
            raise Unavailable("the answer names a next page in another place, which is not followed")
        return path

    def _once(self, method: str, url: str, headers: Mapping[str, str], seconds: float, **more: Any) -> Answer:
        try:
            return self._wire.request(method, url, headers, seconds, **more)
        except Lost as lost:
            marks = " ".join(headers[name] for name in self._dialect.marks())
            raise lost.error(write=more["write"], note=marks) from lost

    def _renewed(self, token: Token, deadline: float) -> Token:
        return self._tokens.renew(token, max(deadline - time.monotonic(), 0.1))

    def _wait(self, answer: Answer, pause: float, deadline: float) -> None:
        """As long as it asks for, or a while that differs between those who wait. Raises Unavailable if too long."""
        asked = retry_after(answer.headers, self._clock())
        seconds = pause * (1 + self._chance() / 2) if asked is None else asked.total_seconds()
        if time.monotonic() + seconds >= deadline:
            raise Unavailable(self._told(answer, "busy"), outage=Outage.BUSY, wait=asked or timedelta())
        self._sleep(seconds)

    def _checked(self, answer: Answer, *, write: bool) -> Answer:
        status = answer.status
        if write:
            number = self._dialect.request_id(answer)
            self._log.info("written", status=status, request=number)
            keep_number(number)
        if status < 300:
            return answer
        if status < 400:
            raise Forbidden(self._told(answer, "redirected, which is not followed"), obstacle=Obstacle.UNSUPPORTED)
        if status == 401:
            raise Unavailable(self._told(answer, "the token is not accepted"), outage=Outage.PORTAL_REFUSED)
        if status < 500:
            raise self._dialect.error(answer, self._told(answer, ""))
        raise (Unconfirmed if write else Unavailable)(self._told(answer, ""))

    def _told(self, answer: Answer, what: str) -> str:
        number = self._dialect.request_id(answer)
        parts = (what, f"{answer.status}", self._dialect.words(answer), f"request {number}" if number else "")
        return " ".join(filter(None, parts))
