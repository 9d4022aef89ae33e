"""One attempt at an action, with its errands in other systems, and how the record names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from audit.event import Event
from connectors.account import Account
from portal.action import Action
from portal.identity import Principal


@dataclass(frozen=True, kw_only=True)
class Errand:
    """The same wish for the person's account in another system; without that account, `fault` says why."""

    system: str
    account: Account | None = None
    fault: str = ""
    detail: str = ""
    attempt: str = ""

    def begun(self, attempt: str) -> Self:
        return replace(self, attempt=attempt)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What the desk is carrying out. `account` is as it was before."""

    id: str
    actor: Principal
    action: Action
    account: Account
    ticket: int | None = None  # people have agreed to it there
    errands: tuple[Errand, ...] = ()
    numbers: Sequence[str] = ()  # of the requests to the other system, in its words; grows while they are made

    def event(self, *, ticket: int | None = None) -> Event:
        return event_of(self.actor, self.action, self.account, ticket=ticket or self.ticket, numbers=self.numbers)


def event_of(
    actor: Principal,
    action: Action,
    account: Account | None,
    *,
    ticket: int | None = None,
    numbers: Sequence[str] = (),
) -> Event:
    """The event of an action; `account` is as it was before, None where it could not be read."""
    factor = getattr(action, "factor", None)
    number = ticket or (actor.caller.ticket if actor.caller else None)
    old, new = action.change(account) if account else ("", "")
    return Event(
        kind=action.kind,
        actor=actor.account_id,
        target=action.account_id,
        ticket=str(number) if number else None,
        session=actor.session,
        source=actor.source,
        factors=(factor,) if factor else actor.factors,
        reason=getattr(action, "reason", ""),
        attribute=action.attribute,
        old=old,
        new=new,
        disclose=told_of(numbers),
    )


def told_of(numbers: Sequence[str]) -> Mapping[str, str]:
    """How the record holds the numbers of requests."""
    return {"requests": " ".join(numbers)} if numbers else {}
