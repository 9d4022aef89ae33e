"""FreeIPA's error codes (ipalib/errors.py) and refusals of a password, as what the caller can do about them."""

from collections.abc import Mapping
from typing import Any

from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Refusal, Refused, Unavailable, Unconfirmed

ACCESS_DENIED = 2100
VALIDATION = 3009
NOT_FOUND = 4001
DATABASE = 4203
IS_SO_ALREADY = (4009, 4010, 4202)  # already active, already inactive, no modifications to be performed
_NOT_CARRIED_OUT = (*range(1000, 1300), 4201, 4204, 4211, 4212)  # our session, a collision, limits of time or size
_UNTOLD = range(900, 1000)  # "an internal error has occurred": it may have come before or after the change

_BY_TEXT = (  # as util/ipa_pwd.c words them
    ("too short", Refusal.TOO_SHORT),
    ("reuse not permitted", Refusal.IN_HISTORY),
    ("too soon", Refusal.TOO_YOUNG),
    ("too simple", Refusal.TOO_WEAK),
    ("consecutive characters", Refusal.TOO_WEAK),
    ("monotonic sequence", Refusal.TOO_WEAK),
    ("dictionary word", Refusal.TOO_WEAK),
    ("palindrone", Refusal.TOO_WEAK),
    ("palindrome", Refusal.TOO_WEAK),
    ("contains username", Refusal.CONTAINS_NAME),
    ("account expired", Refusal.ENDED),
)


def password_refusal(text: str) -> Refused | None:
    """The reason a password was refused for, if these words are of that."""
    words = text.lower()
    for part, refusal in _BY_TEXT:
        if part in words:
            return Refused(refusal, text)
    if "constraint violation" in words or "policy requirements" in words:
        return Refused(Refusal.POLICY, text)
    return None


def error_for(error: Mapping[str, Any], *, write: bool, password: bool = False) -> ConnectorError:
    """Return the error that stands for a command's failure; `password`: the command was to set one."""
    code = int(error.get("code") or 0)
    detail = f"{code} {error.get('name', '')}: {error.get('message', '')}"
    if password and code in (VALIDATION, DATABASE) and (refused := password_refusal(str(error.get("message", "")))):
        return refused
    if code == NOT_FOUND:
        return AccountNotFound(detail)
    if code in _NOT_CARRIED_OUT or not write:
        return Forbidden(detail) if code == ACCESS_DENIED or 3000 <= code < 4000 else Unavailable(detail)
    if code in _UNTOLD or (code == DATABASE and "contact" in detail):
        return Unconfirmed(detail)
    return Forbidden(detail)  # rights, unknown options, schema: whatever it is, the person cannot mend it
