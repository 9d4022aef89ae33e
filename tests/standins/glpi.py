"""GLPI as far as copies need it, through its first REST interface (its apirest.md)."""

from collections.abc import Mapping
from typing import Any

from tests.standins.http import Reply
from tests.standins.ticket_system import Held, TicketStandin

TOKEN, APP_TOKEN = "glpi-token-1", "glpi-app-1"


class GlpiStandin(TicketStandin):
    def __init__(self) -> None:
        super().__init__()
        self.tickets: dict[int, dict[str, Any]] = {}
        self.followups: dict[int, list[dict[str, Any]]] = {}
        self.sessions: set[str] = set()

    def held(self) -> Held:
        return Held(
            [ticket["name"] for ticket in self.tickets.values()],
            [followup["content"] for followups in self.followups.values() for followup in followups],
            sum(ticket["status"] < 5 for ticket in self.tickets.values()),
        )

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        if headers.get("app-token") != APP_TOKEN:
            return 400, ["ERROR_WRONG_APP_TOKEN_PARAMETER", "seems wrong"]
        name = path.removeprefix("/apirest.php/")
        if name == "initSession":
            if headers.get("authorization") != f"user_token {TOKEN}":
                return 401, ["ERROR_GLPI_LOGIN_USER_TOKEN", "seems invalid"]
            self.sessions.add(session := f"session-{len(self.requests)}")
            return 200, {"session_token": session}
        if headers.get("session-token") not in self.sessions:
            return 401, ["ERROR_SESSION_TOKEN_INVALID", "seems invalid"]
        if name == "killSession":
            self.sessions.discard(headers["session-token"])
            return 200, {}
        return self._item(method, name.split("/"), query, (body or {}).get("input", {}))

    def _item(self, method: str, names: list[str], query: Mapping[str, str], given: dict[str, Any]) -> Reply:
        match method, names:
            case "GET", ["search", "Ticket"]:
                value = query["criteria[0][value]"]
                rows = [{"1": t["name"], "2": i} for i, t in self.tickets.items() if value in t["name"]]
                return 200, {"totalcount": len(rows), "count": len(rows)} | ({"data": rows} if rows else {})
            case "POST", ["Ticket"]:
                number = len(self.tickets) + 1
                self.tickets[number], self.followups[number] = given | {"id": number, "status": 1}, []
                return 201, {"id": number, "message": ""}
            case "POST", ["ITILFollowup"]:
                self.followups[given["items_id"]].append(given)
                return 201, {"id": 1, "message": ""}
            case _, ["Ticket", id_, *more] if int(id_) in self.tickets:
                if more:
                    return 200, self.followups[int(id_)]
                if method == "PUT":
                    self.tickets[int(id_)] |= given
                    return 200, [{id_: True, "message": ""}]
                return 200, self.tickets[int(id_)]
        return 404, ["ERROR_ITEM_NOT_FOUND", "Item not found"]
