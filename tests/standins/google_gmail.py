"""Gmail's settings of one mailbox: vacation, forwarding and who must confirm it, filters, delegates, send as."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.standins.google_directory import Directory
from tests.standins.google_says import Refusal, only
from tests.standins.http import Reply

_BASIC = "gmail.settings.basic"
_SHARING = "gmail.settings.sharing"
_DISPOSITIONS = ("leaveInInbox", "archive", "trash", "markRead")
_VACATION = (
    "enableAutoReply", "responseSubject", "responseBodyPlainText", "responseBodyHtml", "restrictToContacts",
    "restrictToDomain", "startTime", "endTime",
)  # fmt: skip
_MOST_DELEGATES = 25


@dataclass
class Settings:
    vacation: dict[str, Any] = field(default_factory=lambda: {"enableAutoReply": False})
    forwarding: dict[str, Any] = field(default_factory=lambda: {"enabled": False})
    addresses: dict[str, str] = field(default_factory=dict)  # address -> accepted or pending
    filters: dict[str, dict[str, Any]] = field(default_factory=dict)
    delegates: list[str] = field(default_factory=list)


class Gmail:
    """`forbids_forwarding`: an administrator has switched it off for everybody."""

    def __init__(self, directory: Directory) -> None:
        self.forbids_forwarding = False
        self.mails: list[str] = []  # whom Google has asked to confirm
        self._directory = directory
        self._boxes: dict[str, Settings] = {}
        self._filters = itertools.count(1)

    def of(self, address: str) -> Settings:
        user = self._directory.by_key(address)
        assert user is not None
        return self._boxes.setdefault(user["id"], Settings())

    def confirm(self, address: str, target: str) -> None:
        """The target's owner opens Google's link."""
        self.of(address).addresses[target] = "accepted"

    def add_filter(self, address: str, criteria: dict[str, Any], action: dict[str, Any]) -> None:
        id_ = f"filter{next(self._filters)}"
        self.of(address).filters[id_] = {"id": id_, "criteria": criteria, "action": action}

    def answer(
        self, subject: str, user: str, allowed: Callable[..., None], method: str, rest: list[str], body: Any
    ) -> Reply:
        person = self._directory.by_key(subject)
        if user != "me" and self._directory.by_key(user) is not person:
            raise Refusal(403, "forbidden", f"Delegation denied for {subject}")
        if person is None or not person["isMailboxSetup"]:
            raise Refusal(400, "failedPrecondition", "Mail service not enabled")
        box = self.of(subject)
        match method, rest:
            case "GET", ["vacation"]:
                allowed(_BASIC)
                return 200, box.vacation
            case "PUT", ["vacation"]:
                allowed(_BASIC)
                return 200, self._vacation(box, only(body, *_VACATION))
            case "GET", ["autoForwarding"]:
                allowed(_BASIC)
                return 200, box.forwarding
            case "PUT", ["autoForwarding"]:
                allowed(_SHARING)
                return 200, self._forward(box, only(body, "enabled", "emailAddress", "disposition"))
            case "GET", ["filters"]:
                allowed(_BASIC)
                return 200, {"filter": list(box.filters.values())} if box.filters else {}
            case _, ["forwardingAddresses", *one]:
                allowed(*([_BASIC] if method == "GET" else [_SHARING]))
                return self._targets(box, method, one, body)
            case _, ["delegates", *one]:
                allowed(*([_BASIC] if method == "GET" else [_SHARING]))
                return self._delegates(box, subject, method, one, body)
            case "GET", ["sendAs"]:
                allowed(_BASIC)
                own = {"sendAsEmail": subject, "isPrimary": True, "treatAsAlias": False}
                others = [{"sendAsEmail": alias, "treatAsAlias": True} for alias in person["aliases"]]
                return 200, {"sendAs": [own, *others]}
        raise Refusal(404, "notFound", "Requested entity was not found.")

    def _vacation(self, box: Settings, given: dict[str, Any]) -> dict[str, Any]:
        for name in ("startTime", "endTime"):
            if not str(given.get(name, "0")).isdigit() or not isinstance(given.get(name, ""), str):
                raise Refusal(400, "invalidArgument", f"Invalid value at '{name}' (TYPE_INT64)")
        if given.get("enableAutoReply"):
            if not (
                given.get("responseSubject") or given.get("responseBodyPlainText") or given.get("responseBodyHtml")
            ):
                raise Refusal(400, "invalidArgument", "Subject or body must be non-empty")
            if "startTime" in given and "endTime" in given and int(given["startTime"]) >= int(given["endTime"]):
                raise Refusal(400, "invalidArgument", "Start time must precede end time")
        box.vacation = {"enableAutoReply": False} | {name: value for name, value in given.items() if value != ""}
        return box.vacation

    def _forward(self, box: Settings, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("enabled"):
            if self.forbids_forwarding:
                raise Refusal(403, "domainPolicy", "Forwarding is disabled by your domain administrator")
            if box.addresses.get(given.get("emailAddress", "")) != "accepted":
                raise Refusal(400, "failedPrecondition", "Unrecognized forwarding address")
            if given.get("disposition") not in _DISPOSITIONS:
                raise Refusal(400, "invalidArgument", "Invalid disposition")
        box.forwarding = given if given.get("enabled") else {"enabled": False}
        return box.forwarding

    def _targets(self, box: Settings, method: str, one: list[str], body: Any) -> Reply:
        match method, one:
            case "GET", []:
                listed = [{"forwardingEmail": a, "verificationStatus": s} for a, s in box.addresses.items()]
                return 200, {"forwardingAddresses": listed} if listed else {}
            case "POST", []:
                target = only(body, "forwardingEmail", needs=("forwardingEmail",))["forwardingEmail"]
                if target in box.addresses:
                    raise Refusal(409, "alreadyExists", "Forwarding address already exists")
                inside = target.rpartition("@")[2] in self._directory.domains
                box.addresses[target] = "accepted" if inside else "pending"
                self.mails += [] if inside else [target]
                return 200, {"forwardingEmail": target, "verificationStatus": box.addresses[target]}
            case "GET", [target] if target in box.addresses:
                return 200, {"forwardingEmail": target, "verificationStatus": box.addresses[target]}
            case "DELETE", [target] if target in box.addresses:
                del box.addresses[target]
                if box.forwarding.get("emailAddress") == target:
                    box.forwarding = {"enabled": False}
                return 204, None
        raise Refusal(404, "notFound", "Requested entity was not found.")

    def _delegates(self, box: Settings, subject: str, method: str, one: list[str], body: Any) -> Reply:
        match method, one:
            case "GET", []:
                listed = [{"delegateEmail": who, "verificationStatus": "accepted"} for who in box.delegates]
                return 200, {"delegates": listed} if listed else {}
            case "POST", []:
                who = only(body, "delegateEmail", needs=("delegateEmail",))["delegateEmail"]
                found = self._directory.by_key(who)
                if found is None or found["primaryEmail"] != who or who == subject or found["suspended"]:
                    raise Refusal(400, "invalidArgument", "Invalid delegate")
                if who in box.delegates:
                    raise Refusal(409, "alreadyExists", "Delegate already exists")
                if len(box.delegates) >= _MOST_DELEGATES:
                    raise Refusal(400, "failedPrecondition", "Too many delegates")
                box.delegates.append(who)
                return 200, {"delegateEmail": who, "verificationStatus": "accepted"}
            case "DELETE", [who] if who in box.delegates:
                box.delegates.remove(who)
                return 204, None
        raise Refusal(404, "notFound", "Requested entity was not found.")
