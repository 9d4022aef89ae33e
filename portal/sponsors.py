"""Finds out who decides about an account, before anything is written down."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import KnowsSponsors
from connectors.errors import ConnectorError
from portal.tickets.store import SPONSOR

COORDINATORS: Mapping[str, Any] = {"queue": "coordinators", "ids": [], "names": []}


class Sponsors:
    """Turns the stages of a rule into the people of one account."""

    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    def stages(self, wanted: Sequence[str], account: Account) -> list[Mapping[str, Any]]:
        """The stages with the people behind them. Where the account names nobody who may, the service desk decides."""
        found: list[Mapping[str, Any]] = []
        for stage in wanted:
            decides = self._sponsor(account) if stage == SPONSOR else {"queue": stage, "ids": [], "names": []}
            if decides not in found:
                found.append(decides)
        return found

    def _sponsor(self, account: Account) -> Mapping[str, Any]:
        knows = self._connectors.able_to(KnowsSponsors, account)
        try:
            sponsor = knows.sponsor_of(account) if knows else None
            if sponsor is None or sponsor.id == account.id or sponsor.state.disabled or sponsor.state.ended:
                return COORDINATORS
            # Two who answer for each other would in truth decide for themselves.
            above = knows.sponsor_of(sponsor) if knows else None
        except ConnectorError:
            return COORDINATORS
        if above is not None and above.id == account.id:
            return COORDINATORS
        return {"queue": SPONSOR, "ids": [sponsor.id], "names": [sponsor.name]}
