"""How a SCIM server says no (RFC 7644, 3.12), in the words of `connectors.errors`."""

from typing import Any

from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.oauth import Dialect
from connectors.wire import Answer

_UNKNOWN = frozenset({"invalidFilter", "invalidPath", "noTarget", "invalidSyntax"})


class ScimDialect(Dialect):
    def error(self, answer: Answer, detail: str) -> ConnectorError:
        kind = str(_fields(answer).get("scimType", ""))
        match answer.status:
            case 404:
                return AccountNotFound(detail)
            case 403:
                return Forbidden(detail, obstacle=Obstacle.NO_RIGHT)
            case 501:
                return Forbidden(detail, obstacle=Obstacle.UNSUPPORTED)
            case 400 if kind == "invalidValue":
                return Refused(Refusal.POLICY, detail)
            case 400 if kind == "mutability":
                return Forbidden(detail, obstacle=Obstacle.READ_ONLY)
            case 400 if kind in _UNKNOWN:
                return Forbidden(detail, obstacle=Obstacle.UNSUPPORTED)
        return Forbidden(detail, obstacle=Obstacle.UNWILLING)

    def words(self, answer: Answer) -> str:
        """Its code; the sentence beside it may name what was typed."""
        return str(_fields(answer).get("scimType", ""))


def _fields(answer: Answer) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
