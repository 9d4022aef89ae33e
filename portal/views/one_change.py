"""One new password for one walk, however many forms are sent at the same time."""

import time

from sqlalchemy import select

from connectors.account import Account
from portal.actions.reset_password import ResetPassword
from portal.identity import Principal
from portal.results import Done, Failed, Result, Unsure
from portal.sign_in.walks import GLANCE, Walk
from portal.tables import operation
from portal.views import parts

LOOKS = 100  # glances at what becomes of the first of two forms


def reset(walk: Walk, actor: Principal, account: Account, new: str) -> Result | None:
    """Take the walk, then change the password. A second form shows what became of the first; None: nobody knows yet."""
    taken = parts().walks.take(walk.id)
    if taken is None:
        return _done_before(walk, account)
    result: Result | None = None
    try:
        result = parts().desk.submit(actor, ResetPassword(account_id=account.id, new_password=new), account)
    finally:
        if result is None or isinstance(result, Failed | Unsure):
            parts().walks.give_back(walk.id, taken)
    return result


def _done_before(walk: Walk, account: Account) -> Done | None:
    first = select(operation.c.id, operation.c.outcome).where(
        operation.c.account_id == account.id,
        operation.c.session == walk.id,
        operation.c.action == ResetPassword.name,
        operation.c.outcome == "success",
    )
    for _glance in range(LOOKS):
        with parts().database.read() as db:
            row = db.execute(first).first()
            if row:
                return Done(attempt=row.id, account=account, systems=parts().elsewhere.told(db, row.id))
        time.sleep(GLANCE)
    return None
