"""What follows from an action that was carried out, in the same transaction as its outcome."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from connectors.account import Account
from portal import sessions, walks
from portal.action import Action
from portal.identity import Principal
from portal.outbox import Outbox


class Consequences:
    """Ends what must not outlive the action, and tells the owner at all addresses."""

    def __init__(self, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._clock = clock

    def __call__(
        self, tx: Connection, actor: Principal, action: Action | type[Action], account: Account, attempt: str
    ) -> None:
        now = self._clock()
        if action.ends_sessions:
            sessions.end_all(tx, account.id, keep=actor.session)
            walks.close_all(tx, account.id, now)
        if action.notice:
            values = {
                "source": actor.source,
                "factor": getattr(action, "factor", ""),
                "was_locked": account.state.locked_at is not None,
            }
            content = {
                "language": actor.language,
                "account_id": account.id,
                "template": action.notice,
                "values": values,
                "at": now.isoformat(),
                "attempt": attempt,
            }
            self._outbox.put(tx, "notice", content)
