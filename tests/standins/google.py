"""Google Workspace as far as the portal needs it: tokens by signed assertion, the Admin SDK and Gmail's settings.

Sources: developers.google.com/identity/protocols/oauth2/service-account, the discovery documents of admin:directory_v1,
admin:reports_v1 and gmail:v1, and support.google.com/a/answer/162106 (domain-wide delegation).
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.standins.google_directory import Directory
from tests.standins.google_gmail import Gmail
from tests.standins.google_says import Refusal
from tests.standins.http import Reply, Standin

DOMAIN = "nordvik.test"
ADMIN = f"portal-admin@{DOMAIN}"
ACCOUNT = "sparekey@portal.iam.gserviceaccount.com"
CLIENT_ID = "104857600000000000001"
EVERY_SCOPE = frozenset(
    f"https://www.googleapis.com/auth/{name}"
    for name in (
        "admin.directory.user.readonly",
        "admin.directory.user",
        "admin.directory.user.alias",
        "admin.directory.user.security",
        "admin.directory.group.readonly",
        "admin.directory.group.member",
        "admin.reports.usage.readonly",
        "gmail.settings.basic",
        "gmail.settings.sharing",
    )
)
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@cache
def signing_key(number: int) -> RSAKey:
    """Made once for all tests of a run: 2048 bits take a while."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}"})


@dataclass(frozen=True)
class Caller:
    """On whose behalf a token was given, and what for."""

    subject: str
    scopes: frozenset[str]
    until: float = field(default_factory=lambda: time.time() + 3599)


class GoogleStandin(Standin):
    """`granted`: the scopes of the domain-wide delegation. `throttled`: so many requests are refused as too many."""

    def __init__(self) -> None:
        super().__init__()
        self.granted = set(EVERY_SCOPE)
        self.callers: dict[str, Caller] = {}
        self.tokens_given = 0
        self.throttled = 0
        self.throttle_status = 403
        self.clock: Callable[[], float] = time.time
        self.directory = Directory(DOMAIN)
        self.gmail = Gmail(self.directory)
        self.directory.add(ADMIN, isDelegatedAdmin=True)
        self._seen: set[str] = set()  # assertions that were used

    def key_file(self, *, number: int = 1) -> str:
        """What the console gives out for the service account. Number 2: a key that is not its own."""
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "portal",
                "private_key_id": "key-1",
                "private_key": signing_key(number).as_pem(private=True).decode(),
                "client_email": ACCOUNT,
                "client_id": CLIENT_ID,
                "token_uri": f"{self.url}/token",
            }
        )

    def person(self, login: str = "", **fields: Any) -> str:
        """Somebody with a mailbox; the address."""
        with self.lock:
            return self.directory.add(f"{login or f'p{secrets.token_hex(4)}'}@{DOMAIN}", **fields)

    def revoke_tokens(self) -> None:
        with self.lock:
            self.callers.clear()

    def writes(self) -> list[tuple[str, str, Any]]:
        """What was asked to be changed, in order."""
        return [
            (method, unquote(path), json.loads(raw or b"null"))
            for method, path, _, raw in self.requests
            if method != "GET" and path != "/token"
        ]

    def understood(self, raw: bytes, headers: Mapping[str, str]) -> Any:
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[-1] for name, values in parse_qs(raw.decode()).items()}
        return super().understood(raw, headers)

    def may_fail(self, method: str, path: str) -> bool:
        return method != "GET" and path != "/token"

    def declined(self, fault: str) -> Any:
        return Refusal(int(fault), "rateLimitExceeded" if fault == "429" else "forbidden", "not now").body()

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        if path == "/token":
            return self._token(body) if method == "POST" else (405, {})
        if self.throttled:
            self.throttled -= 1
            reason = "userRateLimitExceeded"
            return self.throttle_status, Refusal(self.throttle_status, reason, "User-rate limit exceeded.").body()
        caller = self.callers.get(headers.get("authorization", "").removeprefix("Bearer "))
        try:
            if caller is None or caller.until < self.clock():
                raise Refusal(401, "authError", "Invalid Credentials")
            parts = [unquote(part) for part in path.strip("/").split("/")]
            allowed = _allowed(caller.scopes)
            match parts:
                case ["admin", *rest]:
                    return self.directory.answer(caller.subject, allowed, method, rest, query, body)
                case ["gmail", "v1", "users", user, "settings", *rest]:
                    return self.gmail.answer(caller.subject, user, allowed, method, rest, body)
            raise Refusal(404, "notFound", "Not Found")
        except Refusal as refusal:
            return refusal.status, refusal.body()

    def _token(self, form: Mapping[str, str]) -> Reply:
        """The errors are those of Google's guide for service accounts."""
        if form.get("grant_type") != _JWT_BEARER or set(form) != {"grant_type", "assertion"}:
            return 400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}
        try:
            token = jwt.decode(form["assertion"], signing_key(1), algorithms=["RS256"])
        except (JoseError, ValueError):
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        claims, now = token.claims, self.clock()
        if token.header.get("kid") != "key-1" or claims.get("iss") != ACCOUNT:
            return 400, {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}
        iat, exp = claims.get("iat", 0), claims.get("exp", 0)
        in_time = iat - 300 <= now <= exp and exp - iat <= 3600
        if not in_time or claims.get("aud") != f"{self.url}/token" or claims.get("jti") in self._seen:
            said = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            return 400, {"error": "invalid_grant", "error_description": said}
        self._seen |= {claims["jti"]} if "jti" in claims else set()
        scopes = frozenset(claims.get("scope", "").split())
        if not scopes or not scopes <= self.granted:
            said = "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
            return 401, {"error": "unauthorized_client", "error_description": said + "for any of the scopes requested."}
        subject = self.directory.by_key(claims.get("sub", ""))
        if subject is None or subject["suspended"]:
            return 400, {"error": "invalid_grant", "error_description": "Invalid email or User ID"}
        value = f"ya29.{secrets.token_urlsafe(24)}"
        self.callers[value] = Caller(subject["primaryEmail"], scopes, self.clock() + 3599)
        self.tokens_given += 1
        return 200, {"access_token": value, "expires_in": 3599, "token_type": "Bearer"}


def _allowed(scopes: Iterable[str]) -> Callable[..., None]:
    held = {scope.removeprefix("https://www.googleapis.com/auth/") for scope in scopes}

    def check(*any_of: str) -> None:
        if held.isdisjoint(any_of):
            raise Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.")

    return check
