"""Several changes that belong together, such as those of a holiday: all of them, or none that stays.

Each goes through the desk, with a record of its own. When one is not done, those before it are taken back at once, in
reverse. What takes a change back is written down before the change is made: if this process dies, or taking back fails,
the worker does it a few minutes later, tries again, and in the end opens a ticket.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex

from connectors.account import Account
from portal.action import Action
from portal.database import Database
from portal.desk import Desk
from portal.identity import SYSTEM, Principal
from portal.results import Done, Result, Unsure
from portal.timers.timers import Timers


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change. Those with nothing that takes them back come last."""

    action: Action
    back: Action | None = None
    later: Action | None = None  # in place of `back`, where that holds what may not be written down


class State(StrEnum):
    DONE = "done"
    BACK = "back"  # done, and taken back
    OPEN = "open"  # not known, or not taken back yet: the worker is at it
    NOT = "not"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one step."""

    step: Step
    state: State
    result: Result | None = None  # None: it was not begun


class Kits:
    """`grace`: how long the changes of one request may take, until nobody is at them any more."""

    def __init__(
        self, *, desk: Desk, database: Database, timers: Timers, grace: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._database = database
        self._timers = timers
        self._grace = grace
        self._clock = clock

    def carry_out(self, actor: Principal, steps: Sequence[Step], account: Account) -> list[Taken]:
        """In this order, until one is not done."""
        mark, taken = token_hex(8), list[Taken]()
        for step in steps:
            self._promise(mark, step, len(steps), actor)
            result = self._desk.submit(actor, step.action, account)
            if not isinstance(result, Done):
                state = State.OPEN if isinstance(result, Unsure) else State.NOT
                if state is State.NOT:
                    self._settle(mark, [step])
                back = self._take_back(mark, taken, account, actor)
                begun = [*back, Taken(step=step, state=state, result=result)]
                return [*begun, *(Taken(step=left, state=State.NOT) for left in steps[len(begun) :])]
            taken.append(Taken(step=step, state=State.DONE, result=result))
        self._settle(mark, steps)
        return taken

    def _take_back(self, mark: str, done: Sequence[Taken], account: Account, actor: Principal) -> list[Taken]:
        """As the portal: whoever asked might not be let undo it."""
        system = Principal(account_id=SYSTEM, login=SYSTEM, name="", language=actor.language)
        told: list[Taken] = []
        for one in reversed(done):
            result = self._desk.submit(system, one.step.back, account) if one.step.back else None
            if isinstance(result, Done):
                self._settle(mark, [one.step])
            told.append(replace(one, state=State.BACK if isinstance(result, Done) else State.OPEN))
        return told[::-1]

    def _promise(self, mark: str, step: Step, count: int, actor: Principal) -> None:
        if deed := step.later or step.back:
            due = self._clock() + 2 * count * self._grace
            with self._database.write() as tx:
                self._timers.promise(tx, _name(mark, step), deed, due, actor.language)

    def _settle(self, mark: str, steps: Sequence[Step]) -> None:
        """Nothing is to be taken back any more."""
        with self._database.write() as tx:
            for step in steps:
                if step.later or step.back:
                    self._timers.keep(tx, step.action.account_id, _name(mark, step))


def _name(mark: str, step: Step) -> str:
    return f"{mark}/{step.action.name}"
