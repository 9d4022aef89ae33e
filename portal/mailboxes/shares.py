"""Mailboxes that more than one person uses, in all installations together. Changes and records nothing."""

from dataclasses import replace

from connectors import Connectors
from connectors.account import Account
from connectors.mailbox import Right, SharedBox, Shares, SharesMailboxes
from portal.asked import Asked


class BoxSystems(Asked[SharesMailboxes]):
    """Those that are for one person. Whatever they tell says by `system` where it lies."""

    def __init__(self, connectors: Connectors, account: Account) -> None:
        super().__init__(connectors, SharesMailboxes, account)

    @property
    def own_rights(self) -> dict[Right, str]:
        """What can be given to people's own mailboxes, and by which system: the first that has it."""
        given: dict[Right, str] = {}
        for name, system in self.systems.items():
            for right in system.rights if system.own else ():
                given.setdefault(right, name)
        return {right: given[right] for right in Right if right in given}

    def rights_to(self, box: SharedBox) -> tuple[Right, ...]:
        return self.systems[box.system].rights

    def shares(self) -> Shares:
        """Who uses whose mailbox now, as far as it concerns this person."""
        found = list(self.each(lambda system: [system.shares(self.account)]))
        return Shares(
            mine=tuple(replace(one, system=name) for name, shares in found for one in shares.mine),
            others=tuple(replace(one, system=name) for name, shares in found for one in shares.others),
        )

    def boxes(self) -> tuple[SharedBox, ...]:
        """Those this person may ask for, or uses already."""
        found = self.each(lambda system: system.shared_boxes(self.account))
        return tuple(replace(box, system=name) for name, box in found)
