"""Finds out who answers for an account, and for whom somebody answers, as the directories say it at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import KnowsSponsors
from connectors.errors import ConnectorError
from portal.identity import AUDITS, roles_of
from portal.tickets.ticket import SPONSOR

COORDINATORS: Mapping[str, Any] = {"queue": "coordinators", "ids": [], "names": []}


@dataclass(frozen=True, kw_only=True)
class Sponsored:
    """Whom somebody answers for, in no order, and the directories that could not be asked to the end."""

    people: tuple[Account, ...]
    silent: tuple[str, ...] = ()


class Sponsors:
    """Turns what accounts say of their sponsors into people who may decide."""

    def __init__(self, connectors: Connectors, roles: Mapping[Any, tuple[str, ...]]) -> None:
        self._connectors = connectors
        self._roles = roles

    def stages(self, wanted: Sequence[str], account: Account) -> list[Mapping[str, Any]]:
        """The stages with the people behind them. Where the account names nobody who may, the service desk decides."""
        found: list[Mapping[str, Any]] = []
        for stage in wanted:
            decides = self._decides(account) if stage == SPONSOR else {"queue": stage, "ids": [], "names": []}
            if decides not in found:
                found.append(decides)
        return found

    def sponsor_of(self, account: Account) -> Account | None:
        """Whoever answers for the account; None where nobody does who may. Raises Unavailable."""
        sponsor = self._named(account)
        if sponsor is None or sponsor.id == account.id or sponsor.state.disabled or sponsor.state.ended:
            return None
        if roles_of(sponsor, self._roles) >= AUDITS:  # whoever checks the others does nothing for them
            return None
        return None if self._answers_to(sponsor, account) else sponsor

    def answers_for(self, actor_id: str, account: Account) -> bool:
        """Whether this is the person who answers for the account. Raises Unavailable."""
        sponsor = self.sponsor_of(account) if actor_id != account.id else None
        return sponsor is not None and sponsor.id == actor_id

    def people_of(self, sponsor: Account) -> Sponsored:
        """Everybody who names this person, over all directories."""
        people: list[Account] = []
        silent: list[str] = []
        for name, directory in self._directories():
            try:
                for person in directory.sponsored_by(sponsor):
                    if not people or people[-1].directory != name:  # the same words may mean somebody else there
                        named = self._named(person)
                        if named is None or named.id != sponsor.id:
                            break
                    people.append(person)
            except ConnectorError:
                silent.append(name)
        above = self._named(sponsor)
        own = {sponsor.id, above.id if above else sponsor.id}
        return Sponsored(people=tuple(one for one in people if one.id not in own), silent=tuple(silent))

    def _directories(self) -> list[tuple[str, KnowsSponsors]]:
        able = self._connectors.all_able_to(KnowsSponsors)
        return [(name, one) for name, one in able if name in self._connectors.homes]

    def _decides(self, account: Account) -> Mapping[str, Any]:
        try:
            sponsor = self.sponsor_of(account)
        except ConnectorError:
            return COORDINATORS
        return {"queue": SPONSOR, "ids": [sponsor.id], "names": [sponsor.name]} if sponsor else COORDINATORS

    def _answers_to(self, sponsor: Account, account: Account) -> bool:
        """Two who answer for each other would in truth decide for themselves."""
        above = self._named(sponsor)
        return above is not None and above.id == account.id

    def _named(self, account: Account) -> Account | None:
        """Whom the account names: in its own directory, or else in the only other one that has such an entry."""
        if not account.sponsor:
            return None
        directories = self._directories()
        home = next((d for name, d in directories if name == account.directory), None)
        if home and (found := home.sponsor_of(account)):
            return found
        elsewhere = [d.sponsor_of(account) for name, d in directories if name != account.directory]
        others = [one for one in elsewhere if one]
        return others[0] if len(others) == 1 else None
