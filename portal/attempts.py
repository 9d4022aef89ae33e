"""How the record names what somebody attempts."""

from audit.event import Event
from connectors.account import Account
from portal.action import Action
from portal.identity import Principal


def event_of(actor: Principal, action: Action, account: Account | None, *, ticket: int | None = None) -> Event:
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
    )
