"""What every capability has in common."""

from abc import ABC

from connectors.account import Account


class Capability(ABC):  # noqa: B024  (what it can do is up to each subclass)
    """Something a connector may be able to do; `connectors.capabilities` and `connectors.mailbox` say what."""

    def offers(self, capability: type["Capability"]) -> bool:
        """Whether this installation lets it: settings may leave out something it could do, never add to it."""
        return isinstance(self, capability)

    def serves(self, account: Account) -> bool:
        """Whether it is for this account, where it is no directory."""
        return True

    def serves_people_of(self, home: str) -> bool:
        """Whether it is for any account of this directory, where it is none itself."""
        return True
