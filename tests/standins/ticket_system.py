"""What the stand-ins of ticket systems have in common: what they hold of ours, and a search that may lag."""

from abc import abstractmethod
from dataclasses import dataclass

from tests.standins.http import Standin


@dataclass(frozen=True)
class Held:
    titles: list[str]  # one for each ticket
    remarks: list[str]  # their texts
    open: int = 0  # tickets that are not closed; a system that cannot be told to close has none


class TicketStandin(Standin):
    def __init__(self) -> None:
        super().__init__()
        self.lags = False  # what is new is not found until `index()`
        self.indexed: set[str] = set()

    @abstractmethod
    def held(self) -> Held:
        """What it has of ours."""

    def index(self) -> None:
        """Its search catches up."""
        with self.lock:
            self.indexed = set(self.held().titles)

    def is_found(self, title: str) -> bool:
        """Whether its search knows it already."""
        return not self.lags or title in self.indexed
