"""osTicket as far as copies need it: letters come in by HTTP, and nothing goes out (its include/api.tickets.php)."""

from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from tests.standins.http import Reply
from tests.standins.ticket_system import Held, TicketStandin

TOKEN = "osticket-token-1"


class OsTicketStandin(TicketStandin):
    def __init__(self) -> None:
        super().__init__()
        self.tickets: dict[str, list[EmailMessage]] = {}  # by number, with what came in later
        self._seen: dict[str, str] = {}  # Message-ID to number

    def held(self) -> Held:
        later = [str(letter["Message-ID"]) for letters in self.tickets.values() for letter in letters[1:]]
        return Held([str(letters[0]["Subject"]) for letters in self.tickets.values()], later)

    def understood(self, raw: bytes, headers: Mapping[str, str]) -> Any:
        return message_from_bytes(raw, policy=default)

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        if (method, path) != ("POST", "/api/tickets.email"):
            return 400, b"URL not supported"
        if headers.get("x-api-key") != TOKEN:
            return 401, b"Valid API key required"
        if not body["From"] or not body["Subject"]:
            return 400, b"Unable to create new ticket: validation errors"
        mark = str(body["Message-ID"])
        if mark not in self._seen:
            number = self._seen.get(str(body["In-Reply-To"])) or f"{700001 + len(self.tickets)}"
            self.tickets.setdefault(number, []).append(body)
            self._seen[mark] = number
        return 201, self._seen[mark].encode()
