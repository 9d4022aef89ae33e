"""Tells people before their account or password ends: at set days, once each, and no more in a day than is allowed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, delete, func, insert, select

from audit.event import Event
from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import ListsAccounts
from connectors.errors import ConnectorError
from portal.books import Books
from portal.extending.foreseen import Foresight
from portal.identity import Principal
from portal.kept import Kept
from portal.settings.worker import Notices as NoticeSettings
from portal.tables import notice_sent, paused

DAY = timedelta(days=1)
AHEAD = (0, 1, 7, 30)
NAME = "notices"  # of what is paused
Kind = Literal["account", "password"]
Held = Literal["", "no_address", "ceiling", "paused"]
TEMPLATES: dict[Kind, str] = {"account": "account_ends", "password": "password_expires"}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One notice that is due: whom it is for, and which of the set days it stands for."""

    kind: Kind
    account: Account
    ends_on: date  # of a password: the day on which it expires
    mark: int  # the set day
    days_left: int
    held: Held = ""  # why it does not go out on that day


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A day's notices, the most urgent first, and the directories that could not be asked to the end."""

    lines: tuple[Planned, ...]
    silent: tuple[str, ...]
    count: int  # of all; `lines` may be the first of them
    made: datetime  # when the directories were asked


class Notices:
    """What a day missed, because nothing ran or the ceiling was reached, goes out on the next."""

    def __init__(
        self, books: Books, *, settings: NoticeSettings, zone: ZoneInfo, connectors: Connectors, kept: Kept
    ) -> None:
        self._books = books
        self._settings = settings
        self._zone = zone
        self._connectors = connectors
        self._kept = kept
        self._foresight = Foresight(Planned, books.database, books.keys, books.clock)
        self._done_on: date | None = None  # by this process; the table is what counts
        self._log = structlog.get_logger("notices")

    def plan(self, on: date) -> Plan:
        """Everybody who is to be told on that day and has not been, asked now; changes nothing."""
        lines, silent = self._found(on)
        return self._plan(on, lines, tuple(silent), len(lines), self._books.clock())

    def foresee(self, on: date) -> None:
        """Ask the directories, and keep what they say for whoever looks."""
        self._foresight.keep(on, *self._found(on))

    def foreseen(self, on: date) -> Plan | None:
        """The plan as the directories said it when they were asked last; None: they were not asked about that day."""
        seen = self._foresight.of(on)
        if seen is None:
            return None
        with self._books.read() as db:
            lines = self._untold(db, on, seen.lines)
        return self._plan(on, lines, seen.silent, seen.count - len(seen.lines) + len(lines), seen.made)

    def _found(self, on: date) -> tuple[list[Planned], list[str]]:
        """Those not yet told, the most urgent first, and the directories that did not answer."""
        found: list[Planned] = []
        silent: list[str] = []
        listing = dict(self._connectors.all_able_to(ListsAccounts))
        for name in self._connectors.homes:
            try:
                found += self._due(on, name, listing.get(name))
            except ConnectorError:
                silent.append(name)
        with self._books.read() as db:
            fresh = self._untold(db, on, found)
        fresh.sort(key=lambda one: (one.days_left, one.kind, one.account.name, one.account.id))
        return fresh, silent

    def _untold(self, db: Connection, on: date, lines: list[Planned]) -> list[Planned]:
        told = self._told(db, on)
        return [one for one in lines if told.get((one.kind, one.account.id, one.ends_on), one.mark + 1) > one.mark]

    def _plan(self, on: date, lines: list[Planned], silent: tuple[str, ...], count: int, made: datetime) -> Plan:
        """With what the ceiling, and an administrator, let go out of it."""
        with self._books.read() as db:
            room = self._settings.most_a_day - self._sent_on(db, on)
            is_paused = self._is_paused(db)
        held = tuple(_held(lines, room, is_paused=is_paused))
        return Plan(lines=held, silent=silent, count=count, made=made)

    def run(self) -> int:
        """Send today's, once the hour has come and as far as the ceiling allows; return how many were put out."""
        now = self._books.clock().astimezone(self._zone)
        today = now.date()
        if now.hour < self._settings.hour or self._done_on == today or self.paused_since():
            return 0
        plan = self.plan(today)
        sent = sum(self._send(one, today) for one in plan.lines if not one.held)
        if any(one.held == "ceiling" for one in plan.lines):
            self._log.warning("ceiling_reached", most=self._settings.most_a_day)
        if plan.silent:
            self._log.warning("not_all_told", silent=plan.silent)  # the next minute goes on where this one stopped
        else:
            self._done_on = today
            for days in AHEAD:  # what people will look at, so that they need not wait for it
                self.foresee(today + days * DAY)
        if sent:
            self._log.info("told", count=sent)
        return sent

    def sent(self, day: date, most: int) -> tuple[int, list[tuple[Kind, str, date]]]:
        """How many went out on that day; of the first of them what ends, whose it is, and when it ends."""
        n = notice_sent.c
        query = select(n.kind, n.account_id, n.ends_on).where(n.sent_on == day).order_by(n.ends_on, n.account_id)
        with self._books.read() as db:
            return self._sent_on(db, day), [tuple(row) for row in db.execute(query.limit(most))]

    def paused_since(self) -> datetime | None:
        """Since when an administrator lets none go out."""
        with self._books.read() as db:
            return db.execute(select(paused.c.since).where(paused.c.name == NAME)).scalar_one_or_none()

    def pause(self, actor: Principal, *, on: bool) -> None:
        """Let none go out, or let them go out again: what was missed goes out then."""
        with self._books.write() as tx:
            tx.execute(delete(paused).where(paused.c.name == NAME))
            if on:
                tx.execute(insert(paused).values(name=NAME, since=self._books.clock()))
            event = Event(
                kind="settings_changed",
                **actor.in_record,
                target=None,
                attribute=NAME,
                old="running" if on else "paused",
                new="paused" if on else "running",
            )
            self._books.log.record(tx, event, "success")

    def _due(self, on: date, name: str, directory: ListsAccounts | None) -> Iterator[Planned]:
        """What of one directory is due, whoever was told already. One that shows nobody: those who have signed in."""
        exact = on > self._books.clock().astimezone(self._zone).date()  # by then what was due before has gone out
        days: dict[Kind, tuple[int, ...]] = {
            "account": self._settings.account_days,
            "password": self._settings.password_days,
        }
        for kind, marks in days.items():
            if not marks:
                continue
            last = on + max(marks) * DAY
            for account in self._listed(kind, name, directory, on, last):
                ends_on = self._end(kind, account)
                if ends_on is None or not on <= ends_on <= last or account.state.disabled or account.state.ended:
                    continue
                left = (ends_on - on).days
                mark = min(day for day in marks if day >= left)
                if not exact or mark == left:
                    yield Planned(kind=kind, account=account, ends_on=ends_on, mark=mark, days_left=left)

    def _listed(
        self, kind: Kind, name: str, directory: ListsAccounts | None, first: date, last: date
    ) -> Iterator[Account]:
        if directory is None:
            yield from self._kept.of(name)
        elif kind == "account":
            yield from directory.ending(first, last)
        else:
            start, end = (datetime.combine(day, time(), self._zone).astimezone(UTC) for day in (first, last + DAY))
            yield from directory.passwords_expiring(start, end)

    def _end(self, kind: Kind, account: Account) -> date | None:
        expires = account.state.password_expires_at
        if kind == "account":
            return account.state.ends_on
        return expires.astimezone(self._zone).date() if expires else None

    def _send(self, one: Planned, today: date) -> int:
        """Together with the line that says so: told once, whatever happens."""
        with self._books.write() as tx:
            row = {"kind": one.kind, "account_id": one.account.id, "ends_on": one.ends_on, "mark": one.mark}
            fresh = self._books.database.insert(notice_sent).values(row | {"sent_on": today}).on_conflict_do_nothing()
            if tx.execute(fresh.returning(notice_sent.c.mark)).first() is None:
                return 0  # another worker was quicker
            values = {"until": one.ends_on.isoformat(), "days_left": one.days_left}
            content = {"account_id": one.account.id, "template": TEMPLATES[one.kind], "values": values}
            self._books.outbox.put(tx, "notice", content | {"at": self._books.clock().isoformat()})
        return 1

    def _told(self, db: Connection, on: date) -> dict[tuple[str, str, date], int]:
        """The smallest set day of each end from that day on of which somebody was told."""
        n = notice_sent.c
        query = select(n.kind, n.account_id, n.ends_on, func.min(n.mark)).where(n.ends_on >= on)
        rows = db.execute(query.group_by(n.kind, n.account_id, n.ends_on))
        return {(kind, account_id, ends_on): mark for kind, account_id, ends_on, mark in rows}

    def _sent_on(self, db: Connection, day: date) -> int:
        query = select(func.count()).select_from(notice_sent).where(notice_sent.c.sent_on == day)
        return int(db.execute(query).scalar_one())

    def _is_paused(self, db: Connection) -> bool:
        return db.execute(select(paused.c.since).where(paused.c.name == NAME)).first() is not None


def _held(due: list[Planned], room: int, *, is_paused: bool) -> Iterator[Planned]:
    """Each with the reason why it does not go out; only what goes out counts against the ceiling."""
    for one in due:
        if not (one.account.mail or one.account.recovery_mail):
            yield replace(one, held="no_address")
        elif is_paused or room <= 0:
            yield replace(one, held="paused" if is_paused else "ceiling")
        else:
            room -= 1
            yield one
