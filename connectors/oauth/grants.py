"""The ways a program proves to a token endpoint who it is. None of them shows a secret when it is printed."""

import base64
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

ASSERTION_SECONDS = 300
"""How long an assertion is good: Google takes an hour at most, and a clock may be off a little."""

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523, 2.1
_CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523, 2.2


class Grant(ABC):
    """`url`: the token endpoint. `key`: what tells its tokens from those of another grant."""

    url: str
    scope: str

    @property
    @abstractmethod
    def key(self) -> str: ...

    @abstractmethod
    def form(self, now: datetime) -> Mapping[str, str]:
        """What is posted to ask for a token; a new one for each request."""


@dataclass(frozen=True)
class ClientSecret(Grant):
    """Client credentials with a secret (RFC 6749, 4.4), posted as client_secret_post."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""

    @property
    def key(self) -> str:
        return f"{self.url} {self.client_id} {self.scope}"

    def form(self, now: datetime) -> Mapping[str, str]:
        who = {"client_id": self.client_id, "client_secret": self.client_secret}
        return {"grant_type": "client_credentials", **who, **_scope(self.scope)}


@dataclass(frozen=True)
class ClientCertificate(Grant):
    """Client credentials with a signature (private_key_jwt): no secret ever leaves this machine.

    Entra finds the key by the certificate's SHA-256 thumbprint
    (learn.microsoft.com/entra/identity-platform/certificate-credentials).
    """

    url: str
    client_id: str
    private_key: str = field(repr=False)
    certificate: str = field(repr=False)
    scope: str = ""

    @property
    def key(self) -> str:
        return f"{self.url} {self.client_id} {self.thumbprint} {self.scope}"

    @cached_property
    def thumbprint(self) -> str:
        digest = x509.load_pem_x509_certificate(self.certificate.encode()).fingerprint(SHA256())
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @cached_property
    def ends(self) -> datetime:
        """When the certificate is over."""
        return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc

    @cached_property
    def _key(self) -> RSAKey:
        return rsa_key(self.private_key)

    def form(self, now: datetime) -> Mapping[str, str]:
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.url}
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint}
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_assertion_type": _CLIENT_ASSERTION,
            "client_assertion": _signed(header, claims, self._key, now),
            **_scope(self.scope),
        }


@dataclass(frozen=True)
class JwtBearer(Grant):
    """An assertion in place of a person's consent (RFC 7523, 2.1), as Google's domain-wide delegation wants it."""

    url: str
    issuer: str
    private_key: str = field(repr=False)
    key_id: str
    scope: str
    subject: str = ""  # on behalf of whom

    @property
    def key(self) -> str:
        return f"{self.url} {self.issuer} {self.subject} {self.scope}"

    @cached_property
    def _key(self) -> RSAKey:
        return rsa_key(self.private_key)

    def form(self, now: datetime) -> Mapping[str, str]:
        claims = {"iss": self.issuer, "aud": self.url, "scope": self.scope}
        if self.subject:
            claims["sub"] = self.subject
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        return {"grant_type": _JWT_BEARER, "assertion": _signed(header, claims, self._key, now)}


@cache  # to check the numbers of a key takes longer than to sign with it
def rsa_key(pem: str) -> RSAKey:
    """Raises ValueError without a word of the key."""
    try:
        return RSAKey.import_key(pem)
    except (ValueError, TypeError, JoseError):
        raise ValueError("private_key: that is no RSA key in PEM") from None


def _signed(header: dict[str, str], claims: Mapping[str, str], key: RSAKey, now: datetime) -> str:
    issued = int(now.timestamp())
    times = {"iat": issued, "exp": issued + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(16)}
    return jwt.encode(header, {**claims, **times}, key, algorithms=[header["alg"]])


def _scope(scope: str) -> Mapping[str, str]:
    return {"scope": scope} if scope else {}
