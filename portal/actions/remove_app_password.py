"""Let an app password open nothing any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsAppPasswords
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RemoveAppPassword(Action):
    name = "remove_app_password"
    title = _l("Remove an app password")
    kind = "app_password_removed"
    needs = KeepsAppPasswords
    notice = "app_password_removed"
    attribute = "app_password"
    takes_away = True

    password_id: str
    label: str  # what its owner calls it

    @property
    def old(self) -> str:
        return self.label

    def perform(self, connector: KeepsAppPasswords, account: Account) -> None:
        connector.remove_app_password(account, self.password_id)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        left = {one.id for one in connector.app_passwords(account)}
        return "failure" if details["password_id"] in left else "success"
