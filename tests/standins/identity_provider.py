"""An honest OpenID provider in `responses`: whatever it is asked, a test may bend before it answers."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses
from joserfc import jwt
from joserfc.jwk import ECKey

from connectors.oidc import ProviderSettings

ISSUER = "https://id.example.org/realms/staff"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def settings(**more: Any) -> ProviderSettings:
    chosen = {
        "name": "example",
        "title": "Example ID",
        "issuer": ISSUER,
        "client_id": "sparekey",
        "client_secret": "not-for-logs",
        "roles": {"coordinator": ("service-desk",)},
    }
    return ProviderSettings(**{**chosen, **more})


class IdentityProvider:
    """Stands at ISSUER while `mock` is active. `claims` are added to each id_token, None takes one away."""

    def __init__(self, mock: responses.RequestsMock, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self.mock = mock
        self.key = ECKey.generate_key("P-256", {"kid": "1", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "1"}
        self.metadata: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.now = NOW
        self.knows_client = True
        self.asked: dict[str, str] = {}
        self.exchanged: dict[str, str] = {}
        mock.add_callback("GET", f"{issuer}/.well-known/openid-configuration", self._metadata)
        mock.add_callback("GET", f"{issuer}/keys", self._keys)
        mock.add_callback("POST", f"{issuer}/token", self._token)

    def visit(self, url: str) -> dict[str, str]:
        """What a browser sent to this address brings back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return {"code": "a-code", "state": self.asked["state"], "iss": self.issuer}

    def _metadata(self, request: Any) -> tuple[int, dict[str, str], str]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["ES256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return 200, {}, _json({**told, **self.metadata})

    def _keys(self, request: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, _json({"keys": [self.key.as_dict(private=False)]})

    def _token(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.exchanged = {name: values[0] for name, values in parse_qs(request.body).items()}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.exchanged["code_verifier"].encode()).digest())
        if not self.knows_client:
            return 401, {}, _json({"error": "invalid_client"})
        if challenge.rstrip(b"=").decode() != self.asked.get("code_challenge"):
            return 400, {}, _json({"error": "invalid_grant"})
        answer = {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": self.token()}
        return 200, {}, _json({**answer, **self.answer})

    def token(self) -> str:
        now = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": "sparekey",
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": self.asked.get("nonce", ""),
            "preferred_username": "alice",
        }
        return jwt.encode(self.header, _there({**claims, **self.claims}), self.key, algorithms=["ES256", "RS256"])


def _json(told: dict[str, Any]) -> str:
    return json.dumps(_there(told))


def _there(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}
