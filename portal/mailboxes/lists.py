"""Mailing lists in all installations together. Changes and records nothing."""

from collections.abc import Iterable
from dataclasses import replace

from connectors import Connectors
from connectors.account import Account
from connectors.errors import Refusal, Refused
from connectors.mailbox import KeepsLists, MailList
from portal.asked import Asked


class ListSystems(Asked[KeepsLists]):
    """Those that are for one person. Whatever they tell says by `system` where it lies."""

    def __init__(self, connectors: Connectors, account: Account) -> None:
        super().__init__(connectors, KeepsLists, account)

    def own(self) -> tuple[MailList, ...]:
        """Those this person is in, by name."""
        return _by_name(self.each(lambda system: system.lists_of(self.account)))

    def find(self, words: str, limit: int) -> tuple[MailList, ...]:
        """Lists with these words in name or address, by name; at most so many."""
        return _by_name(self.each(lambda system: system.find_lists(self.account, words, limit)))[:limit]

    def read(self, system: str, list_id: str) -> MailList:
        """One of them; raises Refused where there is none, and what else `connectors.errors` holds."""
        if system not in self.systems:
            raise Refused(Refusal.NO_SUCH_LIST, f"{system} is for somebody else")
        return replace(self.systems[system].read_list(self.account, list_id), system=system)


def _by_name(found: Iterable[tuple[str, MailList]]) -> tuple[MailList, ...]:
    return tuple(sorted((replace(one, system=name) for name, one in found), key=lambda one: one.name.casefold()))
