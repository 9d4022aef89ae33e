"""The policy reads like a table, and so do its tests."""

from datetime import timedelta

import pytest

from connectors.account import Account, AccountState
from portal.actions import ACTIONS
from portal.identity import SYSTEM, Principal
from portal.parts import utc_now
from portal.policy import Allow, Deny, NeedsApproval, decide
from portal.settings.installation import Rule

NOW = utc_now()
ALICE = Account(id="main:1", directory="main", dn="uid=alice", login="alice", name="Alice")
EXTEND = ACTIONS["extend_account"]
RESET, WISH, REMOVE = ACTIONS["reset_password"], ACTIONS["anything_else"], ACTIONS["remove_factor"]


def alice(*channels: str, minutes: int = 0, account_id: str = "main:1") -> Principal:
    return Principal(
        account_id=account_id,
        login="alice",
        name="Alice",
        channels=frozenset(channels),
        proved_at=NOW - timedelta(minutes=minutes),
    )


def account(**changes: object) -> Account:
    return Account(**{**ALICE.__dict__, **changes})  # type: ignore[arg-type]


DISABLED, ENDED = (account(state=AccountState(disabled=True)), account(state=AccountState(ended=True)))


@pytest.mark.parametrize(
    ("rule", "actor", "action", "target", "decision"),
    [
        (None, alice("mail", "phone"), RESET, ALICE, Deny("not_offered")),
        (Rule(channels=2), alice("mail", "phone"), RESET, ALICE, Allow()),
        (Rule(channels=2), alice("mail"), RESET, ALICE, Deny("more_proof")),
        (Rule(channels=2), alice("mail", "phone"), RESET, account(protected=True), Deny("protected")),
        (Rule(), alice("mail"), RESET, DISABLED, Deny("disabled")),
        (Rule(), alice("mail"), RESET, ENDED, Deny("ended")),
        (Rule(), alice("mail"), WISH, DISABLED, Allow()),
        (Rule(), alice("mail"), WISH, account(protected=True), Allow()),
        (Rule(), alice("mail", account_id="main:2"), RESET, ALICE, Deny("not_your_account")),
        (Rule(), alice(account_id=SYSTEM), RESET, ALICE, Allow()),
        (Rule(fresh_minutes=5), alice("memory", minutes=4), REMOVE, ALICE, Allow()),
        (Rule(fresh_minutes=5), alice("memory", minutes=6), REMOVE, ALICE, Deny("fresh_proof")),
        (Rule(), alice("memory"), REMOVE, account(protected=True), Allow()),
        (Rule(approval="coordinators"), alice("mail"), RESET, ALICE, NeedsApproval(("coordinators",))),
    ],
)
def test_decisions(rule: Rule | None, actor: Principal, action: type, target: Account, decision: object) -> None:
    rules = {action.name: rule} if rule else {}  # type: ignore[attr-defined]
    assert decide(rules, actor, action, target, NOW) == decision


BOTH = Rule(approval=("sponsor", "coordinators"))


@pytest.mark.parametrize(
    ("rule", "whose", "answers_for", "action", "target", "decision"),
    [
        (Rule(approval="sponsor"), "main:2", True, EXTEND, ALICE, Allow()),
        (Rule(approval="sponsor"), "main:2", True, EXTEND, ENDED, Allow()),
        (Rule(), "main:2", True, EXTEND, ENDED, Allow()),
        (BOTH, "main:2", True, EXTEND, ALICE, NeedsApproval(("coordinators",))),
        (Rule(approval="coordinators"), "main:2", True, EXTEND, ALICE, NeedsApproval(("coordinators",))),
        (Rule(channels=2), "main:2", True, EXTEND, ALICE, Deny("more_proof")),
        (Rule(), "main:2", True, EXTEND, DISABLED, Deny("disabled")),
        (Rule(), "main:2", True, EXTEND, account(protected=True), Deny("protected")),
        (Rule(approval="sponsor"), "main:2", False, EXTEND, ALICE, Deny("not_your_account")),
        (Rule(), "main:2", True, RESET, ALICE, Deny("not_your_account")),
        (Rule(), "main:1", False, EXTEND, ALICE, Allow()),
        (Rule(), "main:1", False, EXTEND, ENDED, NeedsApproval(("sponsor",))),
    ],
)
def test_who_answers_for_an_account_may_extend_it_and_nothing_else(
    rule: Rule, whose: str, answers_for: bool, action: type, target: Account, decision: object
) -> None:
    rules = {action.name: rule}  # type: ignore[attr-defined]
    assert decide(rules, alice("mail", account_id=whose), action, target, NOW, answers_for=answers_for) == decision
