"""Every reason slapd gives for a refusal, with the policy control and without, ends in the right error."""

import pytest

from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Refusal, Refused, Unavailable
from connectors.ldap.link import Reply
from connectors.ldap.openldap_refusals import refusal_for
from connectors.ldap.ppolicy import PolicyAnswer, PolicyError
from connectors.ldap.results import Busy


@pytest.mark.parametrize(
    ("code", "message", "error", "refusal"),
    [
        (19, "Password fails quality checking policy", PolicyError.TOO_SHORT, Refusal.TOO_SHORT),
        (19, "Password fails quality checking policy", PolicyError.TOO_LONG, Refusal.TOO_LONG),
        (19, "Password fails quality checking policy", PolicyError.INSUFFICIENT_QUALITY, Refusal.TOO_WEAK),
        (19, "Password fails quality checking policy", None, Refusal.TOO_WEAK),
        (19, "Password is in history of old passwords", PolicyError.IN_HISTORY, Refusal.IN_HISTORY),
        (19, "Password is in history of old passwords", None, Refusal.IN_HISTORY),
        (19, "Password is not being changed from existing value", PolicyError.IN_HISTORY, Refusal.SAME_AS_NOW),
        (19, "Password is too young to change", PolicyError.TOO_YOUNG, Refusal.TOO_YOUNG),
        (19, "Password is too young to change", None, Refusal.TOO_YOUNG),
        (50, "User alteration of password is not allowed", PolicyError.CHANGE_NOT_ALLOWED, Refusal.CHANGE_NOT_ALLOWED),
        (50, "Must supply old password to be changed as well as new one", None, Refusal.WRONG_PASSWORD),
        (53, "unwilling to verify old password", None, Refusal.WRONG_PASSWORD),
        (53, "Must supply correct old password to change to new one", None, Refusal.WRONG_PASSWORD),
        (49, "", None, Refusal.WRONG_PASSWORD),
        (19, "a module of the site's own said so", None, Refusal.POLICY),
    ],
)
def test_a_reason_the_person_can_mend(code: int, message: str, error: PolicyError | None, refusal: Refusal) -> None:
    found = refusal_for(Reply(code=code, message=message, policy=PolicyAnswer(error=error)))
    assert isinstance(found, Refused)
    assert found.refusal is refusal
    assert str(code) in found.detail


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (50, "", Forbidden),
        (53, "shadow context; no update referral", Forbidden),
        (10, "", Forbidden),
        (65, "object class violation", Forbidden),
        (51, "", Busy),
        (52, "", Busy),
        (16, "modify/delete: userPassword: no such value", Busy),
        (80, "internal error", Unavailable),
        (32, "", AccountNotFound),
    ],
)
def test_a_reason_the_person_cannot_mend(code: int, message: str, kind: type[ConnectorError]) -> None:
    assert isinstance(refusal_for(Reply(code=code, message=message)), kind)


@pytest.mark.parametrize("error", PolicyError)
def test_every_error_of_the_control_has_a_meaning(error: PolicyError) -> None:
    assert isinstance(refusal_for(Reply(code=19, policy=PolicyAnswer(error=error))), Refused)
