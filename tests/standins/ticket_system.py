"""What the stand-ins of ticket systems have in common: what they hold of ours, and a search that may lag."""

import re
from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass

from tests.standins.http import Standin

_KEY = re.compile(r"sk\d+x[0-9a-f]{12}")
_MARK = re.compile(r"sk\d+x[0-9a-f]{12}-\d+")


@dataclass(frozen=True)
class Held:
    titles: list[str]  # one for each ticket
    remarks: list[str]  # their texts
    open: int = 0  # tickets that are not closed; a system that cannot be told to close has none

    def keys(self) -> Counter[str]:
        """How many tickets there are of each key."""
        return Counter(found[0] for title in self.titles if (found := _KEY.search(title)))

    def marks(self) -> Counter[str]:
        """How many remarks there are of each mark."""
        return Counter(found[0] for text in self.remarks if (found := _MARK.search(text)))


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
