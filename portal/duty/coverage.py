"""Tells of working hours ahead that nobody covers: each gap once, in one mail a day at most."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from portal.books import Books
from portal.duty.plan import Gap
from portal.duty.shifts import Shifts
from portal.duty.tables import gap_told
from portal.settings.duty import Shifts as Settings


class Coverage:
    """Looks once a day."""

    def __init__(
        self, books: Books, *, settings: Settings, to: tuple[str, ...], zone: ZoneInfo, shifts: Shifts
    ) -> None:
        self._books = books
        self._settings = settings
        self._to = to
        self._zone = zone
        self._shifts = shifts
        self._looked_on: date | None = None  # by this process; the table is what counts

    def run(self) -> None:
        """Together with the lines that say so: told once, whatever happens."""
        now = self._books.clock().astimezone(self._zone)
        if now.hour < self._settings.hour or self._looked_on == now.date():
            return
        with self._books.write() as tx:
            told = {(row.queue, row.starts, row.ends) for row in tx.execute(select(gap_told))}
            ahead = self._shifts.gaps(tx, self._settings.gap_days)
            fresh = [gap for gap in ahead if (gap.queue, gap.starts, gap.ends) not in told]
            for gap in fresh:
                tx.execute(insert(gap_told).values(queue=gap.queue, starts=gap.starts, ends=gap.ends))
            if fresh:
                values = {"gaps": [_as_text(gap) for gap in fresh]}
                for address in self._to:
                    content = {"to": address, "template": "coverage_gaps", "language": None, "values": values}
                    self._books.outbox.put(tx, "letter", content)
        self._looked_on = now.date()


def _as_text(gap: Gap) -> dict[str, str]:
    return {"queue": gap.queue, "starts": gap.starts.isoformat(), "ends": gap.ends.isoformat()}
