"""Requests to a server: verified, no redirects, no proxies, and honest about whether a request was sent."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from connectors.encryption import verified
from connectors.errors import ConnectorError, Outage, Unavailable, Unconfirmed

MOST_BYTES = 64 * 1024 * 1024
LONGEST_WAIT = timedelta(minutes=15)  # however long a server asks for
_PIECE = 65536
_IDLE_SECONDS = 30.0  # by then a firewall between may have forgotten a kept connection, and a write be lost in it


class Lost(Exception):
    """No answer came. Unless `sent`, nothing has left this machine but the opening of a connection."""

    def __init__(self, detail: str, *, sent: bool, silent: bool = False, untrusted: bool = False) -> None:
        super().__init__(detail)
        self.sent = sent
        self.silent = silent
        self.untrusted = untrusted  # the server's certificate is not to be trusted

    def error(self, *, write: bool, note: str = "") -> ConnectorError:
        """What it comes to for whoever asked: what may have changed something is never called a failure."""
        detail = f"{self} {note}".strip()
        if self.sent and write:
            return Unconfirmed(detail)
        return Unavailable(detail, outage=Outage.PORTAL_REFUSED if self.untrusted else Outage.DOWN)


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


@dataclass(frozen=True)
class Trust:
    """A network for what is asked now and then: whom to trust is all there is to say about it."""

    ca_file: Path | None
    connect_timeout: float = 5.0
    pool_size: int = 4


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


_context = lru_cache(maxsize=16)(verified)  # reading the system's authorities takes longer than a handshake


class Adapter(HTTPAdapter):
    """Trusts exactly the authorities it is given: requests on its own adds a list that came with a package."""

    def __init__(self, ca_file: Path | None, size: int) -> None:
        """Raises Lost: one system without its authority keeps nobody from the others."""
        try:
            self._context = _context(ca_file)
        except OSError as error:  # ssl.SSLError is one, too
            raise Lost(f"{ca_file}: no certificates: {error.strerror}", sent=False, untrusted=True) from error
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

    def __init__(self, network: Network, *, most_bytes: int = MOST_BYTES) -> None:
        self._network = network
        self._most_bytes = most_bytes
        self._session: requests.Session | None = None
        self._owner = 0
        self._used = time.monotonic()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        seconds: float,
        *,
        write: bool = False,
        body: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Send it, and wait so long for the whole answer. Raises Lost.

        `write`: it changes something and is sent once; anything else is sent again when a kept connection turns out to
        have died since its last use.
        """
        deadline = time.monotonic() + seconds
        prepared = requests.Request(method, url, headers=dict(headers), params=dict(params or {}), data=body)
        try:
            return self._once(prepared, seconds)
        except Lost as lost:
            if write or lost.silent or not lost.sent:
                raise
            return self._once(prepared, max(deadline - time.monotonic(), 0.1))

    def close(self) -> None:
        if self._session:
            self._session.close()

    def _once(self, request: requests.Request, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        session = self._http()
        try:
            response = session.send(
                session.prepare_request(request),
                timeout=(min(self._network.connect_timeout, seconds), seconds),
                allow_redirects=False,  # they would take what proves who we are along
                stream=True,
            )
            with response:
                return Answer(response.status_code, response.headers, read(response, self._most_bytes, deadline))
        except (requests.RequestException, HTTPError) as error:
            raise loss_of(request.url, error) from error

    def _http(self) -> requests.Session:
        if self._session is None or self._owner != os.getpid():  # the parent goes on using its connections
            self._session, self._owner = self._new_session(), os.getpid()
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self._session.close()  # what is under way goes on; the next request opens a connection
        self._used = time.monotonic()
        return self._session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # no proxy and no .netrc of whoever started the portal
        session.headers["User-Agent"] = "sparekey"
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # else one person's would go with the next
        session.adapters.clear()
        adapter = Adapter(self._network.ca_file, self._network.pool_size)
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)
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
    return min(max(wait, timedelta()), LONGEST_WAIT)


def read(response: requests.Response, most_bytes: int, deadline: float) -> bytes:
    """The whole of an answer. Raises requests.Timeout for one that is too long, or comes too slowly."""
    pieces, size = [], 0
    for piece in response.iter_content(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > most_bytes or time.monotonic() > deadline:
            raise requests.Timeout("the answer is too long, or comes too slowly")
    return b"".join(pieces)


def loss_of(url: str, error: Exception) -> Lost:
    """Where it was asked, without what was asked there: a query may hold what somebody typed."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    before = isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
    place = urlsplit(url)
    text = f"{place.scheme}://{place.netloc.rpartition('@')[2]}: {reason or error}"
    return Lost(
        text,
        sent=not before,
        silent=isinstance(error, requests.Timeout),
        untrusted="CERTIFICATE_VERIFY_FAILED" in text,
    )
