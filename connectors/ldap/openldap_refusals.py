"""OpenLDAP's reasons for refusing a password: from the policy control, and where that is silent from the text."""

from connectors.errors import ConnectorError, Refusal, Refused
from connectors.ldap.link import Reply
from connectors.ldap.ppolicy import REFUSALS
from connectors.ldap.results import NO_SUCH_ATTRIBUTE, UNWILLING_TO_PERFORM, VALUE_EXISTS, Busy, error_for

_OVERTAKEN = (NO_SUCH_ATTRIBUTE, VALUE_EXISTS)
"""Somebody else changed the password between slapd's reading the entry and its writing it. It may well be repeated."""

_SAME_AS_NOW = "Password is not being changed from existing value"
_BY_TEXT = (  # as slapd 2.5 and 2.6 word them, for an answer without the control
    (_SAME_AS_NOW, Refusal.SAME_AS_NOW),
    ("Password is in history of old passwords", Refusal.IN_HISTORY),
    ("Password is too young to change", Refusal.TOO_YOUNG),
    ("Password fails quality checking policy", Refusal.TOO_WEAK),
    ("User alteration of password is not allowed", Refusal.CHANGE_NOT_ALLOWED),
    ("Must supply", Refusal.WRONG_PASSWORD),
    ("Operations are restricted to bind", Refusal.MUST_CHANGE),
)


def refusal_for(reply: Reply) -> ConnectorError:
    """Return the error for a refused password or change; without a policy reason the result code decides."""
    detail = reply.detail
    if reply.message.startswith(_SAME_AS_NOW):  # the control calls this "in history"
        return Refused(Refusal.SAME_AS_NOW, detail)
    if reply.policy.error is not None:
        return Refused(REFUSALS[reply.policy.error], detail)
    if reply.code == UNWILLING_TO_PERFORM and "old password" in reply.message:
        return Refused(Refusal.WRONG_PASSWORD, detail)
    if reply.code in _OVERTAKEN:
        return Busy(detail)
    for text, refusal in _BY_TEXT:
        if reply.message.startswith(text):
            return Refused(refusal, detail)
    return error_for(reply)
