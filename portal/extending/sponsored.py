"""What somebody has lately extended for others, so that it can be taken back for a while."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from portal.actions.extend_account import ExtendAccount
from portal.actions.take_back_extension import TakeBackExtension
from portal.tables import operation

MOST = 500


@dataclass(frozen=True, kw_only=True)
class Extended:
    """One extension that was carried out."""

    attempt: str
    account_id: str
    old: date
    new: date
    at: datetime

    def taken_back(self) -> TakeBackExtension:
        """The action that undoes it."""
        return TakeBackExtension(account_id=self.account_id, extension=self.attempt, ends_on=self.new, until=self.old)


def lately(db: Connection, actor_id: str, since: datetime) -> list[Extended]:
    """What this person has extended for others since then and not taken back, the newest first."""
    query = (
        select(operation)
        .where(operation.c.actor_id == actor_id, operation.c.started >= since, operation.c.outcome == "success")
        .where(operation.c.action.in_((ExtendAccount.name, TakeBackExtension.name)))
        .order_by(operation.c.started.desc())
        .limit(MOST)
    )
    rows = db.execute(query).all()
    undone = {row.details["extension"] for row in rows if row.action == TakeBackExtension.name}
    return [
        Extended(
            attempt=row.id,
            account_id=row.account_id,
            old=date.fromisoformat(row.before["ends_on"]),
            new=date.fromisoformat(row.details["until"]),
            at=row.started,
        )
        for row in rows
        if row.action == ExtendAccount.name and row.account_id != actor_id and row.id not in undone
    ]
