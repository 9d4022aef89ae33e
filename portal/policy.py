"""May this person have this? A pure function of the rules, the person, the account and the hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.account import Account
from connectors.capabilities import ChangesPassword, ClosesSessions, KeepsFactors
from portal.action import Action
from portal.identity import AUDITS, STAFF, SYSTEM, Evidence, Principal
from portal.inside import KeepsProviders
from portal.settings.installation import Rule
from portal.tickets.ticket import SPONSOR


@dataclass(frozen=True)
class Allow:
    """Go ahead."""


@dataclass(frozen=True)
class NeedsApproval:
    """These have to agree first, one after another: the sponsor, or a queue."""

    stages: tuple[str, ...]


@dataclass(frozen=True)
class Deny:
    """No; the reason is a code the explainer knows."""

    reason: str


Decision = Allow | NeedsApproval | Deny


def decide(
    rules: Mapping[str, Rule],
    actor: Principal,
    action: type[Action],
    account: Account,
    now: datetime,
    *,
    answers_for: bool = False,
) -> Decision:
    """Read from the top: the first line that fits decides.

    `answers_for`: the account, as it was just read, names the actor as its sponsor.
    """
    answers_for = answers_for and not actor.roles >= AUDITS  # whoever checks the others does nothing for them
    if actor.account_id == SYSTEM and action.takes_away:
        return Allow()  # what was given until a day ends on it, whatever has become of the account or the rule
    rule = rules.get(action.name)
    if rule is None:
        return Deny("not_offered")
    if action.needs is None:
        return Allow()  # it only becomes a ticket
    if account.protected and not _own_shelf(action, actor, account):
        return Deny("protected")
    if account.state.disabled and not action.switches_on:
        return Deny("disabled")
    if account.state.ended and not action.revives:
        return Deny("inactive" if account.state.inactive else "ended")
    if actor.account_id == SYSTEM:
        return Allow()
    if action.by_portal:
        return Deny("not_offered")
    if actor.caller is not None:
        if reason := unfit_for_caller(rule, actor.caller, actor, action, account, now):
            return Deny(reason)
    elif action.by_staff:
        if actor.account_id == account.id or not actor.roles & STAFF:
            return Deny("not_staff")
    elif not ((action.by_owner and actor.account_id == account.id) or (action.by_sponsor and answers_for)):
        return Deny(_not_theirs(action))
    if missing := missing_proof(rule, actor, now):
        return Deny(missing)
    stages = stages_of(rule, account, answers_for=answers_for)
    return NeedsApproval(stages) if stages else Allow()


def unfit_for_caller(
    rule: Rule, caller: Evidence, actor: Principal, action: type[Action], account: Account, now: datetime
) -> str:
    """Why the service desk may not do this for a caller, as a reason code; empty if it may."""
    if rule.caller_points is None or action.has_secrets():
        return "not_offered"
    if not actor.roles & STAFF or actor.account_id == account.id or caller.account_id != account.id:
        return "not_staff"
    if now >= caller.until:
        return "caller_check_over"
    if caller.points < rule.caller_points + caller.more:
        return "caller_unproved"
    return "" if caller.seconded else "caller_second"


def missing_proof(rule: Rule, actor: Principal, now: datetime) -> str:
    """What a person still has to prove for this, as a reason code; empty if nothing."""
    if actor.assurance < rule.channels:
        return "more_proof"
    return "fresh_proof" if rule.fresh_minutes and not _fresh(actor, now, rule.fresh_minutes) else ""


def stages_of(rule: Rule, account: Account, *, answers_for: bool = False) -> tuple[str, ...]:
    """Who else has to agree: a sponsor has by asking, and nobody opens an account of his own again alone."""
    if answers_for:
        return tuple(stage for stage in rule.approval if stage != SPONSOR)
    return rule.approval or ((SPONSOR,) if account.state.ended else ())


def _not_theirs(action: type[Action]) -> str:
    """Who may do it, said by the reason why somebody else may not."""
    if action.by_owner:
        return "not_your_account"
    return "not_sponsor" if action.by_sponsor else "caller_unproved"


def _own_shelf(action: type[Action], actor: Principal, account: Account) -> bool:
    """Protection is about the directory: privileged people too keep factors and sessions here, and their password."""
    return actor.account_id == account.id and action.needs in (
        KeepsFactors,
        KeepsProviders,
        ClosesSessions,
        ChangesPassword,
    )


def _fresh(actor: Principal, now: datetime, minutes: int) -> bool:
    return actor.proved_at is not None and now - actor.proved_at <= timedelta(minutes=minutes)
