"""A password of its own for one program or device; made by the portal and shown once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import KeepsAppPasswords
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class AddAppPassword(Action):
    name = "add_app_password"
    title = _l("Make an app password")
    kind = "app_password_added"
    needs = KeepsAppPasswords
    notice = "app_password_added"
    attribute = "app_password"

    label: str  # what its owner calls it
    app_password: str = field(repr=False, metadata={"secret": True})

    @property
    def new(self) -> str:
        return self.label

    def perform(self, connector: KeepsAppPasswords, account: Account) -> None:
        connector.add_app_password(account, self.label, self.app_password)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        """By its name: a password that nobody has seen is of no use to anybody and can be removed."""
        names = {one.name for one in connector.app_passwords(account)}
        return "success" if details["label"] in names else "failure"
