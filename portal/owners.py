"""Who has to agree to an action: whoever it belongs to, as the mail system says it now, the sponsor, or a queue."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors import Connectors
from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound
from portal.accounts import Accounts
from portal.action import Action
from portal.extending.sponsors import COORDINATORS, Sponsors
from portal.identity import AUDITS, Principal, roles_of
from portal.tickets.ticket import SPONSOR

OWNER = "owner"  # the stage of a rule


class Owners:
    """Owners are people of ours who still work here; where there is none, the service desk decides."""

    def __init__(
        self, connectors: Connectors, accounts: Accounts, sponsors: Sponsors, roles: Mapping[Any, tuple[str, ...]]
    ) -> None:
        self._connectors = connectors
        self._accounts = accounts
        self._sponsors = sponsors
        self._roles = roles

    def left(self, stages: Sequence[str], actor: Principal, action: Action, account: Account) -> tuple[str, ...]:
        """The stages that are left: an owner agrees by asking, and what is open to all needs none."""
        if OWNER not in stages:
            return tuple(stages)
        owners = self.of(action, account)
        agreed = owners is None or any(one.id == actor.account_id for one in owners)
        return tuple(stage for stage in stages if stage != OWNER or not agreed)

    def of(self, action: Action, account: Account) -> tuple[Account, ...] | None:
        """Those it belongs to; None where nobody need be asked. Raises Unavailable."""
        connector = self._connectors.able_to(action.needs, account, action.via) if action.needs else None
        addresses = action.owners(connector, account) if connector else ()
        if addresses is None:
            return None
        found: dict[str, Account] = {}
        for address in addresses:
            with suppress(AccountNotFound, AccountAmbiguous):
                one = self._accounts.find(address)
                gone = one.state.disabled or one.state.ended
                if not gone and not roles_of(one, self._roles) >= AUDITS:  # whoever checks decides nothing
                    found[one.id] = one
        return tuple(found.values())

    def stages(self, wanted: Sequence[str], action: Action, account: Account) -> list[Mapping[str, Any]]:
        """The stages with the people behind them, each once."""
        named: list[Mapping[str, Any]] = []
        for stage in wanted:
            for one in [self._named(action, account)] if stage == OWNER else self._sponsors.stages([stage], account):
                if one not in named:
                    named.append(one)
        return named

    def _named(self, action: Action, account: Account) -> Mapping[str, Any]:
        others = [one for one in self.of(action, account) or () if one.id != account.id]
        if not others:
            return COORDINATORS
        return {"queue": SPONSOR, "ids": [one.id for one in others], "names": [one.name for one in others]}
