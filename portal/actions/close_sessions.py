"""End all of one's own sessions but this one."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.capabilities import ClosesSessions
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class CloseSessions(Action):
    name = "close_sessions"
    title = _l("Sign out all my other devices")
    kind = "session_closed"
    needs = ClosesSessions
    notice = "sessions_closed"

    keep: str

    def perform(self, connector: ClosesSessions, account: Account) -> None:
        connector.close_sessions(account, keep=self.keep)
