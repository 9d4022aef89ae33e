"""Every reason has plain words, somebody who must act and a way on."""

import ast
from pathlib import Path
from typing import Any

import pytest

from connectors.account import PasswordVerdict
from connectors.errors import (
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Outage,
    Refusal,
    Refused,
    Unavailable,
    Unconfirmed,
)
from connectors.freeipa import refusals as freeipa
from connectors.ldap import active_directory_refusals, ds389_refusals, openldap_refusals, results
from connectors.ldap.directory import _REFUSED_SIGN_IN
from connectors.ldap.link import Reply
from connectors.ldap.ppolicy import PolicyAnswer, PolicyError
from portal.explaining.explain import CATALOGUE, WHO, Explanation, Next, Who
from portal.explaining.reasons import reason_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_a_directory_is_explained(refusal: Refusal) -> None:
    assert CATALOGUE[refusal].title


def test_every_reason_the_code_gives_is_explained() -> None:
    codes = set()
    for file in ("portal/policy.py", "portal/explaining/reasons.py", "portal/extending/extension.py"):
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Deny":
                codes |= {c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)}
            if isinstance(node, ast.keyword) and node.arg == "reason":
                codes |= {c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant)}
            if isinstance(node, ast.Return) and file.endswith("reasons.py") and isinstance(node.value, ast.Constant):
                codes.add(node.value.value)
    assert len(codes) >= 8
    assert codes <= set(CATALOGUE)


