"""How Google says no, in the words of `connectors.errors` (https://developers.google.com/workspace/gmail/api/guides/handle-errors)."""

from typing import Any

from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.oauth import Dialect
from connectors.wire import Answer

_TOO_MUCH = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
_NO_MAILBOX = "Mail service not enabled"


class NotTaken(Forbidden):
    """Google takes no such value; the caller may know what that means."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, obstacle=Obstacle.UNWILLING)


class GoogleDialect(Dialect):
    def busy(self, answer: Answer) -> bool:
        """Too many requests are a 403 as often as a 429; 412: another write to the same user is still under way."""
        return answer.status in (412, 429, 503) or (answer.status == 403 and reason(answer) in _TOO_MUCH)

    def error(self, answer: Answer, detail: str) -> ConnectorError:
        match answer.status, reason(answer):
            case 404, _:
                return AccountNotFound(detail)
            case 409, _:
                return Refused(Refusal.ADDRESS_TAKEN, detail)
            case 400, _ if _message(answer).startswith("Invalid Password"):
                return Refused(Refusal.POLICY, detail)
            case 400, "failedPrecondition" if _message(answer).startswith(_NO_MAILBOX):
                return AccountNotFound(detail)
            case 400, "invalid" | "invalidArgument" | "invalidInput" | "badRequest":
                return NotTaken(detail)
            case 403, "domainPolicy":
                return Forbidden(detail, obstacle=Obstacle.UNWILLING)
            case 403, _:
                return Forbidden(detail, obstacle=Obstacle.NO_RIGHT)
        return Forbidden(detail, obstacle=Obstacle.UNWILLING)

    def words(self, answer: Answer) -> str:
        return reason(answer)


def reason(answer: Answer) -> str:
    """Google's own word for what is wrong, such as forbidden or userRateLimitExceeded."""
    error = _error(answer)
    first: dict[str, Any] = next(iter(error.get("errors", ())), {})
    return str(first.get("reason") or error.get("status", ""))


def _message(answer: Answer) -> str:
    return str(_error(answer).get("message", ""))


def _error(answer: Answer) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    error = said.get("error") if isinstance(said, dict) else None
    return error if isinstance(error, dict) else {}
