"""Copies in Jira Service Management, Cloud and Data Center (developer.atlassian.com/cloud/jira/service-desk/rest).

The key is one word of the summary: a form takes no field that is not on it. Jira's search lags behind what was written,
and says nothing of projects that our user may not browse; the doctor looks for that.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from connectors.capabilities import Examined, Finding
from connectors.errors import ConnectorError, Forbidden
from connectors.http import Http, basic, found, there
from connectors.ticket_copies import CopiesTickets, CopyReference, CopyState, Remark, TellsCopyState, TicketCopy
from connectors.tickets.examining import fault, fine, lacking
from connectors.tickets.settings import TicketSystemSettings

_DESK = "/rest/servicedeskapi"
_PAGE, _PAGES = 100, 20
_TAKEN = {"summary", "description"}  # the fields of a form that a copy fills in
_RIGHTS = ("BROWSE_PROJECTS", "ADD_COMMENTS", "TRANSITION_ISSUES")


class JiraServiceManagement(CopiesTickets, TellsCopyState, Examined):
    settle_seconds = 300.0

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        cloud = bool(settings.user)  # in the Cloud a token belongs to a mail address, in Data Center it stands alone
        self._settings = settings
        self._web = settings.url.rstrip("/")
        self._platform = f"/rest/api/{3 if cloud else 2}"
        self._search = f"{self._platform}/search{'/jql' if cloud else ''}"
        login = basic(settings.user, settings.token) if cloud else f"Bearer {settings.token}"
        self._http = Http(settings, {"Authorization": login}, clock)

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        id_, number = self._known(copy.key) or self._create(copy)
        return CopyReference(id=id_, number=number, url=f"{self._web}/browse/{number}")

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        request = f"{_DESK}/request/{reference.id}"
        if not self._has(request, remark.mark):
            content = {"body": f"{remark.text}\n\n{remark.mark}", "public": False}  # told to agents, mailed to nobody
            found(self._http.write("POST", f"{request}/comment", content), f"request {reference.number}")
        if remark.state in (CopyState.SOLVED, CopyState.REFUSED):
            self._close(reference, remark.state)

    def copy_state(self, reference: CopyReference) -> CopyState:
        answer = self._http.get(f"{_DESK}/request/{reference.id}")
        if answer.status == 404:
            return CopyState.GONE
        status = answer.json()["currentStatus"]
        return self._meaning(status["status"], status["statusCategory"])

    def examine(self) -> Iterator[Finding]:
        for queue in dict.fromkeys((self._settings.queue, *self._settings.queues.values())):
            try:
                yield self._examined(queue)
            except ConnectorError as error:
                yield fault(error, "the portal's user must be an agent of the service project")

    def _examined(self, queue: str) -> Finding:
        desk, form = queue.split("/")
        project = found(self._http.get(f"{_DESK}/servicedesk/{desk}"), f"service project {desk}")["projectKey"]
        path = f"{_DESK}/servicedesk/{desk}/requesttype/{form}/field"
        told = found(self._http.get(path), f"request type {form}")
        fields = {field["fieldId"]: field["required"] for field in told["requestTypeFields"]}
        wrong = [f"has no field {name}" for name in sorted(_TAKEN - fields.keys())]
        wrong += [f"asks for {name}" for name, required in fields.items() if required and name not in _TAKEN]
        if wrong:
            return lacking(
                f"request type {queue} {', '.join(wrong)}", "Make a request type of summary and description."
            )
        params = {"projectKey": project, "permissions": ",".join(_RIGHTS)}
        rights = found(self._http.get(f"{self._platform}/mypermissions", params=params), "the rights")["permissions"]
        if missing := [name for name in _RIGHTS if not rights.get(name, {}).get("havePermission")]:
            return lacking(f"project {project}: {', '.join(missing)} missing", "Make the portal's user an agent of it.")
        return fine(f"{self._web} lets the portal in; copies go to {project}")

    def _known(self, key: str) -> tuple[str, str] | None:
        jql = f'summary ~ "\\"{key}\\"" ORDER BY created ASC'
        params = {"jql": jql, "fields": "summary", "maxResults": 20}
        issues = found(self._http.get(self._search, params=params), "the search")["issues"]
        return next(((str(i["id"]), str(i["key"])) for i in issues if key in str(i["fields"]["summary"])), None)

    def _create(self, copy: TicketCopy) -> tuple[str, str]:
        desk, form = self._settings.queue_for(copy.queue).split("/")
        content: dict[str, Any] = {
            "serviceDeskId": desk,
            "requestTypeId": form,
            "requestFieldValues": {"summary": copy.title, "description": copy.text},
        }
        if self._settings.requester:
            content["raiseOnBehalfOf"] = self._settings.requester
        made = found(self._http.write("POST", f"{_DESK}/request", content), f"service project {desk}")
        return str(made["issueId"]), str(made["issueKey"])

    def _has(self, request: str, mark: str) -> bool:
        for page in range(_PAGES):
            answer = self._http.get(f"{request}/comment", params={"start": page * _PAGE, "limit": _PAGE})
            comments = found(answer, request)
            if any(mark in str(comment["body"]).split() for comment in comments["values"]):
                return True
            if comments["isLastPage"]:
                return False
        return False

    def _close(self, reference: CopyReference, state: CopyState) -> None:
        """Take the step that leads there; which ones there are depends on the workflow and on how it stands now."""
        if self.copy_state(reference) is not CopyState.OPEN:
            return
        path, what = f"{self._platform}/issue/{reference.id}/transitions", f"request {reference.number}"
        steps = {
            str(step["id"]): self._meaning(step["to"]["name"], step["to"]["statusCategory"]["key"])
            for step in found(self._http.get(path), what)["transitions"]
        }
        ends = [id_ for id_, to in steps.items() if to is state] or [id_ for id_, to in steps.items() if to in _ENDS]
        if ends:
            there(self._http.write("POST", path, {"transition": {"id": ends[0]}}), what)
        if self.copy_state(reference) is CopyState.OPEN:
            raise Forbidden(f"{what} stays open: no step that the portal's user may take ends it")

    def _meaning(self, status: str, category: str) -> CopyState:
        if status in self._settings.refused:
            return CopyState.REFUSED
        solved = status in self._settings.solved if self._settings.solved else category.upper() == "DONE"
        return CopyState.SOLVED if solved else CopyState.OPEN


_ENDS = (CopyState.SOLVED, CopyState.REFUSED)
