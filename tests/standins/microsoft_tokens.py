"""The token endpoint of Entra: lets apps in by a secret or a signed assertion, and takes tokens back."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

TENANT = "0f4a8c1e-1111-4222-8333-444455556666"
CLIENT = "c11e0000-aaaa-4bbb-8ccc-dddd00000001"
SECRET = "an-app-secret~1"
Reply = tuple[int, Any]


class TokenDesk:
    """`permissions` and `roles` are what the app has been given; a token keeps those of the moment it was made."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.permissions: set[str] = set()
        self.roles = {"fe930be7-5e62-47db-91af-98c3a49a38b1"}
        self.certificate: x509.Certificate | None = None
        self.lasts = timedelta(seconds=3599)
        self.issued = 0
        self.busy = False
        self._good: dict[str, tuple[datetime, frozenset[str], frozenset[str]]] = {}
        self._seen: set[str] = set()

    def revoke_all(self) -> None:
        self._good.clear()

    def issue(self, form: Mapping[str, str], url: str, scope: str) -> Reply:
        if self.busy:
            return 429, b"Too many requests"
        if form.get("client_id") != CLIENT:
            return self._no(400, "unauthorized_client", 700016, "Application was not found in the directory")
        if form.get("grant_type") != "client_credentials":
            return self._no(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type")
        if form.get("scope") != scope:
            return self._no(400, "invalid_resource", 500011, "The resource principal was not found in the tenant")
        if "client_assertion" in form:
            if not self._signed(form, url):
                return self._no(401, "invalid_client", 700027, "The certificate used to sign is not registered")
        elif form.get("client_secret") != SECRET:
            return self._no(401, "invalid_client", 7000215, "Invalid client secret provided")
        self.issued += 1
        claims = {"aud": scope.removesuffix("/.default"), "roles": sorted(self.permissions), "wids": sorted(self.roles)}
        token = ".".join((_part({"alg": "RS256", "typ": "JWT"}), _part(claims), secrets.token_urlsafe(24)))
        self._good[token] = self.clock() + self.lasts, frozenset(self.permissions), frozenset(self.roles)
        return 200, {"token_type": "Bearer", "expires_in": int(self.lasts.total_seconds()), "access_token": token}

    def who(self, headers: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str]] | None:
        """The permissions and roles of whoever asks; None without a good token."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        good = self._good.get(token)
        return good[1:] if kind == "Bearer" and good and self.clock() < good[0] else None

    def _signed(self, form: Mapping[str, str], url: str) -> bool:
        if self.certificate is None or not form["client_assertion_type"].endswith(":jwt-bearer"):
            return False
        public = self.certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        try:
            token = jwt.decode(form["client_assertion"], RSAKey.import_key(public), algorithms=["PS256"])
        except (JoseError, ValueError):
            return False
        digest = base64.urlsafe_b64encode(self.certificate.fingerprint(SHA256())).rstrip(b"=").decode()
        claims, now = token.claims, self.clock().timestamp()
        fresh = claims["jti"] not in self._seen and claims["iat"] - 300 <= now < claims["exp"] <= claims["iat"] + 3600
        self._seen.add(claims["jti"])
        named = claims["iss"] == claims["sub"] == CLIENT and claims["aud"] == url
        return fresh and named and token.header.get("x5t#S256") == digest

    def _no(self, status: int, error: str, code: int, text: str) -> Reply:
        said = {"error": error, "error_description": f"AADSTS{code}: {text}. Trace ID: 1 Correlation ID: 2"}
        return status, {**said, "error_codes": [code], "trace_id": "1", "correlation_id": "2"}


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
