"""Requests on behalf of somebody, with a token for exactly the scope that they need."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from connectors.errors import AccountNotFound, Forbidden, Unconfirmed
from connectors.google.dialect import GoogleDialect
from connectors.google.key import ServiceKey
from connectors.google.scopes import Scope
from connectors.oauth import Api, ApiSettings, JwtBearer, Token, TokenRefused, Tokens, TokenStore
from connectors.wire import Wire

_NOBODY = ("invalid email or user id", "account not found")  # of a subject that is gone, or suspended


@dataclass(frozen=True)
class _Place:
    url: str
    ca_file: Path | None
    connect_timeout: float
    timeout: float
    pool_size: int


class _Unkept:
    """Holds no tokens."""

    def load(self, key: str) -> None:
        return None

    def save(self, key: str, token: Token) -> None:
        pass

    def locked(self, key: str, seconds: float) -> AbstractContextManager[None]:
        return nullcontext()


class Delegated:
    """One service account. Safe for threads, and after a fork. Tokens are kept in `store` for all processes."""

    def __init__(
        self, settings: ApiSettings, key: ServiceKey, store: TokenStore, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._key = key
        self._store = store
        self._clock = clock
        self._wire = Wire(settings)

    @contextmanager
    def api(self, url: str, subject: str, scope: Scope) -> Iterator[Api]:
        """Below this address, as `subject`. Raises AccountNotFound for nobody, Forbidden for a missing scope."""
        place = self._settings
        try:
            yield Api(
                _Place(url, place.ca_file, place.connect_timeout, place.timeout, place.pool_size),
                self._tokens(subject, scope),
                GoogleDialect(),
                wire=self._wire,
                clock=self._clock,
            )
        except TokenRefused as refused:
            if refused.error == "unauthorized_client":
                raise Forbidden(f"the delegation to {self._key.client_id} lacks the scope {scope}") from refused
            if refused.description.casefold().startswith(_NOBODY):
                raise AccountNotFound(f"{subject}: {refused.detail}") from refused
            raise

    def try_token(self, subject: str, scope: Scope) -> None:
        """Raises TokenRefused or Unavailable where none is given now; one that is kept would tell of the past."""
        self._tokens(subject, scope, _Unkept()).token(self._settings.timeout)

    def close(self) -> None:
        self._wire.close()

    def _tokens(self, subject: str, scope: Scope, store: TokenStore | None = None) -> Tokens:
        key = self._key
        grant = JwtBearer(key.token_uri, key.email, key.private_key, key.key_id, scope, subject)
        return Tokens(grant, self._wire, store or self._store, self._clock)


def part(text: str) -> str:
    """Something typed, as one part of a path."""
    return quote(text, safe="@")


def put(api: Api, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Put this in place of what there is, and return what Google says is there now.

    Where the answer was lost, no time of the last change tells whether it arrived; the same once more does no harm.
    """
    try:
        return api.write("PUT", path, body) or {}
    except Unconfirmed:
        return api.write("PUT", path, body) or {}
