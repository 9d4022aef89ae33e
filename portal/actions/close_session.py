"""End one of one's own sessions, on this or another device."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import ClosesSessions
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class CloseSession(Action):
    name = "close_session"
    title = _l("Sign out one of my devices")
    kind = "session_closed"
    needs = ClosesSessions

    session_id: str

    def perform(self, connector: ClosesSessions, account: Account) -> None:
        connector.close_session(account, self.session_id)
