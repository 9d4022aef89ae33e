"""LDAP result codes (RFC 4511, appendix A) as what the caller can do about them; servers add their own words on top."""

from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Refusal, Refused, Unavailable
from connectors.ldap.link import Reply

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
COMPARE_FALSE = 5
COMPARE_TRUE = 6
NO_SUCH_ATTRIBUTE = 16
CONSTRAINT_VIOLATION = 19
NO_SUCH_OBJECT = 32
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS = 50
UNWILLING_TO_PERFORM = 53

_TEMPORARY = frozenset({1, 2, 3, 11, 13, 51, 52, 80})  # busy, unavailable, limits, protocol: nothing was done


def error_for(reply: Reply) -> ConnectorError:
    """Return the error that stands for an answer other than success, by its result code alone."""
    detail = f"result {reply.code} {reply.message}".rstrip()
    if reply.code == NO_SUCH_OBJECT:
        return AccountNotFound(detail)
    if reply.code == INVALID_CREDENTIALS:
        return Refused(Refusal.WRONG_PASSWORD, detail)
    if reply.code == CONSTRAINT_VIOLATION:
        return Refused(Refusal.POLICY, detail)
    if reply.code in _TEMPORARY:
        return Unavailable(detail)
    return Forbidden(detail)  # rights, schema, referral: whatever it is, the person cannot mend it
