"""How Microsoft Graph says no (learn.microsoft.com/graph/errors), and how its requests are found again."""

import uuid
from collections.abc import Mapping
from typing import Any

from connectors.errors import (
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Outage,
    Refusal,
    Refused,
    Unavailable,
)
from connectors.oauth import Dialect
from connectors.wire import Answer

_NO_MAILBOX = frozenset({"MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI", "ErrorInvalidUser"})
_BY_WORDS = (  # Entra has one code for every password it does not take; only its words tell which rule it was
    ("complexity", Refusal.NOT_COMPLEX),
    ("banned", Refusal.COMMON_WORD),
    ("common", Refusal.COMMON_WORD),
    ("previous", Refusal.IN_HISTORY),
    ("recently", Refusal.IN_HISTORY),
    ("password", Refusal.POLICY),
)


class GraphDialect(Dialect):
    """Graph has no code of its own for what a person could do otherwise but a new password."""

    def error(self, answer: Answer, detail: str) -> ConnectorError:
        code, message = _said(answer)
        match answer.status:
            case 404 if code in _NO_MAILBOX:
                return AccountNotFound(f"no mailbox in Exchange Online: {detail}")
            case 404:
                return AccountNotFound(detail)
            case 403:
                return Forbidden(detail)
            case 409:  # somebody else changes the same at this moment
                return Unavailable(detail, outage=Outage.BUSY)
            case 400 if "password" in message.lower() and code == "Request_BadRequest":
                lowered = message.lower()
                return Refused(next(refusal for word, refusal in _BY_WORDS if word in lowered), detail)
        return Forbidden(detail, obstacle=Obstacle.UNWILLING)

    def words(self, answer: Answer) -> str:
        """Without the message where a request was not understood: it may repeat a value that was sent."""
        code, message = _said(answer)
        return code if answer.status == 400 else f"{code}: {message}" if message else code

    def marks(self) -> Mapping[str, str]:
        return {"client-request-id": str(uuid.uuid4())}

    def request_id(self, answer: Answer) -> str:
        return answer.headers.get("request-id", "")


def _said(answer: Answer) -> tuple[str, str]:
    try:
        error: Any = answer.json()["error"]
        return str(error["code"])[:80], " ".join(str(error["message"]).split())[:200]
    except (ValueError, KeyError, TypeError):
        return "", ""
