"""Stop sending my mail on to an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.mailbox import Forwards, Source
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RemoveForwarding(Action):
    name = "remove_forwarding"
    title = _l("Stop forwarding my mail")
    kind = "forward_removed"
    needs = Forwards
    notice = "forward_removed"
    attribute = "forward"
    takes_away = True

    target: str

    @property
    def old(self) -> str:
        return self.target

    def perform(self, connector: Forwards, account: Account) -> None:
        connector.remove_forward(account, self.target)

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        ours = (one for one in connector.read_mailbox(account).forwards if one.source is Source.PORTAL)
        return "failure" if any(one.goes_to(details["target"]) for one in ours) else "success"
