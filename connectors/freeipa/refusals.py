"""FreeIPA's error codes (ipalib/errors.py) and refusals of a password, as what the caller can do about them."""

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
    Unconfirmed,
)

ACCESS_DENIED = 2100
VALIDATION = 3009
NOT_FOUND = 4001
DATABASE = 4203
IS_SO_ALREADY = (4009, 4010, 4202)  # already active, already inactive, no modifications to be performed
_OUR_SESSION = range(1000, 1300)  # 1201 wrong password, 1202 it expired, 1203 the account did, 1204 locked: ours
_NOT_CARRIED_OUT = (*_OUR_SESSION, 4201, 4204, 4211, 4212)  # and a collision, limits of time or size
_OBSTACLES = {
    905: Obstacle.UNSUPPORTED,  # no such command
    ACCESS_DENIED: Obstacle.NO_RIGHT,
    3005: Obstacle.UNSUPPORTED,  # no such option
    VALIDATION: Obstacle.UNWILLING,
    4205: Obstacle.SCHEMA,
}
_UNTOLD = range(900, 1000)  # "an internal error has occurred": it may have come before or after the change

_BY_TEXT = (  # as util/ipa_pwd.c words them
    ("too short", Refusal.TOO_SHORT),
    ("reuse not permitted", Refusal.IN_HISTORY),
    ("too soon", Refusal.TOO_YOUNG),
    ("too simple", Refusal.NOT_COMPLEX),
    ("consecutive characters", Refusal.REPEATS),
    ("monotonic sequence", Refusal.REPEATS),
    ("dictionary word", Refusal.COMMON_WORD),
    ("palindrone", Refusal.TOO_WEAK),  # as it is spelt there
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
    if code in _NOT_CARRIED_OUT:
        return Unavailable(detail, outage=Outage.PORTAL_REFUSED if code in _OUR_SESSION else Outage.BUSY)
    if code in _OBSTACLES:
        return Forbidden(detail, obstacle=_OBSTACLES[code])
    if not write:
        return Unavailable(detail)
    if code in _UNTOLD or (code == DATABASE and "contact" in detail):
        return Unconfirmed(detail)
    return Forbidden(detail, obstacle=Obstacle.UNWILLING)  # whatever it is, the person cannot mend it
