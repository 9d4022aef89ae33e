"""How Google says no (developers.google.com/admin-sdk/directory/v1/limits, .../gmail/api/guides/handle-errors)."""

from collections.abc import Iterable
from typing import Any

_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class Refusal(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message

    def body(self) -> dict[str, Any]:
        single = {"domain": "global", "reason": self.reason, "message": self.message}
        error = {"code": self.status, "message": self.message, "errors": [single]}
        return {"error": error | ({"status": _STATUS[self.status]} if self.status in _STATUS else {})}


def only(body: Any, *names: str, needs: Iterable[str] = ()) -> dict[str, Any]:
    """The body, if it is an object with none but these fields."""
    if not isinstance(body, dict):
        raise Refusal(400, "badRequest", "Invalid JSON payload received.")
    for name in body:
        if name not in names:
            raise Refusal(400, "invalid", f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    for name in needs:
        if not body.get(name):
            raise Refusal(400, "required", f"Missing required field: {name}")
    return body
