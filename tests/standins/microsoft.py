"""Microsoft Graph as far as the portal needs it: a tenant with people who have a state, and a token endpoint.

It refuses what Graph refuses: paths, properties and query options it does not know, missing permissions, old tokens.
Written from learn.microsoft.com/graph/api (user-get, user-list, user-update, user-revokesigninsessions,
authentication-post-temporaryaccesspassmethods, user-list-transitivememberof) and /graph/errors, /graph/throttling.
"""

import copy
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.servers.people import State
from tests.standins.http import BUSY, Reply, Standin
from tests.standins.microsoft_mail import MailSide
from tests.standins.microsoft_tokens import TENANT, TokenDesk

PROPERTIES = frozenset(
    {
        "id", "userPrincipalName", "mail", "proxyAddresses", "otherMails", "displayName", "givenName", "department",
        "employeeType", "userType", "mobilePhone", "preferredLanguage", "createdDateTime", "accountEnabled",
        "lastPasswordChangeDateTime", "passwordProfile", "onPremisesSyncEnabled",
    }
)  # fmt: skip
EVERYTHING = frozenset(
    {
        "User.Read.All", "GroupMember.Read.All", "User-PasswordProfile.ReadWrite.All", "User.EnableDisableAccount.All",
        "User.RevokeSessions.All", "UserAuthMethod-TAP.ReadWrite.All", "MailboxSettings.ReadWrite", "Reports.Read.All",
    }
)  # fmt: skip
_WRITABLE = frozenset({"accountEnabled", "passwordProfile", "department", "otherMails"})
_PROFILE = frozenset({"password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"})
_TERM = r"(?:(userPrincipalName|mail) eq|proxyAddresses/any\(a:a eq) '((?:[^']|'')*)'\)?"
_BANNED = ("password1", "contoso")


