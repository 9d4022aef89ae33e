"""What is under way outside: one row from the intent to the outcome, so that a crash in between can be settled."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, update

from audit.event import Outcome
from audit.statements import Statement
from connectors.account import Account
from portal.action import Action
from portal.identity import Principal
from portal.tables import operation

_BEGIN = Statement(insert(operation))
_CLOSE = Statement(
    update(operation)
    .where(operation.c.id == bindparam("which"), operation.c.closed.is_(None))
    .values(closed=bindparam("now"), outcome=bindparam("how"), reason=bindparam("why"))
)


def begin_operation(
    tx: Connection, attempt: str, actor: Principal, action: Action, account: Account, now: datetime
) -> None:
    """Write down what is about to be done, and how the account stands before."""
    row = {
        "id": attempt,
        "action": action.name,
        "actor_id": actor.account_id,
        "account_id": account.id,
        "details": action.details(),
        "before": account.state.facts(),
        "source": actor.source,
        "session": actor.session,
        "started": now,
        "closed": None,
        "outcome": None,
        "reason": None,
    }
    _BEGIN.run(tx, row)


def close_operation(tx: Connection, attempt: str, outcome: Outcome, reason: str, now: datetime) -> bool:
    """Close an operation exactly once: False if the recovery, or the request itself, has closed it before."""
    return _CLOSE.run(tx, {"which": attempt, "now": now, "how": outcome, "why": reason}) == 1
