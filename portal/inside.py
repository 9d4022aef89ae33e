"""For what lies in the portal's own database: it commits together with its record."""

from abc import abstractmethod
from typing import Self

from sqlalchemy import Connection

from connectors.account import Account
from connectors.capabilities import Capability


class Inside(Capability):
    """A capability of our own. There is no moment between the deed and its record, so nothing to settle later."""

    @abstractmethod
    def within(self, tx: Connection) -> Self:
        """The same, working inside this transaction."""


class KeepsProviders(Inside):
    """Keeps who somebody is at an identity provider."""

    @abstractmethod
    def link_provider(self, account: Account, issuer: str, subject: str, shown: str) -> None:
        """From now on this person there is the owner of this account."""

    @abstractmethod
    def unlink_provider(self, account: Account, link_id: str) -> None:
        """No longer."""


class IssuesPasswordLinks(Inside):
    """Makes links that lead whoever holds one to the page of a new password, once."""

    @abstractmethod
    def issue(self, account: Account, way: str) -> None:
        """Make one, which makes every earlier one of the account void; `way`: mail it, or let it be shown."""
