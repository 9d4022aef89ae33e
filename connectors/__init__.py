"""Everything outside the portal that can do something for us. Imports nothing from the portal."""

from collections.abc import Iterable
from typing import Any, TypeVar

from connectors.account import Account
from connectors.capabilities import Capability, FindsAccounts

C = TypeVar("C", bound=Capability)


class Connectors:
    """The configured connectors by the installation's names for them, in order of preference."""

    def __init__(self, named: Iterable[tuple[str, Capability]], followers: Iterable[str] = ()) -> None:
        """`followers`: directories that hold other accounts of people who live elsewhere."""
        self._named = tuple(named)
        self._kinds: dict[type[Capability], list[tuple[str, Any]]] = {}  # what a class can do never changes
        self.directories = frozenset(name for name, c in self._named if isinstance(c, FindsAccounts))
        """Names of the connectors with accounts."""
        self.homes = self.directories.difference(followers)
        """Names of those that people live in: only there is anybody looked for."""

    def able_to(self, capability: type[C], account: Account | None = None, system: str = "") -> C | None:
        """The first connector that can do this for this account, or None; with a name only the one called so."""
        able = self.serving(capability, account) if account else self.all_able_to(capability)
        return next((c for name, c in able if system in ("", name)), None)

    def serving(self, capability: type[C], account: Account) -> list[tuple[str, C]]:
        """Every connector that can do this for this account, with its name.

        An account's home decides; what is no directory (mail, the portal's own shelf) says itself whom it serves.
        """
        able = self.all_able_to(capability)
        home = [(name, c) for name, c in able if name == account.directory]
        return home or [(name, c) for name, c in able if name not in self.directories and c.serves(account)]

    def all_able_to(self, capability: type[C]) -> list[tuple[str, C]]:
        """Every connector with this capability, with its name."""
        if capability not in self._kinds:
            self._kinds[capability] = [(name, c) for name, c in self._named if isinstance(c, capability)]
        return [(name, c) for name, c in self._kinds[capability] if c.offers(capability)]
