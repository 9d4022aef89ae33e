"""The Admin SDK's users, their aliases, sign-ins and groups, and the report of how much room they use."""

import copy
import itertools
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tests.standins.google_groups import Groups
from tests.standins.google_says import Refusal, only
from tests.standins.http import Reply

_USER = "admin.directory.user"
_SECURITY = "admin.directory.user.security"
_WRITABLE = (
    "password", "changePasswordAtNextLogin", "suspended", "archived", "recoveryEmail", "recoveryPhone", "orgUnitPath",
    "name", "primaryEmail", "includeInGlobalAddressList", "hashFunction", "languages", "relations", "organizations",
)  # fmt: skip
Allowed = Callable[..., None]


class Directory:
    """`lags`: what was written is not read until `catch_up()`. `newest_report`: the last day there is a report of."""

    def __init__(self, domain: str) -> None:
        self.domains = {domain}
        self.users: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.app_grants: dict[str, list[dict[str, Any]]] = {}
        self.app_passwords: dict[str, list[dict[str, Any]]] = {}
        self.signed_out: list[str] = []
        self.groups: dict[str, set[str]] = {}  # address -> ids
        self.mail_lists = Groups(self)
        self.quotas: dict[str, tuple[int, int]] = {}  # id -> MB used, MB in all
        self.newest_report = date.max
        self.lags = False
        self._read: dict[str, dict[str, Any]] = {}
        self._etags = itertools.count(1)

    def add(self, address: str, **fields: Any) -> str:
        id_ = str(100_000_000_000_000_000_000 + len(self.users))
        local = address.partition("@")[0]
        self.users[id_] = {
            "kind": "admin#directory#user",
            "id": id_,
            "etag": f'"{next(self._etags)}"',
            "primaryEmail": address,
            "name": {"givenName": local.title(), "familyName": "Berg", "fullName": f"{local.title()} Berg"},
            "aliases": [],
            "suspended": False,
            "archived": False,
            "isAdmin": False,
            "isDelegatedAdmin": False,
            "isMailboxSetup": True,
            "changePasswordAtNextLogin": False,
            "orgUnitPath": "/Staff",
            "creationTime": "2024-03-01T08:00:00.000Z",
        } | fields
        self.passwords[id_] = "Passw0rd-old-1"
        self.catch_up()
        return address

    def catch_up(self) -> None:
        self._read = copy.deepcopy(self.users)

    def by_key(self, key: str, *, reading: bool = False) -> dict[str, Any] | None:
        """By address, alias or id."""
        users = self._read if reading and self.lags else self.users
        for user in users.values():
            names = (user["primaryEmail"], *user["aliases"])
            if key == user["id"] or key.casefold() in (name.casefold() for name in names):
                return user
        return None

    def answer(
        self, subject: str, allowed: Allowed, method: str, rest: list[str], query: Mapping[str, str], body: Any
    ) -> Reply:
        asker = self.by_key(subject)
        if asker is None or not (asker["isAdmin"] or asker["isDelegatedAdmin"]):
            raise Refusal(403, "forbidden", "Not Authorized to access this resource/api")
        match method, rest:
            case "GET", ["directory", "v1", "users"]:
                allowed(_USER, f"{_USER}.readonly")
                return self._listed(query)
            case _, ["directory", "v1", "groups", *more]:
                return self.mail_lists.answer(allowed, method, more, query, body)
            case _, ["directory", "v1", "users", key, *more]:
                return self._user(asker, allowed, method, key, more, body)
            case "GET", ["reports", "v1", "usage", "users", key, "dates", day]:
                allowed("admin.reports.usage.readonly")
                return self._report(key, date.fromisoformat(day), query)
        raise Refusal(404, "notFound", "Not Found")

    def _user(
        self, asker: Mapping[str, Any], allowed: Allowed, method: str, key: str, more: list[str], body: Any
    ) -> Reply:
        if "@" in key and key.rpartition("@")[2].casefold() not in self.domains:
            raise Refusal(403, "forbidden", "Not Authorized to access this resource/api")
        user = self.by_key(key, reading=method == "GET")
        if user is None:
            raise Refusal(404, "notFound", "Resource Not Found: userKey")
        if method != "GET" and (user["isAdmin"] or user["isDelegatedAdmin"]) and not asker["isAdmin"]:
            raise Refusal(403, "forbidden", "Not Authorized to access this resource/api")
        match method, more:
            case "GET", []:
                allowed(_USER, f"{_USER}.readonly")
                return 200, user
            case "PUT", []:
                allowed(_USER)
                return 200, self._updated(user, only(body, *_WRITABLE))
            case "POST", ["signOut"]:
                allowed(_SECURITY)
                self.signed_out.append(user["primaryEmail"])
                return 204, None
            case _, ["tokens" | "asps" as kind, *one]:
                allowed(_SECURITY)
                return self._grants(user, method, kind, one)
            case _, ["aliases", *one]:
                allowed(_USER, f"{_USER}.alias")
                return self._aliases(user, method, one, body)
        raise Refusal(404, "notFound", "Not Found")

    def _updated(self, user: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        password = given.pop("password", None)
        if password is not None:
            if not 8 <= len(password) <= 100 or not password.isascii() or password.casefold() == "password":
                raise Refusal(400, "invalid", "Invalid Password")
            self.passwords[user["id"]] = password
        user |= {name: value for name, value in given.items() if value is not None}
        user["etag"] = f'"{next(self._etags)}"'
        if not self.lags:
            self.catch_up()
        return user

    def _grants(self, user: Mapping[str, Any], method: str, kind: str, one: list[str]) -> Reply:
        held = (self.app_grants if kind == "tokens" else self.app_passwords).setdefault(user["id"], [])
        name = "clientId" if kind == "tokens" else "codeId"
        match method, one:
            case "GET", []:
                return 200, {"kind": f"admin#directory#{kind}List"} | ({"items": held} if held else {})
            case "DELETE", [id_]:
                found = [grant for grant in held if str(grant[name]) == id_]
                if not found:
                    raise Refusal(404, "notFound", f"Resource Not Found: {name}")
                held.remove(found[0])
                return 204, None
        raise Refusal(404, "notFound", "Not Found")

    def _aliases(self, user: dict[str, Any], method: str, one: list[str], body: Any) -> Reply:
        match method, one:
            case "GET", []:
                listed = [{"alias": alias, "primaryEmail": user["primaryEmail"]} for alias in user["aliases"]]
                return 200, {"kind": "admin#directory#aliases"} | ({"aliases": listed} if listed else {})
            case "POST", []:
                alias = only(body, "alias", needs=("alias",))["alias"]
                if self.by_key(alias) or alias in self.groups:
                    raise Refusal(409, "duplicate", "Entity already exists.")
                if alias.rpartition("@")[2] not in self.domains:
                    raise Refusal(400, "invalid", "Invalid Input: resource_id")
                user["aliases"] = [*user["aliases"], alias]
                self.catch_up()
                return 200, {"kind": "admin#directory#alias", "primaryEmail": user["primaryEmail"], "alias": alias}
            case "DELETE", [alias]:
                if alias not in user["aliases"]:
                    raise Refusal(404, "notFound", "Resource Not Found: alias")
                user["aliases"] = [held for held in user["aliases"] if held != alias]
                self.catch_up()
                return 204, None
        raise Refusal(404, "notFound", "Not Found")

    def _listed(self, query: Mapping[str, str]) -> Reply:
        if query.get("customer") != "my_customer":
            raise Refusal(400, "badRequest", "Bad Request")
        users = list((self._read if self.lags else self.users).values())
        size, start = int(query.get("maxResults", "100")), int(query.get("pageToken", "0"))
        page = {"users": users[start : start + size]}
        return 200, page | ({"nextPageToken": str(start + size)} if start + size < len(users) else {})

    def _report(self, key: str, day: date, query: Mapping[str, str]) -> Reply:
        if day > self.newest_report:
            said = f"Data for dates later than {self.newest_report} is not yet available. Please check back later"
            raise Refusal(400, "invalid", said)
        user = self.by_key(key)
        if user is None or user["id"] not in self.quotas:
            return 200, {"usageReports": []}
        values = dict(zip(("gmail_used_quota_in_mb", "total_quota_in_mb"), self.quotas[user["id"]], strict=True))
        asked = query["parameters"].split(",")
        told = [
            {"name": f"accounts:{name}", "intValue": str(mb)}
            for name, mb in values.items()
            if f"accounts:{name}" in asked
        ]
        return 200, {"usageReports": [{"date": day.isoformat(), "parameters": told}]}
