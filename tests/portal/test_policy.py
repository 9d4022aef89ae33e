"""The policy reads like a table, and so do its tests."""

from datetime import timedelta

import pytest

from connectors.account import Account, AccountState
from portal.actions import ACTIONS
from portal.identity import SYSTEM, Principal
from portal.parts import utc_now
from portal.policy import Allow, Deny, NeedsApproval, decide
from portal.settings import Rule

NOW = utc_now()
ALICE = Account(id="main:1", directory="main", dn="uid=alice", login="alice", name="Alice")
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
