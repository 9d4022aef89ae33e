"""Every reason 389 DS gives for a refusal ends in the right error, rare ones too."""

import pytest

from connectors.account import PasswordVerdict
from connectors.errors import ConnectorError, Forbidden, Refusal, Refused, Unavailable
from connectors.ldap.ds389_refusals import kept_out, refusal_for
from connectors.ldap.link import Reply
from connectors.ldap.ppolicy import PolicyAnswer, PolicyError

QUALITY = PolicyError.INSUFFICIENT_QUALITY
SYNTAX = "invalid password syntax - "


def reply(code: int, message: str, error: PolicyError | None = None) -> Reply:
    return Reply(code=code, message=message, policy=PolicyAnswer(error=error))


@pytest.mark.parametrize(
    ("code", "message", "error", "refusal"),
    [
        (19, f"{SYNTAX}password must be at least 10 characters long", QUALITY, Refusal.TOO_SHORT),
        (19, f"{SYNTAX}password must contain at least 1 8-bit characters", QUALITY, Refusal.NOT_COMPLEX),
        (19, f"{SYNTAX}password must contain at least 3 character categories", QUALITY, Refusal.NOT_COMPLEX),
        (19, f"{SYNTAX}password based off of user entry", QUALITY, Refusal.CONTAINS_NAME),
        (19, f"{SYNTAX}a character cannot be repeated more than 2 times", QUALITY, Refusal.REPEATS),
        (19, f"{SYNTAX}passwords with storage scheme are not allowed", QUALITY, Refusal.UNUSABLE_CHARACTERS),
        (19, "Password contains a monotonic sequence", QUALITY, Refusal.REPEATS),
        (19, "Password contains repeated identical sequences", QUALITY, Refusal.REPEATS),
        (
            19,
            "Password contains too many repeated characters from the same character class",
            QUALITY,
            Refusal.REPEATS,
        ),
        (19, "Password is a palindrome", QUALITY, Refusal.TOO_WEAK),
        (19, "Password contains a restricted word", QUALITY, Refusal.COMMON_WORD),
        (19, "Password failed dictionary check: it is based on a dictionary word", QUALITY, Refusal.COMMON_WORD),
        (19, "password in history", PolicyError.IN_HISTORY, Refusal.IN_HISTORY),
        (19, "password in history", None, Refusal.SAME_AS_NOW),
        (19, "within password minimum age", PolicyError.TOO_YOUNG, Refusal.TOO_YOUNG),
        (19, "Failed to update password\n", QUALITY, Refusal.TOO_WEAK),
        (19, "Failed to update password\n", None, Refusal.POLICY),
        (53, "user is not allowed to change password", PolicyError.CHANGE_NOT_ALLOWED, Refusal.CHANGE_NOT_ALLOWED),
        (53, "", PolicyError.CHANGE_AFTER_RESET, Refusal.MUST_CHANGE),
        (49, "Invalid oldPasswd value.\n", None, Refusal.WRONG_PASSWORD),
        (16, "", None, Refusal.WRONG_PASSWORD),
    ],
)
def test_a_reason_the_person_can_mend(code: int, message: str, error: PolicyError | None, refusal: Refusal) -> None:
    found = refusal_for(reply(code, message, error))
    assert isinstance(found, Refused)
    assert found.refusal is refusal
    assert str(code) in found.detail


@pytest.mark.parametrize(
    ("code", "message", "error", "kind"),
    [
        (50, "Insufficient 'write' privilege to the", PolicyError.CHANGE_NOT_ALLOWED, Forbidden),
        (53, "Server is read-only", None, Forbidden),
        (65, "attribute \"shadowExpire\" not allowed\n", None, Forbidden),
        (51, "", None, Unavailable),
        (52, "", None, Unavailable),
    ],
)  # fmt: skip
def test_a_reason_the_person_cannot_mend(
    code: int, message: str, error: PolicyError | None, kind: type[ConnectorError]
) -> None:
    assert isinstance(refusal_for(reply(code, message, error)), kind)


@pytest.mark.parametrize("error", PolicyError)
def test_every_error_of_the_control_has_a_meaning(error: PolicyError) -> None:
    assert isinstance(refusal_for(reply(19, "", error)), Refused)


@pytest.mark.parametrize(
    ("code", "message", "error", "verdict"),
    [
        (19, "Exceed password retry limit. Please try later.", PolicyError.ACCOUNT_LOCKED, PasswordVerdict.LOCKED),
        (
            19,
            "Account inactivity limit exceeded. Contact system administrator to reset.",
            None,
            PasswordVerdict.INACTIVE,
        ),
        (
            53,
            "Account inactivated. Contact system administrator.",
            PolicyError.ACCOUNT_LOCKED,
            PasswordVerdict.DISABLED,
        ),
        (19, "TPR checking. Contact system administrator", None, PasswordVerdict.WRONG),
        (53, "Unauthenticated binds are not allowed", None, None),
        (49, "", None, None),
        (0, "", None, None),
    ],
)
def test_who_is_kept_out_whatever_the_password(
    code: int, message: str, error: PolicyError | None, verdict: PasswordVerdict | None
) -> None:
    assert kept_out(reply(code, message, error)) is verdict
