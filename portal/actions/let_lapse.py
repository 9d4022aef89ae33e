"""Say that an account is to end on its last day, so that its owner hears of it in time."""

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import NotesLapses
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class LetLapse(Action):
    name = "let_lapse"
    title = _l("Let an account end")
    kind = "account_lapse"
    needs = NotesLapses
    notice = "account_lapses"
    by_sponsor = True
    by_owner = False

    ends_on: date  # the end that was shown
    reason: str

    def perform(self, connector: NotesLapses, account: Account) -> None:
        connector.let_lapse(account, self.ends_on)
