"""Active Directory's reasons: the "data" of a refused sign-in, and the eight digits before a refused change.

Both are Windows error codes (MS-ERREF, 2.2). Windows gives one for many causes and no words that could be relied on;
Samba writes a sentence behind it. Results 19 and 53 mean the same, so the code decides wherever there is one.
"""

import re

from connectors.account import PasswordVerdict
from connectors.errors import ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap.link import Reply
from connectors.ldap.results import CONSTRAINT_VIOLATION, INSUFFICIENT_ACCESS, UNWILLING_TO_PERFORM, error_for

VERDICTS = {
    "525": PasswordVerdict.WRONG,  # no such user
    "52e": PasswordVerdict.WRONG,
    "52f": PasswordVerdict.RESTRICTED,
    "530": PasswordVerdict.OUTSIDE_HOURS,
    "531": PasswordVerdict.NOT_FROM_HERE,
    "532": PasswordVerdict.EXPIRED,
    "533": PasswordVerdict.DISABLED,
    "534": PasswordVerdict.RESTRICTED,  # this kind of sign-in is not granted
    "568": PasswordVerdict.TOO_MANY_GROUPS,
    "701": PasswordVerdict.ENDED,
    "773": PasswordVerdict.MUST_CHANGE,
    "775": PasswordVerdict.LOCKED,
}
REFUSALS = {
    "00000056": Refusal.WRONG_PASSWORD,
    "0000052D": Refusal.POLICY,
    "0000052F": Refusal.RESTRICTED,
    "00000532": Refusal.EXPIRED,
    "00000533": Refusal.DISABLED,
    "00000701": Refusal.ENDED,
    "00000773": Refusal.MUST_CHANGE,
    "00000775": Refusal.LOCKED,
}
OBSTACLES = {
    "00000005": Obstacle.NO_RIGHT,
    "00002098": Obstacle.NO_RIGHT,
    "0000001F": Obstacle.NOT_SECURE,  # what Windows says of unicodePwd on a connection that is not encrypted
    "00002028": Obstacle.NOT_SECURE,
    "0000202B": Obstacle.READ_ONLY,  # a referral: a read-only domain controller
    "00002077": Obstacle.PROTECTED,  # this object is the system's own
}
SENTENCES = (  # of Samba 4
    ("password is too short", Refusal.TOO_SHORT),
    ("complexity criteria", Refusal.NOT_COMPLEX),
    ("already used (previous password)", Refusal.SAME_AS_NOW),
    ("already used (in history)", Refusal.IN_HISTORY),
    ("too young to change", Refusal.TOO_YOUNG),
)
_SAMBA_DENIES = "error in module acl"  # with result 50, or with 19 for a change of one's own password
_DATA = re.compile(r"\bdata ([0-9a-f]+)", re.IGNORECASE)
_CODE = re.compile(r"\s*([0-9A-Fa-f]{8}):")
_WITH_CODES = (CONSTRAINT_VIOLATION, INSUFFICIENT_ACCESS, UNWILLING_TO_PERFORM)


def verdict_of(reply: Reply) -> PasswordVerdict | None:
    """What a refused sign-in was about; None if the server says nothing that we know."""
    found = _DATA.search(reply.message)
    return VERDICTS.get(found.group(1).lower()) if found else None


def refusal_for(reply: Reply, *, own: bool = False) -> ConnectorError:
    """Return the error for a refused change. `own`: with the old password, which everybody may do unless forbidden."""
    detail = reply.detail
    if reply.code in _WITH_CODES:
        found = _CODE.match(reply.message)
        code = found.group(1).upper() if found else ""
        if code in REFUSALS:
            return Refused(_by_sentence(reply.message) or REFUSALS[code], detail)
        denied = reply.code == INSUFFICIENT_ACCESS or _SAMBA_DENIES in reply.message
        obstacle = OBSTACLES.get(code) or (Obstacle.NO_RIGHT if denied else None)
        if own and obstacle is Obstacle.NO_RIGHT:
            return Refused(Refusal.CHANGE_NOT_ALLOWED, detail)
        if obstacle:
            return Forbidden(detail, obstacle=obstacle)
    return error_for(reply)


def _by_sentence(message: str) -> Refusal | None:
    return next((refusal for sentence, refusal in SENTENCES if sentence in message), None)
