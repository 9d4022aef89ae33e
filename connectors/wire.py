"""Requests to a server: verified, no redirects, no proxies, and honest about whether a request was sent."""

import json
import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

MOST_BYTES = 64 * 1024 * 1024
_PIECE = 65536


class Lost(Exception):
    """No answer came. Unless `sent`, nothing has left this machine but the opening of a connection."""

    def __init__(self, detail: str, *, sent: bool, silent: bool = False, untrusted: bool = False) -> None:
        super().__init__(detail)
        self.sent = sent
        self.silent = silent
        self.untrusted = untrusted  # the server's certificate is not to be trusted


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body)


class Network(Protocol):
    """Whom to trust, how long to wait for a connection, and how many to keep."""

    @property
    def ca_file(self) -> Path | None: ...
    @property
    def connect_timeout(self) -> float: ...
    @property
    def pool_size(self) -> int: ...


class _Connection(HTTPSConnection):
    """Tells all that goes wrong before the first byte of a request from what goes wrong after it.

    urllib3 itself says "read timeout" and "connection aborted" of a TLS handshake as well.
    """

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no answer within the time limit") from error
        except (OSError, HTTPError) as error:
            raise NewConnectionError(self, str(error)) from error


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    """Trusts exactly the authorities it is given: requests on its own adds a list that came with a package."""

    def __init__(self, context: ssl.SSLContext, size: int) -> None:
        self._context = context
        super().__init__(pool_connections=size, pool_maxsize=size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool, "http": HTTPConnectionPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context already says it all."""


class Wire:
    """The connections to all servers of one system. Safe for threads, and after a fork.

    Whether an address may begin with http:// is for the settings to say: none but one on this machine.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._session, self._owner = self._new_session(), os.getpid()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        seconds: float,
        *,
        body: bytes | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send it once, and wait so long for the whole answer. Raises Lost."""
        deadline = time.monotonic() + seconds
        try:
            response = self._http().request(
                method,
                url,
                params=params,
                data=body,
                headers=dict(headers),
                timeout=(min(self._network.connect_timeout, seconds), seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                return Answer(response.status_code, response.headers, _read(response, deadline))
        except (requests.RequestException, HTTPError) as error:
            raise _lost(url, error) from error

    def close(self) -> None:
        self._session.close()

    def _http(self) -> requests.Session:
        if self._owner != os.getpid():  # the parent goes on using its connections
            self._session, self._owner = self._new_session(), os.getpid()
        return self._session

    def _new_session(self) -> requests.Session:
        context = ssl.create_default_context(cafile=self._network.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        session = requests.Session()
        session.trust_env = False  # no proxy and no .netrc of whoever started the portal
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # else one person's would go with the next
        session.adapters.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(context, self._network.pool_size))
        return session


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server asks to be left alone: seconds or a date (RFC 9110 10.2.3); what is neither says nothing."""
    value = headers.get("Retry-After", "")
    try:
        wait = timedelta(seconds=int(value))
    except (ValueError, OverflowError):
        try:
            wait = parsedate_to_datetime(value) - now
        except (ValueError, TypeError, IndexError):
            return None
    return max(wait, timedelta())


def _read(response: requests.Response, deadline: float) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_content(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise requests.exceptions.ContentDecodingError("the answer is too long")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer came too slowly")
    return b"".join(pieces)


def _lost(url: str, error: Exception) -> Lost:
    """Where it was asked, without what was asked there: a query may hold what somebody typed."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    before = isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
    text = f"{'/'.join(url.split('/')[:3])}: {reason or error}"
    return Lost(
        text,
        sent=not before,
        silent=isinstance(error, requests.Timeout),
        untrusted="CERTIFICATE_VERIFY_FAILED" in text,
    )
