"""The mailboxes of the Microsoft stand-in: settings, rules of the inbox, and the report of how full they are.

Written from learn.microsoft.com/graph/api: user-update-mailboxsettings, mailfolder-post-messagerules,
reportroot-getmailboxusagedetail.
"""

import html
import uuid
from collections.abc import Mapping
from typing import Any

Reply = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]
_REPLY = frozenset(
    {
        "status", "externalAudience", "scheduledStartDateTime", "scheduledEndDateTime", "internalReplyMessage",
        "externalReplyMessage",
    }
)  # fmt: skip
_RULE = frozenset({"displayName", "sequence", "isEnabled", "actions", "conditions", "exceptions"})
_ACTIONS = frozenset(
    {"forwardTo", "redirectTo", "forwardAsAttachmentTo", "delete", "stopProcessingRules", "markAsRead"}
)
_NOTHING = {"dateTime": "2020-01-01T08:00:00.0000000", "timeZone": "UTC"}


class MailSide:
    url: str

    def __init__(self) -> None:
        self.replies: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, list[dict[str, Any]]] = {}
        self.fullness: dict[str, tuple[int, int]] = {}
        self.addresses: dict[str, str] = {}

    def mailbox(self, id_: str, address: str) -> None:
        self.replies[id_] = {
            "status": "disabled",
            "externalAudience": "all",
            "scheduledStartDateTime": _NOTHING,
            "scheduledEndDateTime": _NOTHING,
            "internalReplyMessage": "",
            "externalReplyMessage": "",
        }
        self.rules[id_], self.addresses[id_] = [], address
        self.fullness[address] = 6 * 2**30, 50 * 2**30

    def mail(self, method: str, id_: str, parts: list[str], body: Any, may: frozenset[str]) -> Reply:
        if "MailboxSettings.ReadWrite" not in may and not (method == "GET" and "MailboxSettings.Read" in may):
            return _error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if id_ not in self.replies:
            return _error(
                404,
                "MailboxNotEnabledForRESTAPI",
                "The mailbox is either inactive, soft-deleted, or hosted on-premise.",
            )
        match method, parts:
            case "GET", ["mailboxSettings"]:
                return 200, {"automaticRepliesSetting": self.replies[id_], "timeZone": "UTC", "userPurpose": "user"}
            case "PATCH", ["mailboxSettings"]:
                return self._reply(id_, body)
            case "GET", ["mailFolders", "inbox", "messageRules"]:
                return 200, {"value": self.rules[id_]}
            case "POST", ["mailFolders", "inbox", "messageRules"]:
                return self._new_rule(id_, body)
            case (("PATCH" | "DELETE"), ["mailFolders", "inbox", "messageRules", rule_id]):
                return self._old_rule(method, id_, rule_id, body)
        return _error(400, "BadRequest", f"Resource not found for the segment '{parts[-1]}'.")

    def reports(self, method: str, parts: list[str], may: frozenset[str]) -> Reply:
        if "Reports.Read.All" not in may:
            return _error(403, "S2SUnauthorized", "Invalid permission.")
        if (method, parts[1:]) != ("GET", ["getMailboxUsageDetail(period='D7')"]):
            return _error(400, "BadRequest", "Resource not found for the segment.")
        return 302, None, {"Location": f"{self.url}/prepared/report.csv"}

    def prepared(self, path: str, headers: Mapping[str, str]) -> Reply:
        """An address that is good by itself: whoever sends the token there gives it away."""
        if "authorization" in headers:
            return 400, b"a token was sent to another place"
        head = (
            "Report Refresh Date,User Principal Name,Is Deleted,Storage Used (Byte),Prohibit Send/Receive Quota (Byte)"
        )
        rows = [f"2026-11-20,{address},False,{used},{most}" for address, (used, most) in self.fullness.items()]
        return 200, ("\ufeff" + "\r\n".join([head, *rows]) + "\r\n").encode()

    def _reply(self, id_: str, body: dict[str, Any]) -> Reply:
        wanted = body.get("automaticRepliesSetting", {})
        if set(body) - {"automaticRepliesSetting", "timeZone", "language"} or set(wanted) - _REPLY:
            return _error(400, "RequestBodyRead", "The property does not exist on type 'automaticRepliesSetting'.")
        if wanted.get("status") not in ("disabled", "alwaysEnabled", "scheduled"):
            return _error(400, "RequestBodyRead", "Cannot convert the literal to the expected type.")
        if wanted["status"] == "scheduled":
            starts, ends = (wanted[f"scheduled{one}DateTime"]["dateTime"] for one in ("Start", "End"))
            if starts >= ends:
                return _error(400, "ErrorInvalidTimeSettings", "The start must precede the end.")
        kept = dict(self.replies[id_])
        for name, value in wanted.items():
            if name.endswith("Message"):
                value = (
                    f'<html>\r\n<head>\r\n<meta charset="utf-8"></head>\r\n<body>\r\n{value}\r\n</body>\r\n</html>'
                    if value
                    else ""
                )
                value = value.replace(html.escape("'"), "'")  # Exchange writes entities in its own way
            if name.endswith("DateTime"):
                value = {"dateTime": f"{value['dateTime'][:19]}.0000000", "timeZone": "UTC"}
            kept[name] = value
        self.replies[id_] = kept
        return 200, {"@odata.context": f"{self.url}/v1.0/$metadata#Me/mailboxSettings", "automaticRepliesSetting": kept}

    def _new_rule(self, id_: str, body: dict[str, Any]) -> Reply:
        if refused := _wrong(body, needed={"displayName", "sequence", "actions"}):
            return refused
        rule = {"id": uuid.uuid4().hex[:12], "isEnabled": True, "isReadOnly": False, "hasError": False, **body}
        self.rules[id_].append(rule)
        return 201, rule

    def _old_rule(self, method: str, id_: str, rule_id: str, body: Any) -> Reply:
        rule = next((one for one in self.rules[id_] if one["id"] == rule_id), None)
        if rule is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        if rule.get("isReadOnly"):
            return _error(403, "ErrorAccessDenied", "Rule is read-only.")
        if method == "DELETE":
            self.rules[id_].remove(rule)
            return 204, None
        if refused := _wrong(body, needed=set()):
            return refused
        rule |= body
        return 200, rule


def _wrong(body: dict[str, Any], needed: set[str]) -> Reply | None:
    if set(body) - _RULE or set(body.get("actions", {})) - _ACTIONS or needed - set(body):
        return _error(400, "RequestBodyRead", "The property does not exist on type 'microsoft.graph.messageRule'.")
    return None


def _error(status: int, code: str, message: str) -> Reply:
    return status, {"error": {"code": code, "message": message, "innerError": {"request-id": "5e1f-0002"}}}
