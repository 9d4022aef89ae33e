"""Let somebody sign in with an identity provider: link who they are there with their account here."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from portal.action import Action
from portal.inside import KeepsProviders


@dataclass(frozen=True, kw_only=True)
class LinkProvider(Action):
    name = "link_provider"
    title = _l("Link another sign-in with my account")
    kind = "provider_link"
    needs = KeepsProviders
    notice = "provider_linked"
    attribute = "provider"

    provider: str  # what people call it
    issuer: str
    subject: str
    shown: str

    def change(self, account: Account) -> tuple[str, str]:
        return "", f"{self.provider}: {self.shown} ({self.issuer}, {self.subject})"

    def perform(self, connector: KeepsProviders, account: Account) -> None:
        connector.link_provider(account, self.issuer, self.subject, self.shown)
