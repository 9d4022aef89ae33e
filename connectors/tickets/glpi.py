"""Copies in GLPI, through its first REST interface (github.com/glpi-project/glpi, apirest.md).

Each piece of work has a session of its own there. GLPI searches its database itself; texts are HTML.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from html import escape
from typing import Any

from connectors.capabilities import Examined, Finding
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.http import Answer, Http, found
from connectors.ticket_copies import CopiesTickets, CopyReference, CopyState, Remark, TellsCopyState, TicketCopy
from connectors.tickets.examining import fault, fine
from connectors.tickets.settings import TicketSystemSettings

_TITLE, _ID = 1, 2  # search options of every kind of item
_REQUEST = 2  # the type of ticket that is no incident
_SOLVED, _CLOSED = 5, 6  # CommonITILObject


class Glpi(CopiesTickets, TellsCopyState, Examined):
    settle_seconds = 60.0

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._http = Http(settings, {"App-Token": settings.app_token} if settings.app_token else {}, clock)
        self._web = settings.url.rstrip("/").removesuffix("/apirest.php").removesuffix("/api.php/v1")
        self._solved = tuple(map(str, settings.solved)) or (str(_SOLVED), str(_CLOSED))

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        with self._session() as session:
            number = self._number(session, copy.key) or self._create(session, copy)
        return CopyReference(id=number, number=number, url=f"{self._web}/front/ticket.form.php?id={number}")

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        ticket = f"/Ticket/{reference.id}"
        with self._session() as session:
            params = {"range": "0-199", "order": "DESC"}
            answer = self._http.get(f"{ticket}/ITILFollowup", params=params, headers=session)
            if not any(remark.mark in str(followup["content"]) for followup in found(answer, ticket)):
                content = f"<p>{_html(remark.text)}</p><p>{remark.mark}</p>"
                followup = {"itemtype": "Ticket", "items_id": int(reference.id), "content": content, "is_private": 1}
                self._add("/ITILFollowup", followup, session)
            if remark.state is not CopyState.OPEN and self._state(session, reference) is CopyState.OPEN:
                found(self._http.write("PUT", ticket, {"input": {"status": int(self._solved[0])}}, session), ticket)
                if self._state(session, reference) is CopyState.OPEN:
                    raise Forbidden(f"ticket {reference.id} stays open")

    def copy_state(self, reference: CopyReference) -> CopyState:
        with self._session() as session:
            return self._state(session, reference)

    def examine(self) -> Iterator[Finding]:
        try:
            with self._session():
                pass
        except ConnectorError as error:
            yield fault(error, "ticket_system.app_token; the interface must be switched on and allow this address")
        else:
            yield fine(f"{self._web} lets the portal in")

    @contextmanager
    def _session(self) -> Iterator[Mapping[str, str]]:
        """The header that every request needs."""
        answer = self._http.get("/initSession", headers={"Authorization": f"user_token {self._settings.token}"})
        session = {"Session-Token": str(found(answer, "the interface")["session_token"])}
        try:
            yield session
        finally:
            with suppress(ConnectorError):  # it ends by itself, too
                self._http.get("/killSession", headers=session)

    def _number(self, session: Mapping[str, str], key: str) -> str | None:
        criterion = {"field": _TITLE, "searchtype": "contains", "value": key}
        params = {f"criteria[0][{name}]": value for name, value in criterion.items()}
        params |= {"forcedisplay[0]": _ID, "is_deleted": 0}
        rows = found(self._http.get("/search/Ticket", params=params, headers=session), "the search").get("data", [])
        return next((str(row[str(_ID)]) for row in rows if key in str(row[str(_TITLE)])), None)

    def _create(self, session: Mapping[str, str], copy: TicketCopy) -> str:
        content: dict[str, Any] = {
            "name": copy.title,
            "content": f"<p>{_html(copy.text)}</p>",
            "type": _REQUEST,
            "externalid": copy.key,
        }
        if queue := self._settings.queue_for(copy.queue):
            content["entities_id"] = int(queue)
        if self._settings.requester:
            mails = {"use_notification": [1], "alternative_email": [self._settings.requester]}
            content |= {"_users_id_requester": 0, "_users_id_requester_notif": mails}
        return str(self._add("/Ticket", content, session)["id"])

    def _add(self, path: str, content: Mapping[str, Any], session: Mapping[str, str]) -> Any:
        return found(self._http.write("POST", path, {"input": content}, session), path)

    def _state(self, session: Mapping[str, str], reference: CopyReference) -> CopyState:
        answer: Answer = self._http.get(f"/Ticket/{reference.id}", headers=session)
        if answer.status == 404:
            return CopyState.GONE
        ticket = answer.json()
        if "status" not in ticket:
            raise Unavailable("the answer is no ticket")
        if int(ticket.get("is_deleted", 0)):
            return CopyState.GONE
        status = str(ticket["status"])
        if status in self._settings.refused:
            return CopyState.REFUSED
        return CopyState.SOLVED if status in self._solved else CopyState.OPEN


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
