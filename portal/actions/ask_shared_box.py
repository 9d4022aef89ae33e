"""Ask to use a shared mailbox; whoever it belongs to agrees, or refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.mailbox import SharesMailboxes
from portal.mailboxes.sharing import Sharing


@dataclass(frozen=True, kw_only=True)
class AskSharedBox(Sharing):
    name = "ask_shared_box"
    title = _l("Use a shared mailbox")

    reason: str

    def owners(self, connector: SharesMailboxes, account: Account) -> Sequence[str] | None:
        boxes = connector.shared_boxes(account)
        return next((one.owners for one in boxes if one.address.casefold() == self.box.casefold()), ())

    def details(self) -> dict[str, Any]:
        """With what those read who decide; two mailboxes are two wishes."""
        return super().details() | {"text": self.box}
