"""An OpenID provider of our own that tells the truth unless it is told to lie: in what way is said by a `Lie`.

It has no pages. `HostileProvider.answer` does what the browser and the provider do together between two pages of the
portal: it takes the address the portal sends the browser to, and gives back the one the browser comes back with.
"""

import hashlib
import hmac
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from tests.standins.http import PatientServer

SECRET = "the secret of the portal at the provider"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
GIANT = b'{"access_token": "' + b"a" * 3_000_000 + b'"}'
OWN = RSAKey.generate_key(2048, {"kid": "first"})
FOREIGN = RSAKey.generate_key(2048, {"kid": "first"})  # the same name, another key

ALGORITHMS = ["RS256", "ES256"]

Values = Mapping[str, Any]
Sign = Callable[[Values, Values], str]


def _json(value: Values) -> bytes:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def signed(header: Values, claims: Values, key: RSAKey | ECKey = OWN) -> str:
    """As it should be, but for what stands in header and claims."""
    return jws.serialize_compact(dict(header), json.dumps(claims), key, registry=_Careless(algorithms=ALGORITHMS))


def by_foreign_key(header: Values, claims: Values) -> str:
    return signed(header, claims, FOREIGN)


def not_at_all(header: Values, claims: Values) -> str:
    return b".".join((_json({**header, "alg": "none"}), _json(claims), b"")).decode()


def by_secret(secret: bytes) -> Sign:
    """With HMAC, and a key that others know, too (RFC 8725 2.1)."""

    def sign(header: Values, claims: Values) -> str:
        text = _json({**header, "alg": "HS256"}) + b"." + _json(claims)
        return (text + b"." + urlsafe_b64encode(hmac.digest(secret, text, "sha256")).rstrip(b"=")).decode()

    return sign


class _Careless(jws.JWSRegistry):
    """Signs whatever header it is given."""

    def check_header(self, header: dict[str, Any]) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Lie:
    """What differs from the truth. None in place of a value leaves it out."""

    claims: Values = field(default_factory=dict)
    header: Values = field(default_factory=dict)
    sign: Sign = signed
    token: Values = field(default_factory=dict)  # the answer of the token endpoint
    callback: Values = field(default_factory=dict)  # the arguments the browser comes back with
    raw: bytes = b""  # the whole answer of the token endpoint
    status: int = 200  # of that answer
    slow: float = 0.0  # seconds between its bytes


TRUTH = Lie()


def altered(true: Values, lie: Values) -> dict[str, Any]:
    return {name: value for name, value in {**true, **lie}.items() if value is not None}


class HostileProvider:
    """Listens on a free port while it is entered. Every path is an issuer of its own: `issuer("lying")`.

    `metadata`: what it says of itself that is not true, by the name of the issuer.
    """

    def __init__(self, clock: Callable[[], datetime], metadata: Mapping[str, Values]) -> None:
        self.clock = clock
        self._metadata = metadata
        self.lie = TRUTH
        self.asked: dict[str, dict[str, str]] = {}  # code -> what the portal asked for
        self._http = _Server(("127.0.0.1", 0), _Requests)
        self._http.provider = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> "HostileProvider":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def issuer(self, name: str) -> str:
        return f"{self.url}/{name}"

    def answer(self, address: str, *, subject: str, lie: Lie = TRUTH) -> str:
        """Where the browser comes back to, once somebody has signed in there under that name."""
        self.lie = lie
        asked = dict(parse_qsl(urlsplit(address).query)) | {"subject": subject}
        code = secrets.token_urlsafe(16)
        self.asked[code] = asked
        issuer = address.partition("/authorize")[0]
        back = altered({"code": code, "state": asked["state"], "iss": issuer}, lie.callback)
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def metadata(self, issuer: str) -> dict[str, Any]:
        """What is read once a day, and believed for as long."""
        true = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "end_session_endpoint": f"{issuer}/end",
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return altered(true, self._metadata.get(issuer.rpartition("/")[2], {}))

    def tokens(self, issuer: str, code: str) -> dict[str, Any]:
        """It takes a code as often as it likes: whether one comes twice is for the portal to see."""
        asked = self.asked[code]
        now, access = int(self.clock().timestamp()), secrets.token_urlsafe(16)
        true = {
            "iss": issuer,
            "sub": asked["subject"],
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            "acr": asked.get("acr_values"),
            "sid": f"session of {asked['subject']}",
            "at_hash": _half_hash(access),
        }
        id_token = self._signed({"typ": "JWT"}, true)
        return altered({"access_token": access, "token_type": "Bearer", "id_token": id_token}, self.lie.token)

    def logout_token(self, issuer: str, client_id: str, subject: str, lie: Lie = TRUTH) -> str:
        """What it posts when somebody has signed out there (OpenID Connect Back-Channel Logout 1.0, 2.4)."""
        self.lie = lie
        now = int(self.clock().timestamp())
        true = {
            "iss": issuer,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "events": {EVENT: {}},
            "sub": subject,
            "sid": f"session of {subject}",
        }
        return self._signed({"typ": "logout+jwt"}, true)

    def _signed(self, header: Values, claims: Values) -> str:
        lie = self.lie
        return lie.sign(altered({"alg": "RS256", "kid": "first", **header}, lie.header), altered(claims, lie.claims))

    def ago(self, **passed: float) -> int:
        """A time claim of the past; with negative values of the future."""
        return int((self.clock() - timedelta(**passed)).timestamp())


class _Server(PatientServer):
    provider: HostileProvider


class _Requests(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        provider = self.server.provider
        issuer, _slash, what = f"{provider.url}{self.path}".rpartition("/")
        if what == "keys":
            self._say({"keys": [OWN.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]})
        else:
            self._say(provider.metadata(issuer.removesuffix("/.well-known")))

    def do_POST(self) -> None:
        provider, lie = self.server.provider, self.server.provider.lie
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
        issuer = f"{provider.url}{self.path}".removesuffix("/token")
        if lie.raw or lie.status != 200:
            self._answer(lie.status, lie.raw, lie.slow)
        else:
            self._say(provider.tokens(issuer, form["code"]))

    def _say(self, values: Values) -> None:
        self._answer(200, json.dumps(values).encode())

    def _answer(self, status: int, body: bytes, slow: float = 0.0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status in (302, 307):
            self.send_header("Location", "/elsewhere/token")
        self.end_headers()
        if not slow:
            self.wfile.write(body)
            return
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            time.sleep(slow)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def _half_hash(token: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
