"""For what lies in the portal's own database: it commits together with its record."""

from abc import abstractmethod
from typing import Self

from sqlalchemy import Connection

from connectors.capabilities import Capability


class Inside(Capability):
    """A capability of our own. There is no moment between the deed and its record, so nothing to settle later."""

    @abstractmethod
    def within(self, tx: Connection) -> Self:
        """The same, working inside this transaction."""
