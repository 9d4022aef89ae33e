"""Tokens: fetched once for all, used until shortly before they end, and replaced once when they are refused."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from connectors.errors import Outage, Unavailable
from connectors.oauth.grants import Grant
from connectors.wire import Answer, Lost, Wire, retry_after

REFUSAL_SECONDS = 30.0
"""After a refusal nobody asks again that long: what is wrong will not mend itself, and tries may be counted."""

_USUAL_SECONDS = 3600  # where the answer does not say how long its token is good (RFC 6749, 5.1)
_EARLY = timedelta(seconds=60)
_MOST_SHOWN = 300


@dataclass(frozen=True)
class Token:
    value: str = field(repr=False)
    expires_at: datetime


class TokenStore(Protocol):
    """Where tokens are kept for all processes of one installation."""

    def load(self, key: str) -> Token | None: ...

    def save(self, key: str, token: Token) -> None: ...

    def locked(self, key: str, seconds: float) -> AbstractContextManager[None]:
        """Only one at a time is inside; raises Unavailable after so many seconds."""


class TokenRefused(Unavailable):
    """The token endpoint does not let us in. `error`: its code (RFC 6749, 5.2), `description`: its words."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"no token: {error}: {description}", outage=Outage.PORTAL_REFUSED)
        self.error = error
        self.description = description


class Tokens:
    """The tokens of one grant. Safe for threads and processes."""

    def __init__(self, grant: Grant, wire: Wire, store: TokenStore, clock: Callable[[], datetime]) -> None:
        self._grant = grant
        self._wire = wire
        self._store = store
        self._clock = clock
        self._refused: tuple[float, TokenRefused] | None = None

    def token(self, seconds: float) -> Token:
        """The one there is, or a new one. Raises Unavailable."""
        kept = self._store.load(self._grant.key)
        return kept if kept and self._is_good(kept) else self.renew(kept, seconds)

    def renew(self, rejected: Token | None, seconds: float) -> Token:
        """Another than the one that was rejected: what another process has fetched meanwhile, or a new one."""
        deadline = time.monotonic() + seconds
        with self._store.locked(self._grant.key, seconds):
            kept = self._store.load(self._grant.key)
            if kept and self._is_good(kept) and (rejected is None or kept.value != rejected.value):
                return kept
            return self._replaced(deadline)

    def fresh(self, seconds: float) -> Token:
        """A new one for all, whatever there is: only a new one has the permissions that were granted since."""
        deadline = time.monotonic() + seconds
        with self._store.locked(self._grant.key, seconds):
            return self._replaced(deadline)

    def _replaced(self, deadline: float) -> Token:
        token = self._fetched(max(deadline - time.monotonic(), 0.1))
        self._store.save(self._grant.key, token)
        return token

    def _is_good(self, token: Token) -> bool:
        return self._clock() < token.expires_at

    def _fetched(self, seconds: float) -> Token:
        if self._refused and time.monotonic() < self._refused[0]:
            raise TokenRefused(self._refused[1].error, self._refused[1].description)
        body = urlencode(self._grant.form(self._clock())).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._wire.request("POST", self._grant.url, headers, seconds, body=body)
        except Lost as lost:
            raise lost.error(write=False) from lost
        try:
            return self._understood(answer)
        except TokenRefused as refused:
            self._refused = time.monotonic() + REFUSAL_SECONDS, refused
            raise

    def _understood(self, answer: Answer) -> Token:
        said = _fields(answer)
        if answer.status == 200 and isinstance(said.get("access_token"), str):
            return Token(said["access_token"], self._clock() + _good_for(said.get("expires_in")))
        if answer.status in (429, 503):
            wait = retry_after(answer.headers, self._clock()) or timedelta()
            raise Unavailable(f"no token: status {answer.status}", outage=Outage.BUSY, wait=wait)
        if 400 <= answer.status < 500:
            raise TokenRefused(
                _text(said.get("error")) or f"status {answer.status}", _text(said.get("error_description"))
            )
        raise Unavailable(f"no token: {self._grant.url} answered with status {answer.status}")


def _fields(answer: Answer) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, Mapping) else {}


def _good_for(seconds: object) -> timedelta:
    """A little less than was promised, for the way there."""
    good = timedelta(seconds=int(seconds) if isinstance(seconds, int | float) else _USUAL_SECONDS)
    return good - min(_EARLY, good / 10)


def _text(value: object) -> str:
    return " ".join(str(value or "").split())[:_MOST_SHOWN]
