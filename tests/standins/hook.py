"""A receiver of webhooks that keeps one message for each id, as Standard Webhooks asks of it."""

from collections.abc import Mapping
from typing import Any

from tests.standins.http import Reply
from tests.standins.ticket_system import Held, TicketStandin


class HookStandin(TicketStandin):
    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}

    def held(self) -> Held:
        opened = {id_ for id_, message in self.messages.items() if message["type"] == "ticket.opened"}
        return Held(sorted(opened), sorted(self.messages.keys() - opened))

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        self.messages.setdefault(headers["webhook-id"], body)
        return 204, None
