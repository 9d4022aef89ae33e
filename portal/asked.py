"""All installations that can do one thing for one person, asked one after another. Changes and records nothing."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from connectors import Connectors
from connectors.account import Account
from connectors.capability import Capability
from connectors.errors import ConnectorError

C = TypeVar("C", bound=Capability)
T = TypeVar("T")


class Asked(Generic[C]):
    """Whatever is told comes with the installation's name, for the action that is to change it there."""

    def __init__(self, connectors: Connectors, capability: type[C], account: Account) -> None:
        self.account = account
        self.systems = dict(connectors.serving(capability, account))
        self.silent: set[str] = set()
        """Those that could not be asked, so that something may be missing."""

    def __bool__(self) -> bool:
        return bool(self.systems)

    def each(self, question: Callable[[C], Iterable[T]]) -> Iterable[tuple[str, T]]:
        for name, system in self.systems.items():
            try:
                yield from [(name, one) for one in question(system)]
            except ConnectorError:
                self.silent.add(name)
