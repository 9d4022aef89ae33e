"""Whoever was checked at the service desk gets a link to the page of a new password; nobody there ever sees one."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from portal.action import Action
from portal.inside import IssuesPasswordLinks


@dataclass(frozen=True, kw_only=True)
class SendPasswordLink(Action):
    name = "send_password_link"
    title = _l("A link to a new password")
    kind = "recovery_started"
    needs = IssuesPasswordLinks
    notice = "password_link_made"
    by_owner = False

    way: str  # mail or shown

    def perform(self, connector: IssuesPasswordLinks, account: Account) -> None:
        connector.issue(account, self.way)
