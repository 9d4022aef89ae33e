"""Zammad as far as copies need it: tickets, articles and a search whose index lags (docs.zammad.org/en/latest/api)."""

from collections.abc import Mapping
from typing import Any

from tests.standins.http import Reply
from tests.standins.ticket_system import Held, TicketStandin

TOKEN = "zammad-token-1"


class ZammadStandin(TicketStandin):
    def __init__(self) -> None:
        super().__init__()
        self.tickets: dict[int, dict[str, Any]] = {}
        self.articles: dict[int, list[dict[str, Any]]] = {}

    def held(self) -> Held:
        later = [article["subject"] for articles in self.articles.values() for article in articles[1:]]
        return Held(
            [ticket["title"] for ticket in self.tickets.values()],
            later,
            sum(ticket["state"] != "closed" for ticket in self.tickets.values()),
        )

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        if headers.get("authorization") != f"Token token={TOKEN}":
            return 401, {"error": "Invalid token!", "error_human": "Invalid token!"}
        match method, path.removeprefix("/api/v1/").split("/"):
            case "GET", ["users", "me"]:
                return 200, {"id": 3, "login": "portal"}
            case "GET", ["tickets", "search"]:
                found = (t for t in self.tickets.values() if query["query"] in t["title"])
                return 200, [ticket for ticket in found if self.is_found(ticket["title"])]
            case "POST", ["tickets"]:
                return self._open(body)
            case "GET", ["tickets", id_] if int(id_) in self.tickets:
                return 200, self.tickets[int(id_)]
            case "PUT", ["tickets", id_] if int(id_) in self.tickets:
                self.tickets[int(id_)] |= body
                return 200, self.tickets[int(id_)]
            case "GET", ["ticket_articles", "by_ticket", id_] if int(id_) in self.tickets:
                return 200, self.articles[int(id_)]
            case "POST", ["ticket_articles"]:
                self.articles[body["ticket_id"]].append(body)
                return 201, {"id": 1}
        return 404, {"error": "No such thing"}

    def _open(self, body: dict[str, Any]) -> Reply:
        if not body.get("customer_id") or body.get("group") != "Users":
            return 422, {"error": "Group or customer missing"}
        number = len(self.tickets) + 1
        article = body["article"]
        ticket = {"id": number, "number": f"90{number:03}", "title": body["title"], "state": "new"}
        self.tickets[number], self.articles[number] = ticket, [article]
        return 201, ticket
