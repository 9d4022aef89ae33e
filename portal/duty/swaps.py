"""Somebody asks a colleague to take a turn, perhaps for one of theirs. It counts once the colleague has agreed."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from portal.books import Books
from portal.duty.plan import Turn
from portal.duty.shifts import Shifts
from portal.duty.tables import shift_swap
from portal.identity import Principal

State = Literal["asked", "agreed", "declined", "withdrawn"]


class SwapPast(Exception):
    """It was answered or withdrawn already, or the turns are no longer those it was about."""


@dataclass(frozen=True, kw_only=True)
class Swap:
    """One question that waits for its answer."""

    id: str
    asker_id: str
    asker: str
    asked_id: str
    asked: str
    turn: Turn
    back: Turn | None  # what the asker takes in return


class Swaps:
    """Questions among colleagues; each is answered once, whoever clicks twice."""

    def __init__(self, books: Books, *, shifts: Shifts) -> None:
        self._books = books
        self._shifts = shifts

    def ask(self, actor: Principal, turn: Turn, colleague: tuple[str, str], back: Turn | None) -> None:
        """Ask for one's own turn; a question about the same turn that waits already is withdrawn."""
        asked_id, asked = colleague
        if turn.account_id != actor.account_id or asked_id == actor.account_id or turn.ends <= self._books.clock():
            raise SwapPast
        key = f"{turn.shift}/{turn.day}"
        row = {
            "id": uuid4().hex,
            "shift": turn.shift,
            "day": turn.day,
            "asker_id": actor.account_id,
            "asked_id": asked_id,
            "names": self._books.keys.seal("shift", {"asker": actor.name, "asked": asked}),
            "back_shift": back.shift if back else None,
            "back_day": back.day if back else None,
            "open_key": key,
            "state": "asked",
            "asked": self._books.clock(),
        }
        with self._books.write() as tx:
            same = update(shift_swap).where(shift_swap.c.open_key == key)
            tx.execute(same.values(state="withdrawn", open_key=None))
            tx.execute(insert(shift_swap).values(row))
            self._shifts.record(tx, actor, "shift_swap_asked", asked_id, f"{turn.queue} on {turn.day}")
            self._shifts.tell(tx, asked_id, "asked", turn, actor.name, back)

    def waiting(self, db: Connection, account_id: str) -> list[Swap]:
        """Questions this person has asked or was asked, whose turns are still to come and still whose they were."""
        mine = (shift_swap.c.asker_id == account_id) | (shift_swap.c.asked_id == account_id)
        rows = db.execute(select(shift_swap).where(mine, shift_swap.c.state == "asked").order_by(shift_swap.c.day))
        return [swap for row in rows if (swap := self._swap(db, row))]

    def answer(self, actor: Principal, swap_id: str, to: State) -> None:
        """Agree or decline as the one who was asked, withdraw as the one who asked. Raises SwapPast."""
        who = shift_swap.c.asker_id if to == "withdrawn" else shift_swap.c.asked_id
        mine = (shift_swap.c.id == swap_id, who == actor.account_id, shift_swap.c.state == "asked")
        with self._books.write() as tx:
            row = tx.execute(select(shift_swap).where(*mine)).first()
            moved = tx.execute(update(shift_swap).where(*mine).values(state=to, open_key=None))
            swap = self._swap(tx, row) if row and moved.rowcount == 1 else None
            if swap is None:
                raise SwapPast
            if to == "agreed":
                self._shifts.change(tx, swap.turn, swap.asked_id, swap.asked)
                if swap.back:
                    self._shifts.change(tx, swap.back, swap.asker_id, swap.asker)
            if to != "withdrawn":
                self._shifts.tell(tx, swap.asker_id, to, swap.turn, swap.asked, swap.back)
            self._shifts.record(tx, actor, f"shift_swap_{to}", swap.asker_id, f"{swap.turn.queue} on {swap.turn.day}")

    def _swap(self, db: Connection, row: Row[Any]) -> Swap | None:
        turn = self._coming(db, row.shift, row.day, row.asker_id)
        back = self._coming(db, row.back_shift, row.back_day, row.asked_id) if row.back_shift else None
        if turn is None or (row.back_shift and back is None):
            return None
        names = self._books.keys.open("shift", row.names)
        return Swap(id=row.id, asker_id=row.asker_id, asked_id=row.asked_id, turn=turn, back=back, **names)

    def _coming(self, db: Connection, shift: int, day: date, account_id: str) -> Turn | None:
        turn = self._shifts.turn(db, shift, day)
        return turn if turn and turn.account_id == account_id and turn.ends > self._books.clock() else None
