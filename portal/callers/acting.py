"""What may be done for a caller from the ticket, and how a coordinator becomes one who acts for somebody else."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from portal.action import Action
from portal.actions.extend_account import ExtendAccount
from portal.actions.freeze_account import FreezeAccount
from portal.actions.require_new_password import RequireNewPassword
from portal.actions.send_password_link import SendPasswordLink
from portal.actions.sign_out_everywhere import SignOutEverywhere
from portal.actions.unlock_account import UnlockAccount
from portal.explaining.explain import explain
from portal.identity import Evidence, Principal
from portal.policy import unfit_for_caller
from portal.views import me, parts
from portal.views.extending import offered_to


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing the service desk does for callers. `fits` tells by the account and the proofs given if it helps."""

    name: str  # in its address
    title: Any
    kind: type[Action]
    fits: Callable[[Account, Collection[str]], bool]
    fields: Mapping[str, str] = field(default_factory=dict)

    def action(self, account: Account) -> Action:
        return self.kind(account_id=account.id, **self.fields)


EXTEND = "extend"  # has a page of its own, with dates
DEEDS = {
    deed.name: deed
    for deed in (
        Deed(
            name="unlock",
            title=_l("Unlock the account"),
            kind=UnlockAccount,
            fits=lambda account, _given: account.state.locked_at is not None,
        ),
        Deed(
            name="mail-link",
            title=_l("Mail a link to a new password"),
            kind=SendPasswordLink,
            fits=lambda account, _given: bool(account.recovery_mail),
            fields={"way": "mail"},
        ),
        Deed(
            name="show-link",
            title=_l("Show a link to a new password here"),
            kind=SendPasswordLink,
            fits=lambda _account, given: "id_seen" in given,
            fields={"way": "shown"},
        ),
        Deed(
            name="require",
            title=_l("Ask for a new password at the next sign-in"),
            kind=RequireNewPassword,
            fits=lambda account, _given: not account.state.must_change,
        ),
        Deed(
            name=EXTEND,
            title=_l("More time for the account"),
            kind=ExtendAccount,
            fits=lambda account, _given: offered_to(account) is not None,
        ),
        Deed(
            name="sign-out",
            title=_l("Sign out everywhere"),
            kind=SignOutEverywhere,
            fits=lambda account, _given: not account.state.disabled,
        ),
        Deed(
            name="freeze",
            title=_l("Lock the account: somebody else is in it"),
            kind=FreezeAccount,
            fits=lambda account, _given: not account.state.disabled,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class DeedLine:
    """One thing on the page: what it takes, and why it may not be done yet."""

    name: str
    title: str
    needed: int
    why_not: str


def acting_for(ticket: int, account: Account) -> Principal:
    """Whoever is signed in, with what was checked of the caller; without a check the desk refuses, and records it."""
    nothing = Evidence(account_id=account.id, ticket=ticket, points=0, more=0, seconded=False, until=parts().clock())
    return replace(me(), caller=parts().front.checks.evidence(me(), ticket, account) or nothing)


def offered_here(account: Account, given: Collection[str]) -> list[Deed]:
    """What there is a rule for that callers may have, and something that can do it for this account."""
    found = []
    for deed in DEEDS.values():
        rule = parts().settings.rules.get(deed.kind.name)
        able = deed.kind.needs and parts().connectors.able_to(deed.kind.needs, account)
        if rule and rule.caller_points and able and deed.fits(account, given):
            found.append(deed)
    return found


def line_of(deed: Deed, account: Account, evidence: Evidence) -> DeedLine:
    """How far the check is from it."""
    rule = parts().settings.rules[deed.kind.name]
    why_not = unfit_for_caller(rule, evidence, me(), deed.kind, account, parts().clock())
    return DeedLine(
        name=deed.name,
        title=str(deed.title),
        needed=(rule.caller_points or 0) + evidence.more,
        why_not=str(explain(why_not).title) if why_not else "",
    )
