"""A pass for one sign-in in place of the password, to enrol a new proof in a system of somebody else."""

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import lazy_gettext as _l

from connectors.access import AccessPass, GivesAccessPass
from connectors.account import Account
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class GiveAccessPass(Action):
    """For its owner alone: nobody else ever sees the pass."""

    minutes: ClassVar[int] = 60  # the least that Entra's policy allows unless somebody changes it
    name = "give_access_pass"
    title = _l("Get a pass for one sign-in")
    kind = "access_pass_given"
    needs = GivesAccessPass
    notice = "access_pass_given"

    def perform(self, connector: GivesAccessPass, account: Account) -> AccessPass:
        return connector.give_access_pass(account, self.minutes)
