"""What both kinds of forwarding have in common: to an address inside, and to one outside."""

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import Forward, Forwards
from portal.action import Action
from portal.mailboxes.mailbox import is_over


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
    wait_hours: int = 0  # from the moment at which all have agreed, during which nothing is sent on
    waits_until: str = ""  # the end of that time, ISO 8601, once it runs

    @property
    def new(self) -> str:
        return self.target

    def details(self) -> dict[str, Any]:
        """With what those read who decide; two addresses are two wishes."""
        return super().details() | {"text": self.target}

    def at(self, now: datetime) -> Self:
        """The time begins to run once all have agreed, so that the owner has all of it to stop what is not his."""
        if not self.wait_hours or self.waits_until:
            return self
        ends = (now + timedelta(hours=self.wait_hours)).replace(microsecond=0)
        return replace(self, waits_until=ends.isoformat())

    def held_until(self, connector: Forwards) -> datetime | None:
        """A mail system without dates would send on at once."""
        return datetime.fromisoformat(self.waits_until) if self.waits_until and not connector.ends_by_itself else None

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return "remove_forwarding", {"target": details["target"]}

    @classmethod
    def ends_at(cls, details: Mapping[str, Any]) -> datetime | None:
        return is_over(details.get("last_day", ""), details.get("zone", "UTC"))

    def perform(self, connector: Forwards, account: Account) -> None:
        starts = datetime.fromisoformat(self.waits_until) if self.waits_until else None
        ends = is_over(self.last_day, self.zone)
        connector.add_forward(account, Forward(target=self.target, keep_copy=self.keep_copy, starts=starts, ends=ends))

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        forwards = connector.read_mailbox(account).forwards
        return "success" if any(one.goes_to(details["target"]) for one in forwards) else "failure"
