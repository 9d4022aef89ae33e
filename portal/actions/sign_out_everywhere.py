"""End every session of an account in the system that keeps them, such as after a stolen telephone."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.access import SignsOutEverywhere
from connectors.account import Account
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class SignOutEverywhere(Action):
    name = "sign_out_everywhere"
    title = _l("Sign out everywhere")
    kind = "sessions_ended"
    needs = SignsOutEverywhere
    notice = "signed_out_everywhere"

    def perform(self, connector: SignsOutEverywhere, account: Account) -> None:
        connector.sign_out_everywhere(account)
