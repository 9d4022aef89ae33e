"""HTTPS to a FreeIPA server: verified, no redirects, no proxies, and honest about whether a request was sent."""

import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from connectors.freeipa.settings import FreeIpaSettings

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
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context already says it all."""


class Wire:
    """The connections to all servers. Safe for threads, and after a fork."""

    def __init__(self, settings: FreeIpaSettings) -> None:
        self._settings = settings
        self._session, self._owner = self._new_session(), os.getpid()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        """Send it once, and wait so long for the whole answer. Raises Lost."""
        deadline = time.monotonic() + seconds
        try:
            response = self._http().post(
                url,
                data=body,
                headers=dict(headers),
                timeout=(self._settings.connect_timeout, seconds),
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
        context = ssl.create_default_context(cafile=self._settings.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        session = requests.Session()
        session.trust_env = False  # no proxy and no .netrc of whoever started the portal
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # else one person's would go with the next
        session.adapters.clear()
        session.mount("https://", _Adapter(context, self._settings.pool_size))
        return session


def _read(response: requests.Response, deadline: float) -> bytes:
    pieces = []
    for piece in response.iter_content(_PIECE):
        pieces.append(piece)
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer came too slowly")
    return b"".join(pieces)


def _lost(url: str, error: Exception) -> Lost:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    before = isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
    text = f"{url}: {reason or error}"
    return Lost(
        text,
        sent=not before,
        silent=isinstance(error, requests.Timeout),
        untrusted="CERTIFICATE_VERIFY_FAILED" in text,
    )