def test_no_two_reasons_share_their_words() -> None:
    """A generic text is a cause nobody found out."""
    titles = [str(e.title) for e in CATALOGUE.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("reason", CATALOGUE)
def test_every_explanation_says_what_to_do(reason: str) -> None:
    explanation: Explanation = CATALOGUE[reason]
    assert explanation.next in Next
    assert str(explanation.title).endswith(".")
    assert str(explanation.advice).endswith((".", "”."))


@pytest.mark.parametrize("reason", CATALOGUE)
def test_every_explanation_says_who_must_act_and_when_it_works(reason: str) -> None:
    explanation = CATALOGUE[reason]
    assert explanation.who in WHO
    assert (explanation.next is Next.FIX) <= (explanation.who is Who.YOU)
    assert (explanation.next is Next.TICKET) <= (explanation.who is not Who.YOU)
    assert (explanation.next is Next.LATER) == bool(explanation.when)


@pytest.mark.parametrize(
    "reason", [r for r, e in CATALOGUE.items() if e.next is Next.TICKET and e.who is Who.DIRECTORY]
)
def test_what_only_the_directory_can_end_comes_with_a_remedy(reason: str) -> None:
    assert str(CATALOGUE[reason].remedy).endswith((".", "?"))


@pytest.mark.parametrize("code", [*Refusal, *Obstacle, *Outage])
def test_everything_a_connector_can_say_is_explained(code: str) -> None:
    assert CATALOGUE[code].title


@pytest.mark.parametrize("error", [AccountNotFound(), Unconfirmed(), Unavailable(), Forbidden(), ConnectorError()])
def test_every_error_of_a_connector_has_a_reason(error: ConnectorError) -> None:
    assert CATALOGUE[reason_of(error)].advice


@pytest.mark.parametrize("verdict", PasswordVerdict)
def test_every_sign_in_that_is_refused_has_a_reason(verdict: PasswordVerdict) -> None:
    let_in = (PasswordVerdict.RIGHT, PasswordVerdict.EXPIRED, PasswordVerdict.MUST_CHANGE)
    assert (verdict in let_in) != (_REFUSED_SIGN_IN.get(verdict) in CATALOGUE)


TABLES = (results, openldap_refusals, ds389_refusals, active_directory_refusals, freeipa)
GENERIC = (Refusal.POLICY, Obstacle.UNWILLING)
# Where the server itself gives one code for every cause: the portal then checks the rules beforehand.
GENERIC_ON_PURPOSE = {("active_directory_refusals", "0000052D"), ("refusals", "3009")}


def rows() -> list[tuple[str, str, str]]:
    """Every row of every table that a connector holds: module, the server's code or words, what it means."""
    found = []
    for module in TABLES:
        for table in vars(module).values():
            pairs = table.items() if isinstance(table, dict) else table if isinstance(table, tuple) else ()
            for row in pairs:
                if isinstance(row, tuple) and len(row) == 2 and isinstance(row[1], Refusal | Obstacle | Outage):
                    found.append((module.__name__.rpartition(".")[2], str(row[0]), row[1]))
    return found


def test_the_tables_are_found() -> None:
    assert {module for module, _said, _meant in rows()} == {m.__name__.rpartition(".")[2] for m in TABLES}
    assert len(rows()) > 80


@pytest.mark.parametrize(("module", "said", "meant"), rows())
def test_every_row_of_every_table_means_something_of_its_own(module: str, said: str, meant: str) -> None:
    assert CATALOGUE[meant].title
    assert meant not in GENERIC or (module, said) in GENERIC_ON_PURPOSE


def reply(code: int, message: str = "", error: PolicyError | None = None) -> Reply:
    return Reply(code=code, message=message, policy=PolicyAnswer(error=error))


SHORT_AD = "0000052D: Constraint violation - check_password_restrictions: the password is too short. It should be 10!"
SAID = [  # kind of directory, its answer to a change, the reason a person is told
    (openldap_refusals, reply(19, "Password fails quality checking policy", PolicyError.TOO_SHORT), "too_short"),
    (openldap_refusals, reply(19, "Password is not being changed from existing value"), "same_as_now"),
    (openldap_refusals, reply(50, "Operations are restricted to bind/unbind/abandon/StartTLS"), "must_change"),
    (openldap_refusals, reply(13, "confidentiality required"), "not_secure"),
    (openldap_refusals, reply(8, "modifications require authentication"), "not_secure"),
    (openldap_refusals, reply(50), "no_right"),
    (openldap_refusals, reply(10), "read_only"),
    (openldap_refusals, reply(53, "shadow context; no update referral"), "read_only"),
    (openldap_refusals, reply(17), "schema"),
    (openldap_refusals, reply(65, "object class violation"), "schema"),
    (openldap_refusals, reply(2), "unsupported"),
    (openldap_refusals, reply(51), "directory_busy"),
    (openldap_refusals, reply(52), "directory_down"),
    (openldap_refusals, reply(32), "account_not_found"),
    (ds389_refusals, reply(19, "invalid password syntax - password must be at least 10 characters long"), "too_short"),
    (ds389_refusals, reply(19, "invalid password syntax - password based off of user entry"), "contains_name"),
    (ds389_refusals, reply(19, "Failed to update password", PolicyError.INSUFFICIENT_QUALITY), "too_weak"),
    (ds389_refusals, reply(19, "within password minimum age"), "too_young"),
    (ds389_refusals, reply(13, "Operation requires a secure connection"), "not_secure"),
    (ds389_refusals, reply(50, "Insufficient 'write' privilege to the 'mail' attribute"), "no_right"),
    (active_directory_refusals, reply(19, SHORT_AD), "too_short"),
    (
        active_directory_refusals,
        reply(53, "0000052D: SvcErr: DSID-031A12D2, problem 5003"),
        "policy",
    ),
    (active_directory_refusals, reply(53, "0000001F: SvcErr: DSID-031A12D2, problem 5003"), "not_secure"),
    (active_directory_refusals, reply(19, "00000056: AtrErr: DSID-03190F80, #1"), "wrong_password"),
    (active_directory_refusals, reply(50, "00002098: SecErr: DSID-03150F94, problem 4003"), "no_right"),
    (active_directory_refusals, reply(53, "00002077: SvcErr: DSID-031A12D2, problem 5003"), "protected"),
    (active_directory_refusals, reply(19, "00000775: Password change not permitted, account locked out!"), "locked"),
    (active_directory_refusals, reply(8, "BindSimple: Transport encryption required."), "not_secure"),
]


@pytest.mark.parametrize(("kind", "answer", "reason"), SAID)
def test_what_a_directory_was_seen_to_say_reaches_the_person_as_its_cause(
    kind: Any, answer: Reply, reason: str
) -> None:
    assert reason_of(kind.refusal_for(answer)) == reason


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        (1201, "", "portal_refused"),
        (2100, "Insufficient access", "no_right"),
        (3005, "Unknown option", "unsupported"),
        (3009, "invalid 'password': Password is too simple", "not_complex"),
        (4001, "user not found", "account_not_found"),
        (4203, "Constraint violation: Password reuse not permitted", "in_history"),
        (4203, "Constraint violation: Too soon to change password", "too_young"),
    ],
)
def test_what_freeipa_says_reaches_the_person_as_its_cause(code: int, message: str, reason: str) -> None:
    assert reason_of(freeipa.error_for({"code": code, "message": message}, write=True, password=True)) == reason


def test_a_right_that_is_missing_is_named_for_those_who_can_give_it() -> None:
    refused = openldap_refusals.refusal_for(Reply(code=50, asked="modify pwdReset"))
    assert isinstance(refused, Forbidden)
    assert not isinstance(refused, Refused)
    assert refused.detail == "modify pwdReset: result 50"
