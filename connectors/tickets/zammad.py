"""Copies in Zammad, through its REST interface (docs.zammad.org/en/latest/api/intro.html).

The key is one word of the title, which its search finds with Elasticsearch and without. The index lags by seconds.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from connectors.capabilities import Examined, Finding
from connectors.errors import ConnectorError
from connectors.http import Http, found
from connectors.ticket_copies import CopiesTickets, CopyReference, CopyState, Remark, TellsCopyState, TicketCopy
from connectors.tickets.examining import fault, fine
from connectors.tickets.settings import TicketSystemSettings

_GONE = ("merged", "removed")


class Zammad(CopiesTickets, TellsCopyState, Examined):
    settle_seconds = 120.0

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._web = settings.url.rstrip("/")
        self._http = Http(settings, {"Authorization": f"Token token={settings.token}"}, clock)
        self._solved = settings.solved or ("closed",)
        self._refused = settings.refused

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        ticket = self._known(copy.key) or self._create(copy)
        return CopyReference(
            id=str(ticket["id"]), number=str(ticket["number"]), url=f"{self._web}/#ticket/zoom/{ticket['id']}"
        )

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        what = f"ticket {reference.number}"
        articles = found(self._http.get(f"/api/v1/ticket_articles/by_ticket/{reference.id}"), what)
        if not any(article.get("subject") == remark.mark for article in articles):
            article = {"subject": remark.mark, "body": remark.text, **_NOTE, "ticket_id": int(reference.id)}
            found(self._http.write("POST", "/api/v1/ticket_articles", article), what)
        if remark.state in (CopyState.SOLVED, CopyState.REFUSED) and self.copy_state(reference) is CopyState.OPEN:
            states = self._refused if remark.state is CopyState.REFUSED and self._refused else self._solved
            found(self._http.write("PUT", f"/api/v1/tickets/{reference.id}", {"state": states[0]}), what)

    def copy_state(self, reference: CopyReference) -> CopyState:
        answer = self._http.get(f"/api/v1/tickets/{reference.id}", params={"expand": "true"})
        if answer.status == 404:
            return CopyState.GONE
        state = answer.json()["state"]
        if state in self._solved:
            return CopyState.SOLVED
        if state in self._refused:
            return CopyState.REFUSED
        return CopyState.GONE if state in _GONE else CopyState.OPEN

    def examine(self) -> Iterator[Finding]:
        try:
            me = found(self._http.get("/api/v1/users/me"), "the portal's user")
        except ConnectorError as error:
            yield fault(error, "the permission ticket.agent for the portal's user")
        else:
            yield fine(f"{self._web} lets {me.get('login', 'the portal')} in; copies go to {self._settings.queue}")

    def _known(self, key: str) -> dict[str, Any] | None:
        params = {"query": key, "limit": 10, "expand": "true"}
        tickets = found(self._http.get("/api/v1/tickets/search", params=params), "the search")
        same = [ticket for ticket in tickets if key in ticket["title"]]
        return min(same, key=lambda ticket: int(ticket["id"]), default=None)

    def _create(self, copy: TicketCopy) -> dict[str, Any]:
        ticket = {
            "title": copy.title,
            "group": self._settings.queue_for(copy.queue),
            "customer_id": f"guess:{self._settings.requester}",
            "article": {"subject": copy.subject, "body": copy.text, **_NOTE},
        }
        return dict(found(self._http.write("POST", "/api/v1/tickets", ticket), "the ticket interface"))


_NOTE = {"content_type": "text/plain", "type": "note", "internal": True}  # sends no mail to anybody
