"""Ask for a larger mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import SetsQuota
from portal.action import Action

GB = 1024**3


@dataclass(frozen=True, kw_only=True)
class AskQuota(Action):
    name = "ask_quota"
    title = _l("Have a larger mailbox")
    kind = "quota_changed"
    needs = SetsQuota
    notice = "quota_changed"
    attribute = "quota"

    gigabytes: int
    reason: str

    @property
    def new(self) -> str:
        return f"{self.gigabytes} GB"

    def details(self) -> dict[str, Any]:
        """With what those read who decide."""
        return super().details() | {"text": self.new}

    def perform(self, connector: SetsQuota, account: Account) -> None:
        connector.set_quota(account, self.gigabytes * GB)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        quota = connector.read_mailbox(account).quota
        return "success" if quota and quota.limit == details["gigabytes"] * GB else "failure"
