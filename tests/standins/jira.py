"""Jira Service Management as far as copies need it: requests, comments, steps, and a search whose index lags.

Cloud and Data Center differ in how one signs in and where one searches (developer.atlassian.com).
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from tests.standins.http import Reply
from tests.standins.ticket_system import Held, TicketStandin

USER, TOKEN = "portal@example.org", "jira-token-1"
DESK, FORM = "10", "25"
_STEPS = {"31": ("Resolved", "done"), "21": ("Waiting for customer", "indeterminate"), "41": ("Canceled", "done")}


class JiraStandin(TicketStandin):
    def __init__(self) -> None:
        super().__init__()
        self.cloud = True
        self.requests_held: dict[str, dict[str, Any]] = {}  # by the number of the issue
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.required = {"summary": True, "description": False}
        self.rights = {"BROWSE_PROJECTS": True, "ADD_COMMENTS": True, "TRANSITION_ISSUES": True}
        self.steps = dict(_STEPS)

    def held(self) -> Held:
        return Held(
            [request["summary"] for request in self.requests_held.values()],
            [comment["body"] for comments in self.comments.values() for comment in comments],
            sum(request["currentStatus"]["statusCategory"] != "DONE" for request in self.requests_held.values()),
        )

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        login = "Basic " + b64encode(f"{USER}:{TOKEN}".encode()).decode() if self.cloud else f"Bearer {TOKEN}"
        if headers.get("authorization") != login:
            return 401, {"errorMessage": "Client must be authenticated to access this resource."}
        if path.startswith("/rest/servicedeskapi/"):
            return self._desk(method, path.removeprefix("/rest/servicedeskapi/").split("/"), query, body)
        return self._platform(method, path.removeprefix(f"/rest/api/{3 if self.cloud else 2}/"), query, body)

    def _desk(self, method: str, names: list[str], query: Mapping[str, str], body: Any) -> Reply:
        match method, names:
            case "POST", ["request"]:
                return self._open(body)
            case "GET", ["request", id_] if id_ in self.requests_held:
                return 200, self.requests_held[id_]
            case "GET", ["request", id_, "comment"] if id_ in self.requests_held:
                start, limit = int(query["start"]), min(int(query["limit"]), 100)
                shown = self.comments[id_][start : start + limit]
                last = start + limit >= len(self.comments[id_])
                return 200, {"size": len(shown), "start": start, "limit": limit, "isLastPage": last, "values": shown}
            case "POST", ["request", id_, "comment"] if id_ in self.requests_held:
                self.comments[id_].append(body)
                return 201, {"id": "1", **body}
            case "GET", ["servicedesk", "10"]:
                return 200, {"id": DESK, "projectKey": "HELP"}
            case "GET", ["servicedesk", "10", "requesttype", "25", "field"]:
                fields = [{"fieldId": name, "required": required} for name, required in self.required.items()]
                return 200, {"requestTypeFields": fields, "canRaiseOnBehalfOf": True}
        return 404, {"errorMessage": "It does not exist, or you may not see it."}

    def _open(self, body: dict[str, Any]) -> Reply:
        given = body["requestFieldValues"]
        missing = [name for name, required in self.required.items() if required and name not in given]
        if (body["serviceDeskId"], body["requestTypeId"]) != (DESK, FORM) or missing or given.keys() - self.required:
            return 400, {
                "errorMessage": "Your request could not be created. Please check the fields have been filled in."
            }
        id_ = str(10000 + len(self.requests_held))
        status = {"status": "Waiting for support", "statusCategory": "NEW"}
        made = {"issueId": id_, "issueKey": f"HELP-{len(self.requests_held) + 1}", "currentStatus": status}
        self.requests_held[id_], self.comments[id_] = made | {"summary": given["summary"]}, []
        return 201, made

    def _platform(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Reply:
        match method, path.split("/"):
            case "GET", ["search", *jql] if bool(jql) == self.cloud:
                return self._found(query["jql"])
            case "GET", ["search"]:
                return 410, {"errorMessages": ["The requested API has been removed."]}
            case "GET", ["mypermissions"]:
                return 200, {"permissions": {name: {"havePermission": has} for name, has in self.rights.items()}}
            case "GET", ["issue", id_, "transitions"] if id_ in self.requests_held:
                steps = [
                    {"id": step, "to": {"name": name, "statusCategory": {"key": category}}}
                    for step, (name, category) in self.steps.items()
                ]
                return 200, {"transitions": steps}
            case "POST", ["issue", id_, "transitions"] if id_ in self.requests_held:
                return self._step(id_, body["transition"]["id"])
        return 404, {"errorMessages": ["It does not exist, or you may not see it."], "errors": {}}

    def _found(self, jql: str) -> Reply:
        asked = re.fullmatch(r'summary ~ "\\"(\w+)\\"" ORDER BY created ASC', jql)
        if not asked:
            return 400, {"errorMessages": ["Error in the JQL Query"], "errors": {}}
        with_word = (r for r in self.requests_held.values() if f"[{asked[1]}]" in r["summary"])
        found = (request for request in with_word if self.is_found(request["summary"]))
        issues = [{"id": r["issueId"], "key": r["issueKey"], "fields": {"summary": r["summary"]}} for r in found]
        return 200, {"issues": issues, "isLast": True}

    def _step(self, id_: str, step: str) -> Reply:
        if step not in self.steps:
            return 400, {"errorMessages": ["It seems that you have tried to perform an illegal workflow operation."]}
        self.put(id_, *self.steps[step])
        return 204, None

    def put(self, id_: str, status: str, category: str = "done") -> None:
        """What a step does, and people over there."""
        self.requests_held[id_]["currentStatus"] = {"status": status, "statusCategory": category.upper()}
