"""Where an address lies, inside or outside; and what the desk asks before it sends anybody's mail on."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from enum import StrEnum

from connectors import Connectors
from connectors.account import Account
from connectors.errors import ConnectorError
from portal.accounts import Accounts
from portal.action import Action
from portal.actions.forward_outside import ForwardOutside
from portal.extending.extension import Guard
from portal.mailboxes.forwarding import Forwarding
from portal.mailboxes.mailbox import Mailboxes
from portal.settings.installation import Settings

MOST_STEPS = 10  # from one mailbox to the next, in looking for a loop


class Place(StrEnum):
    INSIDE = "inside"  # or trusted
    OUTSIDE = "outside"
    REFUSED = "refused"


class ForwardGuard:
    """A page may be out of date, or not ours at all: this holds whatever it says."""

    def __init__(self, settings: Settings, accounts: Accounts, connectors: Connectors) -> None:
        rules, inside = settings.mailbox, inside_domains(settings)
        self.mailboxes = Mailboxes(connectors)
        self._refused = {name.casefold().removeprefix("@") for name in rules.refused}
        self._near = {name.casefold().removeprefix("@") for name in (*inside, *rules.trusted)}
        self._inside = frozenset(inside)
        self._accounts = accounts

    def __call__(self, action: Action, account: Account, now: datetime) -> str | None:
        if not isinstance(action, Forwarding):
            return None
        place = self.place(action.target)
        if place is Place.REFUSED:
            return "forward_refused"
        if (place is Place.OUTSIDE) != isinstance(action, ForwardOutside):
            return "forward_misplaced"
        return "forward_loop" if self.comes_back(action.target, account) else None

    def place(self, address: str) -> Place:
        domain = address.rpartition("@")[2].casefold()
        if domain in self._near:
            return Place.REFUSED if domain in self._refused else Place.INSIDE
        return Place.REFUSED if {domain, "*"} & self._refused else Place.OUTSIDE

    def comes_back(self, target: str, account: Account) -> bool:
        """Whether mail sent on to there would be sent on to this account, as far as our own mailboxes tell."""
        seen = self.mailboxes.of(account)
        own = {_mailbox(address) for address in (account.mail or "", *(seen.mailbox.aliases if seen else ()))}
        passed: set[str] = set()
        waiting = [target]
        while waiting and len(passed) < MOST_STEPS:
            address = _mailbox(waiting.pop())
            if address in own:
                return True
            if address not in passed:
                passed.add(address)
                waiting += self._onward(address)
        return False

    def _onward(self, address: str) -> Iterator[str]:
        if address.rpartition("@")[2] not in self._inside:
            return
        with suppress(ConnectorError):  # nobody of ours, or it cannot be asked: then no loop is known
            seen = self.mailboxes.of(self._accounts.find(address))
            yield from (one.target for one in seen.mailbox.forwards) if seen else ()


def inside_domains(settings: Settings) -> tuple[str, ...]:
    """The organisation's mail domains, from all settings that name any."""
    named = [*settings.mailbox.inside, *settings.own_data.mail_domains]
    named += [domain for home in settings.homes for domain in home.mail_domains]
    named += [domain for system in settings.mailboxes for domain in system.domains]
    return tuple(dict.fromkeys(name.casefold().removeprefix("@") for name in named))


def one_after_another(*guards: Guard) -> Guard:
    """The first reason that any of them has."""

    def unfit(action: Action, account: Account, now: datetime) -> str | None:
        return next((reason for guard in guards if (reason := guard(action, account, now))), None)

    return unfit


def _mailbox(address: str) -> str:
    """Where it arrives: case does not count, nor what stands behind a plus (RFC 5233)."""
    local, _at, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
