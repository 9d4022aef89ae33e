"""What both kinds of forwarding have in common: to an address inside, and to one outside."""

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import Forward, Forwards
from portal.action import Action
from portal.mailboxes import is_over


@dataclass(frozen=True, kw_only=True)
class Forwarding(Action, ABC):
    """Send mail on to one more address."""

    needs = Forwards
    notice = "forward_set"
    attribute = "forward"

    target: str
    keep_copy: bool
    last_day: str = ""  # ISO 8601; empty: it goes on
    zone: str = "UTC"  # in which that day ends
    waits_until: str = ""  # a moment, ISO 8601: before it nothing is sent on

    @property
    def new(self) -> str:
        return self.target

    def details(self) -> dict[str, Any]:
        """With what those read who decide; two addresses are two wishes."""
        return super().details() | {"text": self.target}

    def perform(self, connector: Forwards, account: Account) -> None:
        starts = datetime.fromisoformat(self.waits_until) if self.waits_until else None
        ends = is_over(self.last_day, self.zone)
        connector.add_forward(account, Forward(target=self.target, keep_copy=self.keep_copy, starts=starts, ends=ends))

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        targets = {one.target.casefold() for one in connector.read_mailbox(account).forwards}
        return "success" if details["target"].casefold() in targets else "failure"
