"""389 DS's reasons for refusing a password or a sign-in: from its texts and the policy control.

The control says no more than "insufficient quality" of all rules about characters; the texts, as version 2.3 words
them (ldap/servers/slapd/pw.c), say which.
"""

from connectors.account import PasswordVerdict
from connectors.errors import ConnectorError, Forbidden, Obstacle, Refusal, Refused
from connectors.ldap.link import Reply
from connectors.ldap.ppolicy import REFUSALS, PolicyError
from connectors.ldap.results import (
    CONSTRAINT_VIOLATION,
    INSUFFICIENT_ACCESS,
    NO_SUCH_ATTRIBUTE,
    UNWILLING_TO_PERFORM,
    error_for,
)

_BY_TEXT = (
    ("characters long", Refusal.TOO_SHORT),
    ("password must contain at least", Refusal.NOT_COMPLEX),
    ("based off of user entry", Refusal.CONTAINS_NAME),
    ("cannot be repeated", Refusal.REPEATS),
    ("too many repeated characters", Refusal.REPEATS),
    ("repeated identical sequences", Refusal.REPEATS),
    ("monotonic sequence", Refusal.REPEATS),
    ("failed dictionary check", Refusal.COMMON_WORD),
    ("restricted word", Refusal.COMMON_WORD),
    ("palindrome", Refusal.TOO_WEAK),
    ("storage scheme are not allowed", Refusal.UNUSABLE_CHARACTERS),  # it begins like a hash: {SSHA}
    ("password in history", Refusal.IN_HISTORY),
    ("within password minimum age", Refusal.TOO_YOUNG),
    ("not allowed to change password", Refusal.CHANGE_NOT_ALLOWED),
)
_AT_SIGN_IN = (
    ("inactivity", PasswordVerdict.INACTIVE),
    ("TPR checking", PasswordVerdict.WRONG),  # a temporary password, used or kept too long: another one is needed
)


def refusal_for(reply: Reply) -> ConnectorError:
    """Return the error for a refused password or change; without a policy reason the result code decides."""
    detail = reply.detail
    if reply.code == INSUFFICIENT_ACCESS:  # the control calls a right that is missing "change not allowed"
        return Forbidden(detail, obstacle=Obstacle.NO_RIGHT)
    if reply.code == NO_SUCH_ATTRIBUTE:  # the old password, taken away to put the new one in its place
        return Refused(Refusal.WRONG_PASSWORD, detail)
    if reply.message.startswith("password in history") and reply.policy.error is None:
        return Refused(Refusal.SAME_AS_NOW, detail)  # the control comes with older ones only
    if reply.code in (CONSTRAINT_VIOLATION, UNWILLING_TO_PERFORM):
        for text, refusal in _BY_TEXT:
            if text in reply.message:
                return Refused(refusal, detail)
        if reply.policy.error is not None:
            return Refused(REFUSALS[reply.policy.error], detail)
    return error_for(reply)


def kept_out(reply: Reply) -> PasswordVerdict | None:
    """Why the server let nobody in, whatever the password; None if that is not what it says."""
    if reply.code == CONSTRAINT_VIOLATION:
        return next((verdict for text, verdict in _AT_SIGN_IN if text in reply.message), PasswordVerdict.LOCKED)
    if reply.code == UNWILLING_TO_PERFORM and reply.policy.error is PolicyError.ACCOUNT_LOCKED:
        return PasswordVerdict.DISABLED
    return None
