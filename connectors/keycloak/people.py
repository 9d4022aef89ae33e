"""Finding people of a realm, and reading an account out of what Keycloak answers (its UserRepresentation)."""

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.account import Account, AccountState
from connectors.errors import AccountAmbiguous, AccountNotFound, Forbidden
from connectors.keycloak.policy import rules_of
from connectors.keycloak.settings import KeycloakSettings
from connectors.oauth import Api
from connectors.oauth.paging import by_offset

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(rf"{_UUID}|f:{_UUID}:[^\s/:]{{1,200}}")  # f: of people whom Keycloak has not imported
_LONGEST_CLAIM = 255
CHANGE = "UPDATE_PASSWORD"
POLICY_SECONDS = 60.0
"""How long the policy is taken as it was: it comes with all that there is to a realm."""


class People:
    """The people of one realm, read as the service account."""

    def __init__(self, settings: KeycloakSettings, api: Api) -> None:
        self._settings = settings
        self._api = api
        self.realm = f"admin/realms/{settings.realm}"
        self._policy = float("-inf"), ""
        self._protected_groups = tuple(path.casefold().rstrip("/") for path in settings.protected_groups)
        own = f"service-account-{settings.client_id}"
        self._protected_users = frozenset(name.casefold() for name in (*settings.protected_users, own))

    def find(self, claim: str) -> Account:
        """The one account with this user name or address. Raises AccountNotFound or AccountAmbiguous."""
        if not claim or len(claim) > _LONGEST_CLAIM or not claim.isprintable():
            raise AccountNotFound("no usable name")
        found: dict[str, Mapping[str, Any]] = {}
        for field in ("username", "email") if "@" in claim else ("username",):
            params = {field: claim, "exact": "true", "briefRepresentation": "false", "max": "2"}
            for user in self._api.get(f"{self.realm}/users", params):
                if str(user.get(field, "")).casefold() == claim.casefold():
                    found[str(user["id"])] = user
        if len(found) > 1:
            raise AccountAmbiguous("more than one account")
        if not found:
            raise AccountNotFound("no such account")
        return self._account(next(iter(found.values())))

    def read(self, account_id: str) -> Account:
        return self._account(self.user(account_id))

    def user(self, account_id: str) -> Mapping[str, Any]:
        """All that Keycloak says of somebody by itself."""
        user: Mapping[str, Any] = self._api.get(self.path(account_id))
        return user

    def path(self, account_id: str) -> str:
        return f"{self.realm}/users/{_quoted(self._id(account_id))}"

    def lock_path(self, account_id: str) -> str:
        """Where the wrong passwords of somebody are counted."""
        return f"{self.realm}/attack-detection/brute-force/users/{_quoted(self._id(account_id))}"

    def _id(self, account_id: str) -> str:
        directory, _, identity = account_id.partition(":")
        if directory != self._settings.name or not _ID.fullmatch(identity):
            raise AccountNotFound(f"{account_id} is no account of {self._settings.name}")
        return identity

    def _account(self, user: Mapping[str, Any]) -> Account:
        s, id_ = self._settings, f"{self._settings.name}:{user['id']}"
        attributes: Mapping[str, Sequence[str]] = user.get("attributes") or {}
        groups = [str(group["path"]).casefold() for group in by_offset(self._api, f"{self.path(id_)}/groups")]
        login = str(user["username"])
        name = " ".join(filter(None, (user.get("firstName"), user.get("lastName"))))
        return Account(
            id=id_,
            directory=s.name,
            dn=login,
            login=login,
            name=name or login,
            given_name=str(user.get("firstName") or ""),
            mail=user.get("email") or None,
            recovery_mail=tuple(
                dict.fromkeys(a for key in s.recovery_mail_attributes for a in attributes.get(key, ()))
            ),
            language=_first(attributes, s.language_attribute) or None,
            unit=_first(attributes, s.unit_attribute),
            kind=_first(attributes, s.kind_attribute),
            created_at=_moment(user.get("createdTimestamp")),
            groups=frozenset(groups),
            protected=self._is_protected(login, groups, self.path(id_)),
            state=self._state(user, id_),
        )

    def _is_protected(self, login: str, groups: Sequence[str], path: str) -> bool:
        """Whoever may administer the realm could undo what the portal guards, so they are out of its reach."""
        if login.casefold() in self._protected_users:
            return True
        if any(group == p or group.startswith(f"{p}/") for group in groups for p in self._protected_groups):
            return True
        roles = self._api.get(f"{path}/role-mappings")
        of_clients = roles.get("clientMappings") or {}
        of_realm = {role.get("name") for role in roles.get("realmMappings") or ()}
        return bool(of_realm & {"admin", "create-realm"}) or any(
            client == "realm-management" or client.endswith("-realm") for client in of_clients
        )

    def _state(self, user: Mapping[str, Any], id_: str) -> AccountState:
        credentials = self._api.get(f"{self.path(id_)}/credentials")
        changed = max((int(c.get("createdDate") or 0) for c in credentials if c.get("type") == "password"), default=0)
        lock = self._api.get(self.lock_path(id_))
        changed_at, failed_at = _moment(changed), _moment(lock.get("lastFailure"))
        max_age = rules_of(self.password_policy()).max_age if changed_at else None
        return AccountState(
            locked_at=failed_at if lock.get("disabled") and user.get("enabled") else None,
            unlocks_at=_moment(int(lock.get("failedLoginNotBefore") or 0) * 1000) if lock.get("disabled") else None,
            disabled=not user.get("enabled"),
            must_change=CHANGE in (user.get("requiredActions") or ()),
            password_changed_at=changed_at,
            password_expires_at=changed_at + max_age if changed_at and max_age else None,
            failed_sign_ins=int(lock.get("numFailures") or 0),
            failed_at=failed_at,
            revision=_fingerprint(user, credentials),
        )

    def password_policy(self) -> str:
        """Empty where there is none, or where we may not see it: without view-realm only the realm's name is told."""
        until, policy = self._policy
        if time.monotonic() >= until:
            policy = ""
            with suppress(Forbidden):
                policy = str(self._api.get(self.realm).get("passwordPolicy") or "")
            self._policy = time.monotonic() + POLICY_SECONDS, policy
        return policy


def _fingerprint(user: Mapping[str, Any], credentials: Sequence[Mapping[str, Any]]) -> str:
    """Differs after every write; Keycloak shows no number of the version."""
    seen = [{k: v for k, v in user.items() if k != "access"}, sorted(str(c.get("createdDate")) for c in credentials)]
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:24]


def _first(attributes: Mapping[str, Sequence[str]], name: str) -> str:
    return next((str(value) for value in attributes.get(name, ())), "")


def _moment(milliseconds: int | None) -> datetime | None:
    """As Keycloak counts: from 1970; 0 is never."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds) if milliseconds else None


def _quoted(identity: str) -> str:
    return quote(identity, safe=":")
