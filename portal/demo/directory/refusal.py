"""How this directory says no: an LDAP result code, a text, and what the password policy adds."""

from enum import IntEnum


class PolicyError(IntEnum):
    """Why the password policy objects; numbers of draft-behera-ldap-password-policy-10, section 6.2."""

    PASSWORD_EXPIRED = 0
    ACCOUNT_LOCKED = 1
    CHANGE_AFTER_RESET = 2
    MODIFICATION_NOT_ALLOWED = 3
    MUST_SUPPLY_OLD = 4
    INSUFFICIENT_QUALITY = 5
    TOO_SHORT = 6
    TOO_YOUNG = 7
    IN_HISTORY = 8


class Refusal(Exception):
    """The operation is not carried out. Codes are those of RFC 4511, section 4.1.9; `matched` is a DN."""

    def __init__(self, code: int, text: str = "", *, policy: PolicyError | None = None, matched: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.policy = policy
        self.matched = matched


class Code(IntEnum):
    """The result codes this directory gives."""

    SUCCESS = 0
    OPERATIONS_ERROR = 1
    PROTOCOL_ERROR = 2
    SIZE_LIMIT_EXCEEDED = 4
    COMPARE_FALSE = 5
    COMPARE_TRUE = 6
    AUTH_METHOD_NOT_SUPPORTED = 7
    STRONGER_AUTH_REQUIRED = 8
    UNAVAILABLE_CRITICAL_EXTENSION = 12
    CONFIDENTIALITY_REQUIRED = 13
    NO_SUCH_ATTRIBUTE = 16
    UNDEFINED_ATTRIBUTE_TYPE = 17
    CONSTRAINT_VIOLATION = 19
    ATTRIBUTE_OR_VALUE_EXISTS = 20
    INVALID_ATTRIBUTE_SYNTAX = 21
    NO_SUCH_OBJECT = 32
    INVALID_DN_SYNTAX = 34
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS_RIGHTS = 50
    UNWILLING_TO_PERFORM = 53
    OTHER = 80
    ASSERTION_FAILED = 122
