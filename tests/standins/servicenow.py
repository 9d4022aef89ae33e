"""ServiceNow as far as copies need it: its Table API, which drops what may not be written and says nothing."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from tests.standins.http import Reply
from tests.standins.ticket_system import Held, TicketStandin

USER, TOKEN, GROUP = "portal", "servicenow-token-1", "Account desk"
_FIELDS = {
    "short_description",
    "description",
    "correlation_id",
    "correlation_display",
    "contact_type",
    "assignment_group",
    "caller_id",
    "state",
    "close_code",
    "close_notes",
}
_NONE = {"error": {"message": "No Record found", "detail": "Record doesn't exist or ACL"}, "status": "failure"}


class ServiceNowStandin(TicketStandin):
    def __init__(self) -> None:
        super().__init__()
        self.incidents: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, list[str]] = {}
        self.withheld: set[str] = set()  # fields that the portal's user may not write
        self.says_404 = False  # as older releases do where nothing is found

    def held(self) -> Held:
        return Held(
            [incident["short_description"] for incident in self.incidents.values()],
            [note for notes in self.notes.values() for note in notes],
            sum(incident["state"] < "6" for incident in self.incidents.values()),
        )

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        login = "Basic " + b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if login != headers.get("authorization") and headers.get("x-sn-apikey") != TOKEN:
            return 401, {"error": {"message": "User Not Authenticated", "detail": "…"}, "status": "failure"}
        match method, path.removeprefix("/api/now/table/").split("/"):
            case "GET", ["incident"]:
                return self._rows(self._asked(query.get("sysparm_query", "")), query)
            case "GET", ["sys_user_group"]:
                return self._rows([{"name": GROUP}] if query["sysparm_query"] == f"name={GROUP}" else [], query)
            case "POST", ["incident"]:
                id_ = f"{len(self.incidents):032x}"
                kept = {name: body[name] for name in body if name in _FIELDS - self.withheld}
                number = f"INC{len(self.incidents):07}"
                self.incidents[id_] = {"sys_id": id_, "number": number, "state": "1", **kept}
                self.notes[id_] = []
                return 201, {"result": self.incidents[id_]}
            case "GET", ["incident", id_] if id_ in self.incidents:
                notes = {"work_notes": "\n\n".join(f"2026-11-22 10:00:00 - Portal\n{n}" for n in self.notes[id_][::-1])}
                return 200, {"result": _shown(self.incidents[id_] | notes, query)}
            case "PATCH", ["incident", id_] if id_ in self.incidents:
                return self._patch(id_, body)
        return 404, _NONE

    def _asked(self, query: str) -> list[dict[str, Any]]:
        if not query:
            return list(self.incidents.values())
        first, second, order = query.split("^")
        key = first.removeprefix("correlation_id=")
        assert (second, order) == (f"ORshort_descriptionLIKE{key}", "ORDERBYsys_created_on")
        return [
            incident
            for incident in self.incidents.values()
            if incident.get("correlation_id") == key or key in incident["short_description"]
        ]

    def _rows(self, rows: list[dict[str, Any]], query: Mapping[str, str]) -> Reply:
        if not rows and self.says_404:
            return 404, _NONE
        return 200, {"result": [_shown(row, query) for row in rows[: int(query["sysparm_limit"])]]}

    def _patch(self, id_: str, body: dict[str, Any]) -> Reply:
        if body.get("state") in ("6", "7") and not (body.get("close_code") and body.get("close_notes")):
            told = "Data Policy Exception: The following fields are mandatory: Resolution notes, Resolution code"
            return 403, {"error": {"message": "Operation Failed", "detail": told}, "status": "failure"}
        self.notes[id_] += [body["work_notes"]] if "work_notes" in body else []
        self.incidents[id_] |= {name: body[name] for name in body if name in _FIELDS - self.withheld}
        return 200, {"result": self.incidents[id_]}


def _shown(row: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    wanted = query["sysparm_fields"].split(",")
    return {name: row[name] for name in wanted if name in row}
