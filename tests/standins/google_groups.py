"""The Admin SDK's groups and their members.

Sources: developers.google.com/workspace/admin/directory/v1/guides/search-groups and .../manage-group-members.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.standins.google_says import Refusal, only
from tests.standins.http import Reply

if TYPE_CHECKING:
    from tests.standins.google_directory import Directory

_GROUP = "admin.directory.group"
_READ = (_GROUP, f"{_GROUP}.readonly")
_CLAUSE = re.compile(r"(email|name):(?:'((?:[^'\\]|\\')*)\*'|([^\s']+)\*)")
Allowed = Callable[..., None]


class Groups:
    """Who is in them stands with the directory; here is what else Google tells, by address."""

    def __init__(self, directory: "Directory") -> None:
        self._directory = directory
        self.names: dict[str, str] = {}
        self.owners: dict[str, set[str]] = {}  # ids

    def add(self, address: str, *, name: str = "", members: tuple[str, ...] = (), owners: tuple[str, ...] = ()) -> str:
        """Make one, with these people; its id."""
        ids, deciders = ({self._id(person) for person in people} for people in ((*members, *owners), owners))
        self._directory.groups[address], self.owners[address] = ids, deciders
        self.names[address] = name or address
        return _id_of(address)

    def answer(self, allowed: Allowed, method: str, rest: list[str], query: Mapping[str, str], body: Any) -> Reply:
        match method, rest:
            case "GET", []:
                allowed(*_READ)
                return self._listed(query)
            case "GET", [key]:
                allowed(*_READ)
                return 200, self._shown(self._address(key))
            case _, [key, "members", *one]:
                address = self._address(key)
                if method == "GET":
                    allowed(*_READ, f"{_GROUP}.member", f"{_GROUP}.member.readonly")
                else:
                    allowed(_GROUP, f"{_GROUP}.member")
                return self._members(address, method, one, query, body)
        raise Refusal(404, "notFound", "Not Found")

    def _listed(self, query: Mapping[str, str]) -> Reply:
        if ("userKey" in query) == (query.get("customer") == "my_customer") or not set(query) <= {
            "userKey", "customer", "query", "maxResults", "pageToken"
        }:  # fmt: skip
            raise Refusal(400, "badRequest", "Bad Request")
        found = list(self._directory.groups)
        if "userKey" in query:
            id_ = self._id(query["userKey"])
            found = [address for address in found if id_ in self._directory.groups[address]]
        elif "query" in query:
            clause = _CLAUSE.fullmatch(query["query"])
            if clause is None:
                raise Refusal(400, "invalid", "Invalid Input: query")
            start = (clause[2] or clause[3]).replace("\\'", "'").casefold()
            held = {address: address if clause[1] == "email" else self._name(address) for address in found}
            found = [address for address, text in held.items() if text.casefold().startswith(start)]
        size, first = int(query.get("maxResults", "200")), int(query.get("pageToken", "0"))
        page = [self._shown(address) for address in found[first : first + size]]
        more = {"nextPageToken": str(first + size)} if first + size < len(found) else {}
        return 200, ({"groups": page} if page else {}) | more

    def _members(self, address: str, method: str, one: list[str], query: Mapping[str, str], body: Any) -> Reply:
        held = self._directory.groups[address]
        match method, one:
            case "GET", []:
                chosen = self.owners.get(address, set()) if query.get("roles") == "OWNER" else held
                return 200, {"members": [self._member(address, id_) for id_ in sorted(chosen)]} if chosen else {}
            case "POST", []:
                given = only(body, "email", "role", needs=("email",))
                id_ = self._id(given["email"], key="memberKey")
                if id_ in held:
                    raise Refusal(409, "duplicate", "Member already exists.")
                held.add(id_)
                return 200, self._member(address, id_)
            case "GET" | "DELETE", [key]:
                id_ = self._id(key, key="memberKey")
                if id_ not in held:
                    raise Refusal(404, "notFound", "Resource Not Found: memberKey")
                if method == "GET":
                    return 200, self._member(address, id_)
                held.remove(id_)
                return 204, None
        raise Refusal(404, "notFound", "Not Found")

    def _member(self, address: str, id_: str) -> dict[str, Any]:
        role = "OWNER" if id_ in self.owners.get(address, ()) else "MEMBER"
        return {"id": id_, "email": self._directory.users[id_]["primaryEmail"], "role": role, "type": "USER"}

    def _shown(self, address: str) -> dict[str, Any]:
        shown = {"id": _id_of(address), "email": address, "name": self._name(address), "description": "News"}
        return {"kind": "admin#directory#group", **shown}

    def _name(self, address: str) -> str:
        return self.names.get(address, address)

    def _address(self, key: str) -> str:
        found = [one for one in self._directory.groups if key in (one, _id_of(one))]
        if not found:
            raise Refusal(404, "notFound", "Resource Not Found: groupKey")
        return found[0]

    def _id(self, person: str, *, key: str = "userKey") -> str:
        user = self._directory.by_key(person)
        if user is None:
            raise Refusal(404, "notFound", f"Resource Not Found: {key}")
        return str(user["id"])


def _id_of(address: str) -> str:
    return f"0{address.encode().hex()[:14]}"
