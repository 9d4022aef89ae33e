"""A realm of Keycloak as far as the portal needs it: tokens, users by the Admin REST API, brute force detection.

Written from keycloak.org/docs-api/latest/rest-api and Keycloak's own resources (UserResource, AttackDetectionResource).
It refuses what the real one refuses: unknown fields, missing roles, wrong paths.
"""

import base64
import json
import re
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.servers.people import PASSWORD
from tests.standins.http import Reply, Standin

REALM, CLIENT, SECRET = "nordvik", "sparekey", "keycloak-secret-1"
ROLES = frozenset({"query-users", "view-users", "manage-users", "view-realm"})
TOKEN_SECONDS = 60  # what a realm has until somebody changes it
_FIELDS = {  # of a UserRepresentation that may be written
    "username", "email", "firstName", "lastName", "enabled", "emailVerified", "attributes", "requiredActions", "totp",
    "federationLink", "id", "createdTimestamp", "access", "notBefore", "disableableCredentialTypes", "credentials",
}  # fmt: skip


class Refusal(Exception):
    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.reply = status, {"error": error, **({"error_description": description} if description else {})}


class KeycloakStandin(Standin):
    """`roles`: what the service account holds. `throttled`: so many requests are answered with 429 first."""

    def __init__(self) -> None:
        super().__init__()
        self.roles = set(ROLES)
        self.tokens: dict[str, float] = {}
        self.tokens_given = 0
        self.throttled = 0
        self.clock: Callable[[], float] = time.time
        self.users: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, list[str]] = {}  # newest last
        self.changed: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self.groups: dict[str, list[str]] = {}
        self.mappings: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, int] = {}
        self.brute_force = True
        self.policy = "length(10) and digits(1) and notUsername and passwordHistory(3)"

    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "realm": REALM, "client_id": CLIENT, "client_secret": SECRET}

    def person(self, login: str = "", /, *, groups: tuple[str, ...] = (), **fields: Any) -> str:
        """Somebody with a password and two sessions; the user name."""
        login, id_ = login or f"k{secrets.token_hex(4)}", str(uuid.uuid4())
        with self.lock:
            self.users[id_] = {
                "id": id_,
                "username": login,
                "email": f"{login}@example.org",
                "firstName": login.capitalize(),
                "lastName": "Berg",
                "enabled": True,
                "emailVerified": True,
                "totp": False,
                "createdTimestamp": 1_700_000_000_000,
                "requiredActions": [],
                "disableableCredentialTypes": [],
                "notBefore": 0,
            } | fields
            self.passwords[id_], self.changed[id_] = [PASSWORD], 1_700_000_000_000
            self.groups[id_], self.sessions[id_] = list(groups), 2
        return login

    def id_of(self, login: str) -> str:
        return next(id_ for id_, user in self.users.items() if user["username"] == login)

    def user(self, login: str) -> dict[str, Any]:
        return self.users[self.id_of(login)]

    def takes(self, login: str, password: str) -> bool:
        """Whether somebody could sign in with it now, and would be asked for nothing else."""
        id_ = self.id_of(login)
        free = self.users[id_]["enabled"] and not self._locked(id_) and not self.users[id_]["requiredActions"]
        return bool(free and self.passwords[id_][-1:] == [password])

    def lock_out(self, login: str) -> None:
        self.failures[self.id_of(login)] = 30

    def _locked(self, id_: str) -> bool:
        return self.brute_force and self.failures.get(id_, 0) >= 30

    def understood(self, raw: bytes, headers: Mapping[str, str]) -> Any:
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[-1] for name, values in parse_qs(raw.decode()).items()}
        return super().understood(raw, headers)

    def may_fail(self, method: str, path: str) -> bool:
        return method != "GET" and not path.endswith("/token")

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        try:
            if path == f"/realms/{REALM}/protocol/openid-connect/token" and method == "POST":
                return self._token(body)
            if self.throttled:
                self.throttled -= 1
                return 429, {"error": "too many"}, {"Retry-After": "0"}
            if self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "), 0) < self.clock():
                raise Refusal(401, "HTTP 401 Unauthorized")
            parts = [unquote(part) for part in path.strip("/").split("/")]
            if parts[:3] != ["admin", "realms", REALM]:
                raise Refusal(404, "Realm not found." if parts[:2] == ["admin", "realms"] else "HTTP 404 Not Found")
            return self._realm(method, parts[3:], query, body)
        except Refusal as refusal:
            return refusal.reply

    def _token(self, form: Mapping[str, str]) -> Reply:
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            words = "Invalid client or Invalid client credentials"
            return 401, {"error": "unauthorized_client", "error_description": words}
        claims = {"resource_access": {"realm-management": {"roles": sorted(self.roles)}}, "jti": secrets.token_hex(8)}
        token = f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"
        self.tokens[token] = self.clock() + TOKEN_SECONDS
        self.tokens_given += 1
        return 200, {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}

    def _realm(self, method: str, parts: list[str], query: Mapping[str, str], body: Any) -> Reply:
        match method, parts:
            case "GET", []:
                seen = {"passwordPolicy": self.policy, "bruteForceProtected": self.brute_force}
                return 200, {"realm": REALM, **(seen if "view-realm" in self.roles else {})}
            case "GET", ["users"]:
                return self._list(query)
            case _, ["users", id_, *rest]:
                return self._user(method, self._known(id_), rest, body)
            case "GET", ["attack-detection", "brute-force", "users", id_]:
                self._needs("view-users")
                return 200, self._attacks(self._known(id_))
            case "DELETE", ["attack-detection", "brute-force", "users", id_]:
                self._needs("manage-users")
                self.failures.pop(self._known(id_), None)
                return 204, None
        raise Refusal(404, "HTTP 404 Not Found")

    def _list(self, query: Mapping[str, str]) -> Reply:
        self._needs("query-users", "view-users")
        wanted = {name: query[name].lower() for name in ("username", "email") if name in query}
        if wanted and query.get("exact") != "true":
            raise Refusal(400, "only exact searches are asked for here")
        found = [u for u in self.users.values() if all(str(u.get(n, "")).lower() == v for n, v in wanted.items())]
        first = int(query.get("first", 0))
        return 200, [self._shown(user) for user in found[first : first + int(query.get("max", 100))]]

    def _shown(self, user: dict[str, Any]) -> dict[str, Any]:
        manages = "manage-users" in self.roles
        return {**user, "access": {"view": True, "manage": manages, "impersonate": "impersonation" in self.roles}}

    def _user(self, method: str, id_: str, rest: list[str], body: Any) -> Reply:
        self._needs("view-users" if method == "GET" else "manage-users")
        match method, rest:
            case "GET", []:
                return 200, self._shown(self.users[id_])
            case "PUT", []:
                return self._update(id_, body)
            case "GET", ["credentials"]:
                held = {"id": "c1", "type": "password", "createdDate": self.changed[id_], "credentialData": "{}"}
                return 200, [held, {"id": "c2", "type": "otp", "createdDate": 1}]
            case "GET", ["groups"]:
                return 200, [{"id": path, "name": path.rpartition("/")[2], "path": path} for path in self.groups[id_]]
            case "GET", ["role-mappings"]:
                return 200, self.mappings.get(id_, {"realmMappings": [{"name": "default-roles-nordvik"}]})
            case "PUT", ["reset-password"]:
                return self._reset(id_, body)
            case "POST", ["logout"]:
                self.sessions[id_] = 0
                return 204, None
        raise Refusal(404, "HTTP 404 Not Found")

    def _update(self, id_: str, body: Any) -> Reply:
        if not isinstance(body, dict) or (unknown := body.keys() - _FIELDS):
            raise Refusal(400, f"Unrecognized field {sorted(unknown)[0]!r}" if isinstance(body, dict) else "no object")
        self.users[id_] |= body  # a list that is sent takes the place of the one before
        if body.get("enabled"):
            self.failures.pop(id_, None)
        return 204, None

    def _reset(self, id_: str, body: Any) -> Reply:
        if not isinstance(body, dict) or body.keys() - {"type", "value", "temporary"} or body.get("type") != "password":
            raise Refusal(400, "Unrecognized field")
        if self.users[id_].get("federationLink") == "read-only":
            raise Refusal(400, "Can't reset password as account is read only")
        if not body.get("value"):
            raise Refusal(400, "No password provided")
        self._check(id_, str(body["value"]))
        self.passwords[id_].append(body["value"])
        self.changed[id_] = max(int(self.clock() * 1000), self.changed[id_] + 1)
        asked = [action for action in self.users[id_]["requiredActions"] if action != "UPDATE_PASSWORD"]
        self.users[id_]["requiredActions"] = [*asked, *(["UPDATE_PASSWORD"] if body.get("temporary") else [])]
        return 204, None

    def _check(self, id_: str, password: str) -> None:
        numbers = {name: int(value) for name, value in re.findall(r"(\w+)\((\d+)\)", self.policy)}
        if len(password) < numbers.get("length", 0):
            words = f"Invalid password: minimum length {numbers['length']}."
            raise Refusal(400, "invalidPasswordMinLengthMessage", words)
        if sum(c.isdigit() for c in password) < numbers.get("digits", 0):
            raise Refusal(400, "invalidPasswordMinDigitsMessage", "Invalid password: must contain at least 1 digits.")
        if "notUsername" in self.policy and password == self.users[id_]["username"]:
            raise Refusal(400, "invalidPasswordNotUsernameMessage", "Invalid password: must not be the username.")
        if password in self.passwords[id_][-numbers.get("passwordHistory", 0) :]:
            raise Refusal(400, "invalidPasswordHistoryMessage", "Invalid password: must not be one of the last 3.")

    def _attacks(self, id_: str) -> dict[str, Any]:
        failures, locked = self.failures.get(id_, 0), self._locked(id_)
        now = int(self.clock() * 1000)
        seen = {"numFailures": failures, "lastFailure": now if failures else 0, "lastIPFailure": "n/a"}
        return {**seen, "disabled": locked, **({"failedLoginNotBefore": now // 1000 + 900} if locked else {})}

    def _known(self, id_: str) -> str:
        if id_ not in self.users:
            raise Refusal(404, "User not found")
        return id_

    def _needs(self, *roles: str) -> None:
        if not self.roles & {"realm-admin"} and not self.roles >= set(roles):
            raise Refusal(403, "HTTP 403 Forbidden")
