"""The password policy control (draft-behera-ldap-password-policy-10): why a server refused, or what it warns of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from connectors.errors import Refusal

OID = "1.3.6.1.4.1.42.2.27.8.5.1"


class PolicyError(IntEnum):
    """The draft's error numbers; 9 is OpenLDAP's own."""

    PASSWORD_EXPIRED = 0
    ACCOUNT_LOCKED = 1
    CHANGE_AFTER_RESET = 2
    CHANGE_NOT_ALLOWED = 3
    MUST_SUPPLY_OLD = 4
    INSUFFICIENT_QUALITY = 5
    TOO_SHORT = 6
    TOO_YOUNG = 7
    IN_HISTORY = 8
    TOO_LONG = 9


REFUSALS = {
    PolicyError.PASSWORD_EXPIRED: Refusal.EXPIRED,
    PolicyError.ACCOUNT_LOCKED: Refusal.LOCKED,
    PolicyError.CHANGE_AFTER_RESET: Refusal.MUST_CHANGE,
    PolicyError.CHANGE_NOT_ALLOWED: Refusal.CHANGE_NOT_ALLOWED,
    PolicyError.MUST_SUPPLY_OLD: Refusal.WRONG_PASSWORD,
    PolicyError.INSUFFICIENT_QUALITY: Refusal.TOO_WEAK,
    PolicyError.TOO_SHORT: Refusal.TOO_SHORT,
    PolicyError.TOO_YOUNG: Refusal.TOO_YOUNG,
    PolicyError.IN_HISTORY: Refusal.IN_HISTORY,
    PolicyError.TOO_LONG: Refusal.TOO_LONG,
}
"""What each number means when a new password was refused."""


@dataclass(frozen=True, kw_only=True)
class PolicyAnswer:
    """What one control said; all None when it was empty or could not be understood."""

    error: PolicyError | None = None
    grace_left: int | None = None
    expires_in: timedelta | None = None


NOTHING_SAID = PolicyAnswer()


def decode(value: bytes | None) -> PolicyAnswer:
    """Decode the control's value, with short or long-form BER lengths; a garbled or unknown part is passed over."""
    error: PolicyError | None = None
    grace_left: int | None = None
    expires_in: timedelta | None = None
    for _, content in _elements(value or b""):
        for tag, part in _elements(content):
            if tag == 0x81 and part:
                error = _known(int.from_bytes(part, "big"))
            elif tag == 0xA0:
                for kind, number in _elements(part):
                    if kind == 0x81:
                        grace_left = int.from_bytes(number, "big")
                    elif kind == 0x80 and len(number) <= 4:
                        expires_in = timedelta(seconds=int.from_bytes(number, "big"))
    return PolicyAnswer(error=error, grace_left=grace_left, expires_in=expires_in)


def _known(number: int) -> PolicyError | None:
    try:
        return PolicyError(number)
    except ValueError:
        return None


def _elements(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each BER element; stops at the first that is cut short."""
    at = 0
    while at + 2 <= len(octets):
        tag, length, at = octets[at], octets[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(octets[at : at + size], "big")
            at += size
        if at + length > len(octets):
            return
        yield tag, octets[at : at + length]
        at += length
