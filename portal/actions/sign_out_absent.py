"""End every session of somebody who has left or cannot do it now; the person is told who did it, and why."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.access import SignsOutEverywhere
from connectors.account import Account
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class SignOutAbsent(Action):
    name = "sign_out_absent"
    title = _l("Sign somebody absent out everywhere")
    kind = "sessions_ended"
    needs = SignsOutEverywhere
    by_staff = True
    notice = "absence_signed_out"

    reason: str
    done_by: str  # the name of whoever does it

    @property
    def new(self) -> str:
        return self.reason

    def perform(self, connector: SignsOutEverywhere, account: Account) -> None:
        connector.sign_out_everywhere(account)
