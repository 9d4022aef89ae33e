"""Let a provider sign somebody in no longer: undo the link with their account."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from portal.action import Action
from portal.inside import KeepsProviders


@dataclass(frozen=True, kw_only=True)
class UnlinkProvider(Action):
    name = "unlink_provider"
    title = _l("Remove another sign-in from my account")
    kind = "provider_unlink"
    needs = KeepsProviders
    notice = "provider_unlinked"
    attribute = "provider"

    link_id: str
    provider: str  # what people call it
    shown: str

    def change(self, account: Account) -> tuple[str, str]:
        return f"{self.provider}: {self.shown}", ""

    def perform(self, connector: KeepsProviders, account: Account) -> None:
        connector.unlink_provider(account, self.link_id)
