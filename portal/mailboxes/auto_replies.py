"""What setting an auto reply is, whether for oneself or for somebody who is absent."""

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import WEEK, AutoReply, SetsAutoReply
from portal.action import Action
from portal.mailboxes.mailbox import begins, is_over


@dataclass(frozen=True, kw_only=True)
class AutoReplying(Action, ABC):
    """The texts are somebody's mail: they stand in no record, ticket or log."""

    kind = "auto_reply_set"
    needs = SetsAutoReply
    notice = "auto_reply_set"
    attribute = "auto_reply"

    subject: str = field(default="", repr=False, metadata={"secret": True})
    text: str = field(repr=False, metadata={"secret": True})
    outside_text: str = field(default="", repr=False, metadata={"secret": True})
    inside_only: bool = False
    first_day: str = ""  # the first day, ISO 8601; empty: now
    last_day: str = ""  # the last day; empty: it goes on
    zone: str = "UTC"  # in which these days begin and end
    days: int = WEEK

    @property
    def new(self) -> str:
        return f"{self.first_day}/{self.last_day}"

    def reply(self) -> AutoReply:
        return AutoReply(
            subject=self.subject,
            text=self.text,
            outside_text=self.outside_text,
            inside_only=self.inside_only,
            starts=begins(self.first_day, self.zone),
            ends=is_over(self.last_day, self.zone),
            days=self.days,
        )

    def perform(self, connector: SetsAutoReply, account: Account) -> None:
        connector.set_auto_reply(account, self.reply())

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        """By the dates: the texts were not kept."""
        reply = connector.read_mailbox(account).auto_reply
        if reply is None:
            return "failure"
        zone = details["zone"]
        same = (reply.starts, reply.ends) == (begins(details["first_day"], zone), is_over(details["last_day"], zone))
        return "success" if same else "unknown"
