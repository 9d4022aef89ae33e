"""Copies in ServiceNow: incidents, through its Table API (servicenow.com/docs, "Table API").

It drops what the portal's user may not write and says nothing, and a condition on a field that may not be read, too:
so the key stands in two fields, and what comes back is looked at. A change of state is read back.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.capabilities import Examined, Finding
from connectors.errors import ConnectorError, Forbidden
from connectors.http import Http, basic, found
from connectors.ticket_copies import CopiesTickets, CopyReference, CopyState, Remark, TellsCopyState, TicketCopy
from connectors.tickets.examining import fault, fine, lacking
from connectors.tickets.settings import TicketSystemSettings

_TABLE = "/api/now/table"
_INCIDENT = f"{_TABLE}/incident"
_ID, _TITLE = "correlation_id", "short_description"
_SEEN = f"sys_id,number,{_ID},{_TITLE}"
_RESOLVED, _CLOSED, _CANCELLED = "6", "7", "8"


class ServiceNow(CopiesTickets, TellsCopyState, Examined):
    settle_seconds = 60.0  # the condition goes to the database itself

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._web = settings.url.rstrip("/")
        login = {"Authorization": basic(settings.user, settings.token)}
        self._http = Http(settings, login if settings.user else {"x-sn-apikey": settings.token}, clock)
        self._solved = settings.solved or (_RESOLVED, _CLOSED)
        self._refused = settings.refused or (_CANCELLED,)

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        incident = self._known(copy.key) or self._create(copy)
        id_, number = str(incident["sys_id"]), str(incident["number"])
        return CopyReference(id=id_, number=number, url=f"{self._web}/incident.do?sys_id={id_}")

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        params = {"sysparm_fields": "work_notes", "sysparm_display_value": "true"}  # all of them, one below another
        answer = self._http.get(f"{_INCIDENT}/{reference.id}", params=params)
        notes = str(found(answer, f"incident {reference.number}")["result"].get("work_notes", ""))
        if remark.mark not in notes.split():
            self._change(reference, {"work_notes": f"{remark.text}\n\n{remark.mark}"})
        if remark.state in (CopyState.SOLVED, CopyState.REFUSED):
            self._close(reference, remark)

    def copy_state(self, reference: CopyReference) -> CopyState:
        answer = self._http.get(f"{_INCIDENT}/{reference.id}", params={"sysparm_fields": "state"})
        if answer.status == 404:
            return CopyState.GONE
        state = str(answer.json()["result"]["state"])
        if state in self._solved:
            return CopyState.SOLVED
        return CopyState.REFUSED if state in self._refused else CopyState.OPEN

    def examine(self) -> Iterator[Finding]:
        try:
            found(self._http.get(_INCIDENT, params={"sysparm_fields": _SEEN, "sysparm_limit": 1}), "the table")
            for group in dict.fromkeys((self._settings.queue, *self._settings.queues.values())):
                if group and not self._rows("sys_user_group", f"name={group}", "name"):
                    yield lacking(f"there is no assignment group {group}", "ticket_system.queue: the name of a group")
        except ConnectorError as error:
            yield fault(error, "the role itil for the portal's user")
        else:
            yield fine(f"{self._web} lets the portal in; copies are incidents")

    def _known(self, key: str) -> Mapping[str, Any] | None:
        rows = self._rows("incident", f"{_ID}={key}^OR{_TITLE}LIKE{key}^ORDERBYsys_created_on", _SEEN)
        return next((row for row in rows if _has(row, key)), None)

    def _rows(self, table: str, query: str, fields: str) -> list[Mapping[str, Any]]:
        params = {"sysparm_query": query, "sysparm_fields": fields, "sysparm_limit": 20}
        answer = self._http.get(f"{_TABLE}/{table}", params=params)
        return [] if answer.status == 404 else list(answer.json()["result"])  # older releases: no row, no record found

    def _create(self, copy: TicketCopy) -> Mapping[str, Any]:
        content = {
            _TITLE: copy.title,
            "description": copy.text,
            _ID: copy.key,
            "correlation_display": "sparekey",
            "contact_type": "self-service",
        }
        if queue := self._settings.queue_for(copy.queue):
            content["assignment_group"] = queue
        if self._settings.requester:
            content["caller_id"] = self._settings.requester
        path = f"{_INCIDENT}?sysparm_input_display_value=true"  # groups and callers by name
        incident: Mapping[str, Any] = found(self._http.write("POST", path, content), "the table")["result"]
        if not _has(incident, copy.key):
            raise Forbidden(f"{incident.get('number')} is there without its key: may {_ID} be written and read?")
        return incident

    def _close(self, reference: CopyReference, remark: Remark) -> None:
        if self.copy_state(reference) is not CopyState.OPEN:
            return
        state = (self._solved if remark.state is CopyState.SOLVED else self._refused)[0]
        reasons = {"close_code": self._settings.close_code, "close_notes": remark.text}  # its data policy wants both
        self._change(reference, {"state": state, **reasons})
        if self.copy_state(reference) is CopyState.OPEN:
            raise Forbidden(f"incident {reference.number} stays open: may its state be written?")

    def _change(self, reference: CopyReference, content: Mapping[str, str]) -> None:
        found(self._http.write("PATCH", f"{_INCIDENT}/{reference.id}", content), f"incident {reference.number}")


def _has(incident: Mapping[str, Any], key: str) -> bool:
    return key == incident.get(_ID) or key in str(incident.get(_TITLE))