class MicrosoftStandin(MailSide, Standin):
    """One tenant. `lag`: so many readings of somebody still show how he was before his last change."""

    password = "Passw0rd-of-old-1"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        Standin.__init__(self)
        MailSide.__init__(self)
        self.clock = clock
        self.tokens = TokenDesk(clock)
        self.tokens.permissions |= EVERYTHING
        self.users: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.groups: dict[str, list[dict[str, Any]]] = {}
        self.sessions: dict[str, int] = {}
        self.passes: dict[str, dict[str, Any]] = {}
        self.allows_passes = True
        self.lag = 0
        self.page = 100
        self._old: dict[str, tuple[int, dict[str, Any]]] = {}
        self.retry_after = "1"

    def settings(self) -> dict[str, Any]:
        return {"url": f"{self.url}/v1.0", "login_url": self.url, "tenant": TENANT}

    def person(self, login: str = "", *, state: State = State.ORDINARY, **properties: Any) -> str:
        """Make somebody; return the user principal name."""
        login = login or f"u{uuid.uuid4().hex[:10]}@example.org"
        local = login.partition("@")[0]
        id_ = str(uuid.uuid4())
        self.users[id_] = {
            "id": id_,
            "userPrincipalName": login,
            "mail": login,
            "proxyAddresses": [f"SMTP:{login}", f"smtp:{local}.alias@example.org"],
            "otherMails": [f"{local}@elsewhere.test"],
            "displayName": f"Somebody {local}",
            "givenName": "Somebody",
            "userType": "Member",
            "accountEnabled": state is not State.DISABLED,
            "createdDateTime": "2024-01-01T08:00:00Z",
            "lastPasswordChangeDateTime": "2025-01-01T08:00:00Z",
            "passwordProfile": {"forceChangePasswordNextSignIn": state is State.MUST_CHANGE},
            **properties,
        }
        self.passwords[id_], self.sessions[id_] = self.password, 2
        self.groups[id_] = [_group("everybody")]
        self.mailbox(id_, login)
        return login

    def id_of(self, login: str) -> str:
        return next(id_ for id_, user in self.users.items() if user["userPrincipalName"] == login)

    def understood(self, raw: bytes, headers: Mapping[str, str]) -> Any:
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(raw.decode()))
        return json.loads(raw or b"null")

    def declined(self, fault: str) -> Any:
        code = "TooManyRequests" if fault == BUSY else "Authorization_RequestDenied"
        return error(int(fault), code, "Not now")[1]

    def may_fail(self, method: str, path: str) -> bool:
        return method != "GET" and not path.endswith("/token")

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        if path == f"/{TENANT}/oauth2/v2.0/token" and method == "POST":
            return self.tokens.issue(body, f"{self.url}{path}", f"{self.url}/.default")
        if path.startswith("/prepared/"):
            return self.prepared(path, headers)
        who = self.tokens.who(headers)
        if who is None:
            return error(401, "InvalidAuthenticationToken", "Access token has expired or is not valid")
        if "client-request-id" not in headers:
            return error(400, "BadRequest", "the portal promises to number its requests")
        parts = path.removeprefix("/v1.0/").split("/")
        status, said, *more = self._routed(method, parts, query, body, who)
        own = dict(more[0]) if more else {}
        return status, said, {"request-id": "5e1f-0001", **own}

    def _routed(
        self, method: str, parts: list[str], query: Mapping[str, str], body: Any, who: tuple[frozenset[str], ...]
    ) -> Reply:
        may = who[0]
        if parts[0] == "reports":
            return self.reports(method, parts, may)
        if parts == ["users"] and method == "GET":
            return self._listed(query, may)
        if parts[0] != "users" or len(parts) < 2:
            return error(400, "BadRequest", f"Resource not found for the segment '{parts[0]}'.")
        user = self.users.get(parts[1])
        if user is None:
            return error(404, "Request_ResourceNotFound", f"Resource '{parts[1]}' does not exist.")
        match method, parts[2:]:
            case "GET", []:
                return self._shown(user, query, may)
            case "PATCH", []:
                return self._patched(user, body, who)
            case "GET", ["transitiveMemberOf"]:
                return self._memberships(user, query, may)
            case "GET", ["directReports", "microsoft.graph.user"]:
                led = [one for one in self.users.values() if one.get("manager", {}).get("id") == user["id"]]
                return 200, {"value": [self._picked(one, query) for one in led]}
            case "POST", ["revokeSignInSessions"]:
                if not may & {"User.RevokeSessions.All", "User.ReadWrite.All"}:
                    return _denied()
                self.sessions[user["id"]] = 0
                return 200, {"@odata.context": f"{self.url}/v1.0/$metadata#Edm.Boolean", "value": True}
            case "POST", ["authentication", "temporaryAccessPassMethods"]:
                return self._passed(user, body, who)
            case _, ["mailboxSettings" | "mailFolders", *_rest]:
                return self.mail(method, user["id"], parts[2:], body, may)
        return error(400, "BadRequest", f"Resource not found for the segment '{parts[-1]}'.")

    def _listed(self, query: Mapping[str, str], may: frozenset[str]) -> Reply:
        if not may & {"User.Read.All", "Directory.Read.All", "User.ReadBasic.All"}:
            return _denied()
        if unknown := set(query) - {"$filter", "$select", "$expand", "$top", "$skiptoken"}:
            return error(400, "BadRequest", f"The query parameter '{unknown}' is not supported.")
        found = list(self.users.values())
        if "$filter" in query:
            if not re.fullmatch(f"{_TERM}(?: or {_TERM})*", query["$filter"]):
                return error(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause.")
            terms = re.findall(_TERM, query["$filter"])
            wanted = [(name or "proxyAddresses", text.replace("''", "'").lower()) for name, text in terms]
            found = [u for u in found if any(value in _values(u, name) for name, value in wanted)]
        if refused := self._unknown(query):
            return refused
        first, top = int(query.get("$skiptoken", 0)), min(int(query.get("$top", 100)), self.page)
        said: dict[str, Any] = {"value": [self._picked(u, query) for u in found[first : first + top]]}
        if first + top < len(found):
            following = {**query, "$skiptoken": str(first + top)}
            said["@odata.nextLink"] = f"{self.url}/v1.0/users?{urlencode(following)}"
        return 200, said

    def _shown(self, user: dict[str, Any], query: Mapping[str, str], may: frozenset[str]) -> Reply:
        if not may & {"User.Read.All", "Directory.Read.All"}:
            return _denied()
        if refused := self._unknown(query):
            return refused
        left, before = self._old.get(user["id"], (0, user))
        if left:
            self._old[user["id"]] = left - 1, before
        return 200, self._picked(before if left else user, query)

    def _memberships(self, user: dict[str, Any], query: Mapping[str, str], may: frozenset[str]) -> Reply:
        """Of groups that may not be read only kind and id are shown."""
        if set(query) - {"$top"}:
            return error(400, "BadRequest", "The query parameter is not supported.")
        if not may & {"User.Read.All", "Directory.Read.All"}:
            return _denied()
        groups = self.groups[user["id"]]
        if not may & {"GroupMember.Read.All", "Directory.Read.All"}:
            groups = [{**dict.fromkeys(one), "@odata.type": one["@odata.type"], "id": one["id"]} for one in groups]
        return 200, {"value": groups}

    def _patched(self, user: dict[str, Any], body: dict[str, Any], who: tuple[frozenset[str], ...]) -> Reply:
        may, roles = who
        if unknown := set(body) - _WRITABLE:
            return error(400, "Request_BadRequest", f"Invalid property '{sorted(unknown)[0]}'.")
        sensitive = {"passwordProfile", "accountEnabled"} & set(body)
        if sensitive and any(one["@odata.type"].endswith("directoryRole") for one in self.groups[user["id"]]):
            return _denied()
        if sensitive and user.get("onPremisesSyncEnabled"):
            return error(400, "Request_BadRequest", "Unable to update on-premises mastered Directory Sync objects.")
        if "passwordProfile" in body:
            if "User-PasswordProfile.ReadWrite.All" not in may or not roles or len(body) > 1:
                return _denied()
            if refused := self._password(user["id"], body["passwordProfile"]):
                return refused
        elif not may & {"User.EnableDisableAccount.All", "User.ReadWrite.All"}:
            return _denied()
        before = copy.deepcopy(user)
        if "passwordProfile" in body:
            profile = body["passwordProfile"]
            if "password" in profile:
                self.passwords[user["id"]] = profile["password"]
                user["lastPasswordChangeDateTime"] = self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
            forced = profile.get("forceChangePasswordNextSignIn", True)
            user["passwordProfile"] = {"forceChangePasswordNextSignIn": forced}
        user |= {name: value for name, value in body.items() if name != "passwordProfile"}
        self._old[user["id"]] = self.lag, before
        return 204, None

    def _password(self, id_: str, profile: dict[str, Any]) -> Reply | None:
        if set(profile) - _PROFILE:
            return error(400, "Request_BadRequest", "Invalid property in passwordProfile.")
        if "password" not in profile:
            return None
        text = profile["password"]
        kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"))
        if not 8 <= len(text) <= 256 or kinds < 3:
            words = "The specified password does not comply with password complexity requirements."
            return error(400, "Request_BadRequest", words)
        if any(word in text.lower() for word in _BANNED):
            return error(400, "Request_BadRequest", "The specified password is in the banned password list.")
        return None

    def _passed(self, user: dict[str, Any], body: dict[str, Any], who: tuple[frozenset[str], ...]) -> Reply:
        if not who[0] & {"UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All"}:
            return _denied()
        if set(body) - {"startDateTime", "lifetimeInMinutes", "isUsableOnce"} or not self.allows_passes:
            return error(400, "badRequest", "Temporary Access Pass cannot be added to user due to policy.")
        if not 10 <= body.get("lifetimeInMinutes", 60) <= 43200:
            return error(400, "badRequest", "The lifetime is not within the policy.")
        made = {"id": str(uuid.uuid4()), "temporaryAccessPass": f"Tap-{uuid.uuid4().hex[:8]}", **body}
        self.passes[user["id"]] = made
        return 201, {**made, "isUsable": True, "methodUsabilityReason": "EnabledByPolicy"}

    def _unknown(self, query: Mapping[str, str]) -> Reply | None:
        asked = set(filter(None, query.get("$select", "").split(",")))
        if wrong := sorted(asked - PROPERTIES):
            return error(400, "BadRequest", f"Could not find a property named '{wrong[0]}' on type 'User'.")
        return None

    def _picked(self, user: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        names = query.get("$select", "id,userPrincipalName,mail,displayName").split(",")
        shown = {name: user.get(name) for name in names}
        return shown | ({"manager": user["manager"]} if "manager" in user and "$expand" in query else {})


def error(status: int, code: str, message: str) -> tuple[int, Any]:
    inner = {"date": "2026-11-22T12:00:00", "request-id": "5e1f-0001", "client-request-id": "x"}
    return status, {"error": {"code": code, "message": message, "innerError": inner}}


def _denied() -> tuple[int, Any]:
    return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _values(user: Mapping[str, Any], name: str) -> list[str]:
    value = user.get(name) or []
    return [one.lower() for one in ([value] if isinstance(value, str) else value)]


def _group(name: str, kind: str = "group", **more: Any) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": str(uuid.uuid4()), "displayName": name, **more}
