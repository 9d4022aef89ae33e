"""What every receiver of the record's entries can do."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.capabilities import Examined, Finding
from connectors.errors import ConnectorError, Outage, Unavailable
from connectors.findings import fault, fine, say


@dataclass(frozen=True)
class Line:
    """One entry as it is sent: its place in the record, when it was written, how bad it is, and its text."""

    number: int
    at: datetime
    kind: str
    failed: bool
    text: str  # without a line break


class Receiver(Examined):
    """Somewhere entries are sent."""

    where: str

    @abstractmethod
    def deliver(self, lines: Sequence[Line]) -> None:
        """Hand over these lines in their order; when this returns, all have arrived.

        Raises Unavailable or Forbidden if nothing was taken in, Unconfirmed if nobody knows: all are sent again then,
        and a receiver drops what it has by `metadata.uid`.
        """

    @abstractmethod
    def reach(self) -> None:
        """Find out whether it could be handed something, without doing so. Raises what `deliver` does."""

    def examine(self) -> Iterator[Finding]:
        try:
            self.reach()
        except ConnectorError as error:
            trust = isinstance(error, Unavailable) and error.outage is Outage.PORTAL_REFUSED
            remedy = "ca_file: name the authority behind its certificate." if trust else "Is it running? Is url right?"
            yield fault(say("receiver"), f"{self.where}: {error.detail}", remedy)
        else:
            yield fine(say("receiver"), say("%(where)s: reached", where=self.where))
