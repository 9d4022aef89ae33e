"""Caller checks in words: the proofs, what makes it take more, and what may be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connectors.account import Account
from portal.callers.checks import Check
from portal.callers.proofs import PROOFS
from portal.callers.scoring import Standing
from portal.post import masked

ALARMS = {
    "new_address": _l("A private address was changed or asked for lately"),
    "new_phone": _l("The telephone number was changed lately, so calling it back counts for nothing"),
    "new_factor": _l("A new way to prove who it is was added lately"),
    "failed_check": _l("Somebody failed to be this person lately"),
    "pressure": _l("The caller presses for an exception"),
}


@dataclass(frozen=True, kw_only=True)
class ProofLine:
    """One line of the checklist."""

    code: str
    title: str
    how: str
    points: int
    at: datetime | None  # when it was given
    button: str  # empty: cannot be had
    waits: bool = False  # for a code, or for the manager


def proof_lines(
    points: dict[Any, int], account: Account, check: Check, come_to: Standing, manager: str
) -> list[ProofLine]:
    """The checklist, the heaviest proofs first."""
    told = {
        "call_back": _call_back(account, come_to),
        "mailed_code": _mailed_code(account, check),
        "manager": _manager(check, manager),
        "id_seen": (
            _("Only if they stand before you. Compare the name and the face."),
            _("I have seen the card"),
        ),
        "questions": (
            _("Ask about what the directory says. It weighs little: others can find that out."),
            _("They knew it"),
        ),
    }
    lines = [
        ProofLine(
            code=code,
            title=str(PROOFS[code]),
            how=told[code][0],
            points=worth,
            at=check.given.get(code),
            button=told[code][1],
            waits=(code == "mailed_code" and check.code_sent) or (code == "manager" and bool(check.manager_id)),
        )
        for code, worth in points.items()
        if worth
    ]
    return sorted(lines, key=lambda line: -line.points)


def _call_back(account: Account, come_to: Standing) -> tuple[str, str]:
    if not account.phone:
        return _("There is no telephone number on file."), ""
    if "new_phone" in come_to.alarms:
        return _("The number on file is new, so it proves nothing yet."), ""
    how = _("Hang up and call %(phone)s, the number on file. Never one that the caller gives.", phone=account.phone)
    return how, _("They answered there")


def _mailed_code(account: Account, check: Check) -> tuple[str, str]:
    if not account.recovery_mail:
        return _("There is no private address on file."), ""
    to = ", ".join(masked(address) for address in account.recovery_mail)
    how = _("A code goes to %(addresses)s. The caller reads it to you; you never see it before.", addresses=to)
    return how, _("Mail a new code") if check.code_sent else _("Mail a code")


def _manager(check: Check, manager: str) -> tuple[str, str]:
    if not manager:
        return _("The account names nobody who answers for it."), ""
    if check.manager_id:
        return _("%(name)s was asked and has not answered yet.", name=manager), ""
    return _("%(name)s gets a mail and answers with a sign-in of their own.", name=manager), _(
        "Ask %(name)s", name=manager
    )
