"""Mailboxes that more than one person uses, in all installations together. Changes and records nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from connectors import Connectors
from connectors.account import Account
from connectors.errors import ConnectorError
from connectors.mailbox import Right, SharedBox, Shares, SharesMailboxes

T = TypeVar("T")


class BoxSystems:
    """Those that are for one person. Whatever they tell says by `system` where it lies."""

    def __init__(self, connectors: Connectors, account: Account) -> None:
        self._account = account
        self._systems = dict(connectors.serving(SharesMailboxes, account))
        self.silent: set[str] = set()
        """Those that could not be asked, so that something may be missing."""

    def __bool__(self) -> bool:
        return bool(self._systems)

    @property
    def own_rights(self) -> dict[Right, str]:
        """What can be given to people's own mailboxes, and by which system: the first that has it."""
        given: dict[Right, str] = {}
        for name, system in self._systems.items():
            for right in system.rights if system.own else ():
                given.setdefault(right, name)
        return {right: given[right] for right in Right if right in given}

    def rights_to(self, box: SharedBox) -> tuple[Right, ...]:
        return self._systems[box.system].rights

    def shares(self) -> Shares:
        """Who uses whose mailbox now, as far as it concerns this person."""
        found = list(self._asked(lambda system: [system.shares(self._account)]))
        return Shares(
            mine=tuple(replace(one, system=name) for name, shares in found for one in shares.mine),
            others=tuple(replace(one, system=name) for name, shares in found for one in shares.others),
        )

    def boxes(self) -> tuple[SharedBox, ...]:
        """Those this person may ask for, or uses already."""
        found = self._asked(lambda system: system.shared_boxes(self._account))
        return tuple(replace(box, system=name) for name, box in found)

    def _asked(self, question: Callable[[SharesMailboxes], Iterable[T]]) -> Iterable[tuple[str, T]]:
        for name, system in self._systems.items():
            try:
                yield from [(name, one) for one in question(system)]
            except ConnectorError:
                self.silent.add(name)
