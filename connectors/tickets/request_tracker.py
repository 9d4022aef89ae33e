"""Copies in Request Tracker 5 and newer, through its REST2 interface (docs.bestpractical.com/rt/5.0.3/RT/REST2.html).

The key stands in the subject, for RT drops a custom field it does not have and says nothing. A refused change of status
is 200 as well, so it is read back.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.capabilities import Examined, Finding, Severity
from connectors.errors import ConnectorError, Forbidden
from connectors.http import Http, found
from connectors.ticket_copies import CopiesTickets, CopyReference, CopyState, Remark, TellsCopyState, TicketCopy
from connectors.tickets.examining import fault
from connectors.tickets.settings import TicketSystemSettings

_PAGE, _PAGES = 100, 20


class RequestTracker(CopiesTickets, TellsCopyState, Examined):
    settle_seconds = 60.0  # it searches the database itself; only a request that is still under way must end

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._web = settings.url.rstrip("/")
        self._http = Http(settings, {"Authorization": f"token {settings.token}"}, clock)
        self._solved = settings.solved or ("resolved",)
        self._refused = settings.refused or ("rejected",)

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        queue = self._settings.queue_for(copy.queue)
        number = self._number(copy.key) or self._create(copy, queue)
        return CopyReference(id=number, number=number, url=f"{self._web}/Ticket/Display.html?id={number}")

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        ticket = f"/REST/2.0/ticket/{reference.id}"
        if not self._has(ticket, remark.mark):
            content = {"Subject": remark.mark, "Content": remark.text, "ContentType": "text/plain"}
            found(self._http.write("POST", f"{ticket}/comment", content), f"ticket {reference.id}")
        if remark.state in (CopyState.SOLVED, CopyState.REFUSED):
            self._close(reference, remark.state)

    def copy_state(self, reference: CopyReference) -> CopyState:
        answer = self._http.get(f"/REST/2.0/ticket/{reference.id}")
        if answer.status == 404:
            return CopyState.GONE
        ticket = answer.json()
        if str(ticket["EffectiveId"]["id"]) != reference.id:  # merged into another
            return CopyState.GONE
        status = ticket["Status"]
        if status in self._solved:
            return CopyState.SOLVED
        if status in self._refused:
            return CopyState.REFUSED
        return CopyState.GONE if status == "deleted" else CopyState.OPEN

    def examine(self) -> Iterator[Finding]:
        for queue in dict.fromkeys((self._settings.queue, *self._settings.queues.values())):
            try:
                answer = self._http.get(f"/REST/2.0/queue/{quote(queue, safe='')}")
                links = {link["ref"] for link in found(answer, f"queue {queue}")["_hyperlinks"]}
            except ConnectorError as error:
                yield fault(error, f"rights for the portal's user on queue {queue}: SeeQueue, ShowTicket,\n{_RIGHTS}")
            else:
                able = "create" in links
                yield Finding(
                    severity=Severity.OK if able else Severity.FAULT,
                    subject="ticket system",
                    message=f"queue {queue}: {'copies can be opened' if able else 'the right CreateTicket is missing'}",
                    remedy="" if able else f"Grant the portal's user on queue {queue}: {_RIGHTS}",
                )

    def _number(self, key: str) -> str | None:
        query = {"query": f"Subject LIKE '{key}'", "fields": "Subject", "orderby": "id", "per_page": 20}
        items = self._items("/REST/2.0/tickets", query)
        return next((str(item["id"]) for item in items if key in str(item["Subject"])), None)

    def _has(self, ticket: str, mark: str) -> bool:
        """Whether the ticket's history has this mark; the data of a comment is its subject."""
        for page in range(1, _PAGES + 1):
            entries = self._items(f"{ticket}/history", {"fields": "Data", "per_page": _PAGE, "page": page})
            if any(mark in str(entry["Data"]).split() for entry in entries):
                return True
            if len(entries) < _PAGE:
                return False
        return False

    def _create(self, copy: TicketCopy, queue: str) -> str:
        content: dict[str, Any] = {
            "Queue": queue,
            "Subject": copy.title,
            "Content": copy.text,
            "ContentType": "text/plain",
        }
        if self._settings.requester:
            content["Requestor"] = self._settings.requester
        return str(found(self._http.write("POST", "/REST/2.0/ticket", content), f"queue {queue}")["id"])

    def _close(self, reference: CopyReference, state: CopyState) -> None:
        if self.copy_state(reference) is not CopyState.OPEN:
            return
        status = (self._solved if state is CopyState.SOLVED else self._refused)[0]
        answer = self._http.write("PUT", f"/REST/2.0/ticket/{reference.id}", {"Status": status})
        if self.copy_state(reference) is CopyState.OPEN:
            raise Forbidden(f"ticket {reference.id} stays open: {answer.body[:200].decode('utf-8', 'replace')}")

    def _items(self, path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        return list(found(self._http.get(path, params=params), path)["items"])


_RIGHTS = "CreateTicket, CommentOnTicket, ModifyTicket, ShowTicketComments"
