"""Somebody saw other people's data: that is on record too."""

from audit.event import Event
from connectors.account import Account
from portal.views import me, parts, source


def list_seen(what: str) -> None:
    """A list of people, by what it was a list of."""
    _record("people_listed", what, None)


def account_seen(account: Account, where: str) -> None:
    """One person's account; nothing to record where it is one's own."""
    if account.id != me().account_id:
        _record("account_viewed", where, account.id)


def _record(kind: str, what: str, target: str | None) -> None:
    actor = me()
    event = Event(
        kind=kind,
        actor=actor.account_id,
        target=target,
        session=actor.session,
        source=source(),
        factors=actor.factors,
        object=what,
    )
    with parts().database.write() as tx:
        parts().log.record(tx, event, "success")
