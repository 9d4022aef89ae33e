"""LDAP result codes (RFC 4511, appendix A) as what the caller can do about them; servers add their own words on top."""

from connectors.errors import (
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Outage,
    Refusal,
    Refused,
    Unavailable,
)
from connectors.ldap.link import Link, Reply

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
COMPARE_FALSE = 5
COMPARE_TRUE = 6
NO_SUCH_ATTRIBUTE = 16
CONSTRAINT_VIOLATION = 19
VALUE_EXISTS = 20
NO_SUCH_OBJECT = 32
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS = 50
UNWILLING_TO_PERFORM = 53

OBSTACLES = {
    2: Obstacle.UNSUPPORTED,  # protocolError: also the answer to an extended operation it does not know
    7: Obstacle.UNSUPPORTED,  # authMethodNotSupported
    8: Obstacle.NOT_SECURE,  # strongerAuthRequired
    10: Obstacle.READ_ONLY,  # referral: a replica names the server that takes changes
    12: Obstacle.UNSUPPORTED,  # unavailableCriticalExtension
    13: Obstacle.NOT_SECURE,  # confidentialityRequired
    17: Obstacle.SCHEMA,  # undefinedAttributeType
    21: Obstacle.SCHEMA,  # invalidAttributeSyntax
    48: Obstacle.UNSUPPORTED,  # inappropriateAuthentication
    INSUFFICIENT_ACCESS: Obstacle.NO_RIGHT,
    65: Obstacle.SCHEMA,  # objectClassViolation
    69: Obstacle.SCHEMA,  # objectClassModsProhibited
}
_BUSY = frozenset({3, 11, 51})  # timeLimitExceeded, adminLimitExceeded, busy
_DOWN = frozenset({1, 52, 80})  # operationsError, unavailable, other
PASSING = frozenset({51, 52})  # a server with too much to do, one about to stop, or one with a broken one behind it
_READ_ONLY_TEXTS = (
    "read-only",
    "read only",
    "shadow context",
    "operation restricted",
)  # as slapd and 389 DS word it beside 53


class Busy(Unavailable):
    """Nothing was done, and a moment later it may well be, here or (`elsewhere`) rather on another server."""

    def __init__(self, detail: str = "", *, outage: Outage = Outage.BUSY, elsewhere: bool = False) -> None:
        super().__init__(detail, outage=outage)
        self.elsewhere = elsewhere


def error_for(reply: Reply) -> ConnectorError:
    """Return the error that stands for an answer other than success, by its result code alone."""
    detail = reply.detail
    if reply.code == NO_SUCH_OBJECT:
        return AccountNotFound(detail)
    if reply.code == INVALID_CREDENTIALS:
        return Refused(Refusal.WRONG_PASSWORD, detail)
    if reply.code == CONSTRAINT_VIOLATION:
        return Refused(Refusal.POLICY, detail)
    if reply.code in PASSING:
        return Busy(detail, outage=_outage(reply), elsewhere=True)
    if reply.code in _BUSY or reply.code in _DOWN:
        return Unavailable(detail, outage=_outage(reply))
    return Forbidden(detail, obstacle=obstacle_of(reply))


def missing(service: Link, dn: str, reply: Reply) -> bool:
    """Whether a change was refused because there is no such entry: 389 DS calls that a lack of rights."""
    return reply.code == INSUFFICIENT_ACCESS and not service.read(dn, ("1.1",)).entries


def obstacle_of(reply: Reply) -> Obstacle:
    """Why the server would not, as far as code and text tell."""
    if reply.code == UNWILLING_TO_PERFORM and any(text in reply.message.lower() for text in _READ_ONLY_TEXTS):
        return Obstacle.READ_ONLY
    return OBSTACLES.get(reply.code, Obstacle.UNWILLING)


def _outage(reply: Reply) -> Outage:
    return Outage.BUSY if reply.code in _BUSY else Outage.DOWN
