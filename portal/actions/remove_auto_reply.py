"""Turn the auto reply of my mailbox off; nothing of it is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import SetsAutoReply
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RemoveAutoReply(Action):
    name = "remove_auto_reply"
    title = _l("Turn my auto reply off")
    kind = "auto_reply_removed"
    needs = SetsAutoReply
    notice = "auto_reply_removed"
    attribute = "auto_reply"

    def perform(self, connector: SetsAutoReply, account: Account) -> None:
        connector.set_auto_reply(account, None)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        return "failure" if connector.read_mailbox(account).auto_reply else "success"
