"""Speaks mailcow's interface as its documents and its source tell, where even a refusal has a good status."""

import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.standins.http import Reply, Standin

KEY = "C0FFEE-C0FFEE-C0FFEE"
READS_ONLY = "BADA55-BADA55-BADA55"
MIB = 1024 * 1024
DOMAIN_QUOTA = 10_000  # MiB that one mailbox may get
FIELDS = {
    "add/alias": {"address", "goto", "active"},
    "edit/alias": {"goto", "active"},
    "edit/mailbox": {"quota", "active"},
    "add/filter": {"username", "active", "script_desc", "script_data", "filter_type"},
    "edit/filter": {"active", "script_desc", "script_data", "filter_type"},
    "add/app-passwd": {"username", "app_name", "app_passwd", "app_passwd2", "active", "protocols"},
}


class Mailcow(Standin):
    """`boxes` by address; `own_rules` are what people have written in the web mail."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes: dict[str, dict[str, Any]] = {}
        self.aliases: dict[str, dict[str, str]] = {}
        self.passing: dict[str, str] = {}
        self.filters: dict[str, dict[str, Any]] = {}
        self.own_rules: dict[str, str] = {}
        self.programs: dict[str, dict[str, Any]] = {}
        self._last = 0

    def mailbox(self, *, used: int = 0, quota: int = 1024) -> str:
        """A new one; `used` in octets, `quota` in MiB."""
        address = f"{random.randbytes(5).hex()}@cow.test"
        self.boxes[address] = {"username": address, "quota": quota * MIB, "quota_used": used, "active": 1}
        return address

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        key = headers.get("x-api-key")
        if key not in (KEY, READS_ONLY):
            return 401, {"type": "error", "msg": "authentication failed"}
        prefix, _, rest = path.partition("/api/v1/")
        if prefix or not rest:
            return 404, {"type": "error", "msg": "route not found"}
        if rest.startswith("get/"):
            return (200, self._read(*rest.split("/")[1:])) if method == "GET" else (405, {"type": "error"})
        if method != "POST":
            return 405, {"type": "error", "msg": "only POST method is allowed"}
        if key == READS_ONLY:
            return 403, {"type": "error", "msg": "API read/write access denied"}
        return 200, self._write(rest, body)

    def _read(self, kind: str, *about: str) -> Any:
        name = unquote(about[-1]) if about else ""
        found: list[dict[str, Any]]
        match kind:
            case "mailbox":
                return list(self.boxes.values()) if name == "all" else self.boxes.get(name, {})
            case "active-user-sieve":
                return self.own_rules.get(name, "")
            case "alias":
                found = [{"id": int(number), **one} for number, one in self.aliases.items()]
            case "time_limited_aliases":
                found = [{"address": a, "goto": to, "validity": 2**31} for a, to in self.passing.items() if to == name]
            case "filters":
                found = [{"id": int(n), **one} for n, one in self.filters.items() if one["username"] == name]
            case "app-passwd":
                found = [
                    {"id": int(n), "name": one["app_name"], "mailbox": name, "created": "2026-11-22 09:30:00"}
                    for n, one in self.programs.items()
                    if one["username"] == name
                ]
            case _:
                return {}
        return found or {}

    def _write(self, route: str, body: Any) -> Any:
        about = body.get("attr", body) if isinstance(body, dict) else {}
        if route in FIELDS and not set(about) <= FIELDS[route]:
            return _no("unknown_field", *sorted(set(about) - FIELDS[route]))
        doing = getattr(self, f"_{route.replace('/', '_').replace('-', '_')}", None)
        if doing is None:
            return _no("route_not_found")
        if route.startswith("edit/"):
            return [said for item in body["items"] for said in doing(str(item), body["attr"])]
        if route.startswith("delete/"):
            return [said for item in body for said in doing(str(item))]
        return doing(body)

    def _number(self) -> str:
        self._last += 1
        return str(self._last)

    def _add_alias(self, body: Mapping[str, str]) -> Any:
        address = body["address"]
        if address in self.boxes or any(one["address"] == address for one in self.aliases.values()):
            return _no("is_alias_or_mailbox", address)
        if not address.endswith("@cow.test"):
            return _no("domain_not_found", address)
        number = self._number()
        self.aliases[number] = {"address": address, "goto": body["goto"]}
        return _yes("alias_added", address, number)

    def _edit_alias(self, number: str, attr: Mapping[str, str]) -> Any:
        if number not in self.aliases:
            return _no("access_denied")
        self.aliases[number] |= {"goto": attr["goto"]}
        return _yes("alias_modified", self.aliases[number]["address"])

    def _delete_alias(self, number: str) -> Any:
        gone = self.aliases.pop(number, None)
        return _yes("alias_removed", gone["address"]) if gone else _no("access_denied")

    def _delete_time_limited_alias(self, address: str) -> Any:
        return _yes("mailbox_modified", self.passing.pop(address)) if address in self.passing else _no("access_denied")

    def _edit_mailbox(self, address: str, attr: Mapping[str, str]) -> Any:
        if address not in self.boxes:
            return _no("access_denied")
        if int(attr["quota"]) > DOMAIN_QUOTA:
            return _no("mailbox_quota_left_exceeded", str(DOMAIN_QUOTA))
        self.boxes[address]["quota"] = int(attr["quota"]) * MIB
        return _yes("mailbox_modified", address)

    def _add_filter(self, body: dict[str, Any]) -> Any:
        if body["username"] not in self.boxes:
            return _no("access_denied")
        if body["filter_type"] not in ("prefilter", "postfilter"):
            return _no("filter_type_invalid")
        self.filters[self._number()] = dict(body)
        return _yes("mailbox_modified", body["username"])

    def _edit_filter(self, number: str, attr: Mapping[str, Any]) -> Any:
        if number not in self.filters:
            return _no("access_denied")
        self.filters[number] |= attr
        return _yes("mailbox_modified", self.filters[number]["username"])

    def _delete_filter(self, number: str) -> Any:
        gone = self.filters.pop(number, None)
        return _yes("delete_filter", number) if gone else _no("access_denied")

    def _add_app_passwd(self, body: dict[str, Any]) -> Any:
        if body["app_passwd"] != body["app_passwd2"]:
            return _no("password_mismatch")
        self.programs[self._number()] = dict(body)
        return _yes("app_passwd_added")

    def _delete_app_passwd(self, number: str) -> Any:
        gone = self.programs.pop(number, None)
        return _yes("app_passwd_removed", number) if gone else _no("access_denied")


def _yes(word: str, *about: str) -> list[dict[str, Any]]:
    return [{"type": "success", "log": ["api"], "msg": [word, *about] if about else word}]


def _no(word: str, *about: str) -> list[dict[str, Any]]:
    return [{"type": "danger", "log": ["api"], "msg": [word, *about] if about else word}]
