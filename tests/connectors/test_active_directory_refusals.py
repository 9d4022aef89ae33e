"""Every code of Active Directory, in the words of Windows and of Samba, ends in the right verdict or error."""

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused, Unavailable
from connectors.ldap.active_directory_refusals import refusal_for, verdict_of
from connectors.ldap.link import Reply

WINDOWS = "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {}, v4563\0"


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        ("525", Verdict.WRONG),
        ("52e", Verdict.WRONG),
        ("52E", Verdict.WRONG),
        ("52f", Verdict.RESTRICTED),
        ("530", Verdict.OUTSIDE_HOURS),
        ("531", Verdict.NOT_FROM_HERE),
        ("532", Verdict.EXPIRED),
        ("533", Verdict.DISABLED),
        ("534", Verdict.RESTRICTED),
        ("568", Verdict.TOO_MANY_GROUPS),
        ("701", Verdict.ENDED),
        ("773", Verdict.MUST_CHANGE),
        ("775", Verdict.LOCKED),
        ("7ff", None),
    ],
)
def test_a_refused_sign_in_says_why(data: str, verdict: Verdict | None) -> None:
    assert verdict_of(Reply(code=49, message=WINDOWS.format(data))) is verdict


def test_a_refused_sign_in_without_a_reason_says_nothing() -> None:
    assert verdict_of(Reply(code=49, message="")) is None


SAMBA = "0000052D: Constraint violation - check_password_restrictions: {}!"


@pytest.mark.parametrize(
    ("code", "message", "refusal"),
    [
        (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n", Refusal.POLICY),
        (19, "0000052D: AtrErr: DSID-03191083, #1:\n\t0: 0000052D: problem 1005 (CONSTRAINT_ATT_TYPE)", Refusal.POLICY),
        (19, SAMBA.format("the password is too short. It should be equal or longer than 10 characters"),
         Refusal.TOO_SHORT),
        (19, SAMBA.format("the password does not meet the complexity criteria"), Refusal.NOT_COMPLEX),
        (19, SAMBA.format("the password was already used (in history)"), Refusal.IN_HISTORY),
        (19, SAMBA.format("the password was already used (previous password)"), Refusal.SAME_AS_NOW),
        (19, SAMBA.format("password is too young to change"), Refusal.TOO_YOUNG),
        (19, "00000056: AtrErr: DSID-03191083, #1:\n\t0: 00000056: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, "
             "Att 9005a (unicodePwd)", Refusal.WRONG_PASSWORD),
        (19, "00000056: setup_password_fields: The old password specified doesn't match!", Refusal.WRONG_PASSWORD),
        (19, "00000775: Password change not permitted, account locked out!", Refusal.LOCKED),
        (53, "00000533: SvcErr: DSID-0, problem 5003 (WILL_NOT_PERFORM), data 0", Refusal.DISABLED),
        (19, "a server of another kind", Refusal.POLICY),
    ],
)  # fmt: skip
def test_a_refusal_the_person_can_do_something_about(code: int, message: str, refusal: Refusal) -> None:
    found = refusal_for(Reply(code=code, message=message))
    assert isinstance(found, Refused)
    assert found.refusal is refusal
    assert message.strip() in found.detail


@pytest.mark.parametrize(
    ("code", "message", "obstacle"),
    [
        (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n", Obstacle.NOT_SECURE),
        (8, "00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity checking",
         Obstacle.NOT_SECURE),
        (50, "00000005: SecErr: DSID-031A11ED, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n", Obstacle.NO_RIGHT),
        (50, "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n", Obstacle.NO_RIGHT),
        (50, "error in module acl: insufficient access rights during LDB_MODIFY (50)", Obstacle.NO_RIGHT),
        (10, "0000202B: RefErr: DSID-0310082F, data 0, 1 access points", Obstacle.READ_ONLY),
        (53, "00002077: SvcErr: DSID-031903A3, problem 5003 (WILL_NOT_PERFORM), data 0", Obstacle.PROTECTED),
        (53, "00002035: setup_io: it's not allowed to set the NT hash password directly'", Obstacle.UNWILLING),
    ],
)  # fmt: skip
def test_what_only_people_can_settle(code: int, message: str, obstacle: Obstacle) -> None:
    found = refusal_for(Reply(code=code, message=message))
    assert isinstance(found, Forbidden)
    assert found.obstacle is obstacle


@pytest.mark.parametrize(
    ("code", "kind"), [(32, AccountNotFound), (51, Unavailable), (52, Unavailable), (80, Unavailable)]
)
def test_where_there_is_no_code_the_result_decides(code: int, kind: type[ConnectorError]) -> None:
    assert isinstance(refusal_for(Reply(code=code, message="00000057: whatever it was")), kind)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (50, "00000005: SecErr: DSID-031A11ED, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n"),
        (19, "error in module acl: Constraint violation during LDB_MODIFY (19)"),
    ],
)
def test_a_right_missing_for_an_own_change_is_the_account_s_own_limit(code: int, message: str) -> None:
    found = refusal_for(Reply(code=code, message=message), own=True)
    assert isinstance(found, Refused)
    assert found.refusal is Refusal.CHANGE_NOT_ALLOWED
