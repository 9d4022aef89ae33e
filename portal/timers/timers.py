"""Keeps what is to be done at a set moment: at most one end, and one beginning, of the same thing."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from audit.statements import Statement
from portal.action import Action
from portal.actions import ACTIONS
from portal.jobs import going_on
from portal.keys import Keys
from portal.timers.tables import timer

AT_ONCE = 200  # carried out in one go, once a minute
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)

_DROP_HELD = Statement(delete(timer).where(timer.c.account_id == bindparam("whose"), timer.c.held))


@dataclass(frozen=True, kw_only=True)
class Timer:
    """One action of the portal's own, and when."""

    key: str
    action: Action
    language: str | None
    held: bool
    due: datetime
    next: datetime
    tries: int


class Timers:
    def __init__(self, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock

    def follow(
        self,
        tx: Connection,
        account_id: str,
        action: Action | type[Action],
        details: Mapping[str, Any],
        language: str | None,
    ) -> None:
        """Something was done: set its end if it has one; and what was set for the same thing before is past."""
        undoing = action.undoing(details)
        if undoing and (ends := action.ends_at(details)):
            self._set(tx, account_id, undoing, undoing, ends, language, held=False)
        elif undoing:
            self._drop(tx, self._key(account_id, undoing, held=False))
        elif action.takes_away:
            for held in (False, True):
                self._drop(tx, self._key(account_id, (action.name, details), held=held))

    def hold(self, tx: Connection, action: Action, due: datetime, language: str | None) -> None:
        """Let an action wait that can be undone."""
        details = action.details()
        undoing = action.undoing(details)
        if undoing is None:
            raise ValueError(f"{action.name} cannot be stopped, so it cannot wait")
        self._set(tx, action.account_id, undoing, (action.name, details), due, language, held=True)

    def promise(self, tx: Connection, name: str, action: Action, due: datetime, language: str | None) -> None:
        """Let this be done, unless it is told before that all went well (`keep`)."""
        deed = (action.name, action.details())
        self._set(tx, action.account_id, (f"promise/{name}", {}), deed, due, language, held=False)

    def keep(self, tx: Connection, account_id: str, name: str) -> None:
        """What was promised by this name is not done."""
        self._drop(tx, self._key(account_id, (f"promise/{name}", {}), held=False))

    def drop_held(self, tx: Connection, account_id: str) -> None:
        """Nothing that waits begins any more: a new password, or 'it was not me'."""
        _DROP_HELD.run(tx, {"whose": account_id})

    def of(self, db: Connection, account_id: str) -> list[Timer]:
        """What is to come for an account, the next first."""
        query = select(timer).where(timer.c.account_id == account_id)
        return self._timers(db.execute(query.order_by(timer.c.due)))

    def due(self, db: Connection) -> list[Timer]:
        query = select(timer).where(timer.c.next <= self._clock()).order_by(timer.c.next).limit(AT_ONCE)
        return self._timers(db.execute(query))

    def take(self, tx: Connection, one: Timer) -> bool:
        """Begin; False if another worker was quicker, or it was stopped. Tried again after a growing pause."""
        pause = min(FIRST_PAUSE * 2 ** min(one.tries, 10), LONGEST_PAUSE)
        seen = (timer.c.key == one.key, timer.c.next == one.next)
        later = update(timer).where(*seen).values(next=self._clock() + pause, tries=one.tries + 1)
        return tx.execute(later).rowcount == 1

    def close(self, tx: Connection, one: Timer) -> bool:
        """It is over; False if somebody stopped it meanwhile."""
        return self._drop(tx, one.key)

    def _set(
        self,
        tx: Connection,
        account_id: str,
        thing: tuple[str, Mapping[str, Any]],
        deed: tuple[str, Mapping[str, Any]],
        due: datetime,
        language: str | None,
        *,
        held: bool,
    ) -> None:
        key = self._key(account_id, thing, held=held)
        self._drop(tx, key)
        name, details = deed
        content = self._keys.seal("timer", {"details": dict(details), "language": language})
        row = {"key": key, "account_id": account_id, "action": name, "content": content, "held": held}
        tx.execute(insert(timer).values(row | {"due": due, "next": due, "tries": 0}))

    def _drop(self, tx: Connection, key: str) -> bool:
        return tx.execute(delete(timer).where(timer.c.key == key)).rowcount == 1

    def _key(self, account_id: str, thing: tuple[str, Mapping[str, Any]], *, held: bool) -> str:
        name, details = thing
        whose = "" if name in ACTIONS and ACTIONS[name].joint else account_id
        about = json.dumps([whose, name, held, dict(details)], sort_keys=True, ensure_ascii=False)
        return self._keys.digest("timer", about.casefold())  # addresses are the same in capitals

    def _timers(self, rows: Iterable[Row[Any]]) -> list[Timer]:
        """One that this version does not understand is left as it is."""
        found: list[Timer] = []
        for row in rows:
            with going_on("timer", action=row.action):
                found.append(self._timer(row))
        return found

    def _timer(self, row: Row[Any]) -> Timer:
        content = self._keys.open("timer", row.content)
        action = ACTIONS[row.action].from_details(row.account_id, content["details"])
        return Timer(
            key=row.key,
            action=action,
            language=content["language"],
            held=row.held,
            due=row.due,
            next=row.next,
            tries=row.tries,
        )
