"""Tells people before their account ends: at set days, once each, and never more in a day than the ceiling allows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, func, insert, select

from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import ListsAccounts
from connectors.errors import ConnectorError
from portal.database import Database
from portal.outbox import Outbox
from portal.settings_worker import Notices as NoticeSettings
from portal.tables import notice_sent


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One notice that is due: whom it is for, and which of the set days it stands for."""

    account: Account
    ends_on: date
    mark: int  # the set day
    days_left: int
    addressed: bool  # has the directory an address at all?


class Notices:
    """A day's notices, the most urgent first. What a day missed, because nothing ran, goes out on the next."""

    def __init__(
        self,
        *,
        settings: NoticeSettings,
        zone: ZoneInfo,
        database: Database,
        connectors: Connectors,
        outbox: Outbox,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._database = database
        self._connectors = connectors
        self._outbox = outbox
        self._clock = clock
        self._done_on: date | None = None  # by this process; the table is what counts
        self._log = structlog.get_logger("notices")

    def planned(self, on: date) -> Iterator[Planned]:
        """Everybody who is to be told on that day and has not been; changes nothing. Raises what directories raise."""
        if not self._settings.account_days:
            return
        for days_left in range(max(self._settings.account_days) + 1):
            ends_on = on + timedelta(days=days_left)
            mark = min(day for day in self._settings.account_days if day >= days_left)
            for _, directory in self._connectors.all_able_to(ListsAccounts):
                for account in directory.ending(ends_on, ends_on):
                    if not self._sent(account.id, ends_on, mark) and not account.state.disabled:
                        yield Planned(
                            account=account,
                            ends_on=ends_on,
                            mark=mark,
                            days_left=days_left,
                            addressed=bool(account.mail or account.recovery_mail),
                        )

    def run(self) -> int:
        """Send today's, once the hour has come and as far as the ceiling allows; return how many were put out."""
        now = self._clock().astimezone(self._zone)
        if now.hour < self._settings.hour or self._done_on == now.date():
            return 0
        with self._database.read() as db:
            room = self._settings.most_a_day - self._sent_on(db, now.date())
        sent = 0
        try:
            for one in self.planned(now.date()):
                if not one.addressed:
                    continue
                if sent >= room:
                    self._log.warning("ceiling_reached", most=self._settings.most_a_day)
                    break
                sent += self._send(one, now.date())
        except ConnectorError as error:
            self._log.warning("not_all_told", error=type(error).__name__)
            return sent  # the next minute goes on where this one stopped
        self._done_on = now.date()
        if sent:
            self._log.info("told", count=sent)
        return sent

    def _send(self, one: Planned, today: date) -> int:
        """Together with the line that says so: told once, whatever happens."""
        with self._database.write() as tx:
            if self._known(tx, one.account.id, one.ends_on, one.mark):
                return 0
            row = {"account_id": one.account.id, "ends_on": one.ends_on, "mark": one.mark, "sent_on": today}
            tx.execute(insert(notice_sent).values(row))
            values = {"until": one.ends_on.isoformat(), "days_left": one.days_left}
            content = {"account_id": one.account.id, "template": "account_ends", "values": values}
            self._outbox.put(tx, "notice", content | {"at": self._clock().isoformat()})
        return 1

    def _sent(self, account_id: str, ends_on: date, mark: int) -> bool:
        with self._database.read() as db:
            return self._known(db, account_id, ends_on, mark)

    def _known(self, db: Connection, account_id: str, ends_on: date, mark: int) -> bool:
        same = (
            notice_sent.c.account_id == account_id,
            notice_sent.c.ends_on == ends_on,
            notice_sent.c.mark <= mark,
        )
        return db.execute(select(notice_sent.c.mark).where(*same).limit(1)).first() is not None

    def _sent_on(self, db: Connection, day: date) -> int:
        query = select(func.count()).select_from(notice_sent).where(notice_sent.c.sent_on == day)
        return int(db.execute(query).scalar_one())
