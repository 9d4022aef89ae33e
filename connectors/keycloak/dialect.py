"""How Keycloak says no, in the words of `connectors.errors` (its resource and message bundle, services/messages)."""

import re
from typing import Any

from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.oauth import Dialect
from connectors.wire import Answer

_BY_CODE = {  # `error` of an answer to a new password, without invalidPassword…Message
    "MinLength": Refusal.TOO_SHORT,
    "MaxLength": Refusal.TOO_LONG,
    "MinDigits": Refusal.NOT_COMPLEX,
    "MinUpperCaseChars": Refusal.NOT_COMPLEX,
    "MinLowerCaseChars": Refusal.NOT_COMPLEX,
    "MinSpecialChars": Refusal.NOT_COMPLEX,
    "NotUsername": Refusal.CONTAINS_NAME,
    "NotContainsUsername": Refusal.CONTAINS_NAME,
    "NotEmail": Refusal.CONTAINS_NAME,
    "History": Refusal.IN_HISTORY,
    "Blacklisted": Refusal.COMMON_WORD,
}
_CODE = re.compile(r"invalidPassword(\w*?)(?:Message)?")
_OLD_ONES = re.compile(r"Resetting to \d+ old passwords is not allowed")
_SHOWN = 120


class KeycloakDialect(Dialect):
    def error(self, answer: Answer, detail: str) -> ConnectorError:
        error = _error(answer)
        match answer.status:
            case 404 if error.startswith("Realm"):
                return Forbidden(detail, obstacle=Obstacle.UNSUPPORTED)
            case 404:
                return AccountNotFound(detail)
            case 403:
                return Forbidden(detail, obstacle=Obstacle.NO_RIGHT)
            case 400:
                return _refusal(error, detail)
        return Forbidden(detail, obstacle=Obstacle.UNWILLING)

    def words(self, answer: Answer) -> str:
        """Its code or sentence, which names no value."""
        return _error(answer)[:_SHOWN]


def _refusal(error: str, detail: str) -> ConnectorError:
    if code := _CODE.fullmatch(error):
        return Refused(_BY_CODE.get(code[1], Refusal.POLICY), detail)
    if _OLD_ONES.match(error):
        return Refused(Refusal.IN_HISTORY, detail)
    if "read only" in error:  # the account comes from a directory that Keycloak may not write to
        return Forbidden(detail, obstacle=Obstacle.OTHER_DIRECTORY)
    return Forbidden(detail, obstacle=Obstacle.UNWILLING)


def _error(answer: Answer) -> str:
    try:
        said = answer.json()
    except ValueError:
        return ""
    fields: dict[str, Any] = said if isinstance(said, dict) else {}
    return str(fields.get("error") or fields.get("errorMessage") or "")
