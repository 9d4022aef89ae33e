"""Asks sponsors again and again whether their people still need the account, and does not let silence be the answer."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from audit.event import SYSTEM, Event
from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import KnowsSponsors
from connectors.errors import ConnectorError
from portal.books import Books
from portal.duty.absences import Absences
from portal.duty.tables import review
from portal.extending.sponsors import Sponsors
from portal.identity import Principal
from portal.settings.duty import Reviews as Settings
from portal.tickets.counter import Counter
from portal.tickets.ticket import Wish

State = Literal["asked", "kept", "ends", "silent"]
ANSWERS: tuple[State, ...] = ("kept", "ends")


@dataclass(frozen=True, kw_only=True)
class Review:
    """One person a sponsor is asked about."""

    account_id: str
    name: str
    login: str
    sponsor: str  # the sponsor's login
    due: date
    state: State


class Reviews:
    """One pass a day; each account is asked about once in its months, however many workers there are."""

    def __init__(
        self,
        books: Books,
        *,
        settings: Settings,
        zone: ZoneInfo,
        connectors: Connectors,
        sponsors: Sponsors,
        absences: Absences,
        counter: Counter,
    ) -> None:
        self._books = books
        self._settings = settings
        self._zone = zone
        self._connectors = connectors
        self._sponsors = sponsors
        self._absences = absences
        self._counter = counter
        self._done_on: date | None = None  # by this process; the table is what counts
        self._log = structlog.get_logger("reviews")

    def run(self) -> None:
        """Ask, remind, and pass on what nobody has answered."""
        now = self._books.clock().astimezone(self._zone)
        if not self._settings.months or now.hour < self._settings.hour or self._done_on == now.date():
            return
        today = now.date()
        self._remind(today)
        self._pass_on(today)
        try:
            for _, directory in self._connectors.all_able_to(KnowsSponsors):
                self._ask(today, self._due(directory, today))
        except ConnectorError as error:
            self._log.warning("not_all_asked", error=type(error).__name__)
            return  # the next minute goes on where this one stopped
        self._done_on = today

    def of(self, db: Connection, account_id: str) -> list[Review]:
        """Whom this sponsor, or substitute of one who is away, is being asked about; those answered at the end."""
        mine = self._asked_of(db, account_id)
        open_since = select(func.min(review.c.asked)).where(*mine, review.c.state == "asked")
        query = select(review).where(*mine, review.c.asked >= open_since.scalar_subquery())
        found = [self._review(row) for row in db.execute(query)]
        return sorted(found, key=lambda one: (one.state != "asked", one.due, one.name, one.account_id))

    def answer(self, actor: Principal, account: Account, to: State) -> bool:
        """Note what the sponsor or the substitute says; False if it was answered, or passed on, already."""
        with self._books.write() as tx:
            mine = self._asked_of(tx, actor.account_id)
            asked = (*mine, review.c.account_id == account.id, review.c.state == "asked")
            if tx.execute(update(review).where(*asked).values(state=to, reminds=None)).rowcount != 1:
                return False
            self._record(tx, "review_answered", account.id, to, actor)
            if to == "ends" and account.state.ends_on is None:  # it has no end that could stand
                wish = self._wish(actor.account_id, actor.login, "review_no_need", [account.name], account.id)
                self._counter.open(tx, wish, actor=actor)
        return True

    def _asked_of(self, db: Connection, account_id: str) -> tuple[ColumnElement[bool], ...]:
        """What this person may answer today; nobody answers for himself."""
        sponsors = (account_id, *self._absences.stood_in_for(db, account_id))
        return (review.c.sponsor_id.in_(sponsors), review.c.account_id != account_id)

    def _due(self, directory: KnowsSponsors, today: date) -> dict[tuple[str, str], list[Account]]:
        """Those to be asked about today, by id and login of whom to ask; nobody: empty ones."""
        with self._books.read() as db:
            rows = db.execute(select(review.c.account_id, review.c.again, review.c.state))
            again = {row.account_id: date.max if row.state == "asked" else row.again for row in rows}
        found: dict[tuple[str, str], list[Account]] = defaultdict(list)
        for account in directory.sponsored_by(None):
            made = account.created_at.astimezone(self._zone).date() if account.created_at else date.min
            usual = self._later(made) if account.created_at else date.min
            if again.get(account.id, usual) <= today and self._is_for(account):
                sponsor = self._sponsors.sponsor_of(account)
                found[(sponsor.id, sponsor.login) if sponsor else ("", "")].append(account)
        return found

    def _is_for(self, account: Account) -> bool:
        kinds = self._settings.kinds
        return (not kinds or account.kind in kinds) and not account.state.ended and not account.state.disabled

    def _ask(self, today: date, found: Mapping[tuple[str, str], Sequence[Account]]) -> None:
        due = today + timedelta(days=self._settings.answer_days)
        for (sponsor_id, login), accounts in found.items():
            with self._books.write() as tx:
                fresh = [one for one in accounts if self._begin(tx, one, (sponsor_id, login), today, due)]
                if fresh and sponsor_id:
                    self._tell(tx, sponsor_id, len(fresh), due, again=False)
                elif fresh and self._settings.silence == "ticket":
                    names = [f"{one.name} ({one.login})" for one in fresh]
                    self._open(tx, self._wish(None, "", "review_no_sponsor", names, today.isoformat()))

    def _begin(self, tx: Connection, account: Account, sponsor: tuple[str, str], today: date, due: date) -> bool:
        sponsor_id, login = sponsor
        names = {"name": account.name, "login": account.login, "sponsor": login}
        row = {
            "account_id": account.id,
            "sponsor_id": sponsor_id,
            "names": self._books.keys.seal("review", names),
            "asked": today,
            "due": due,
            "reminds": today + (due - today) / 2 if sponsor_id else None,
            "again": self._later(today),
            "state": "asked" if sponsor_id else "silent",
        }
        insert = self._books.database.insert(review).values(row)
        older = (review.c.state != "asked") & (review.c.again <= today)
        begun = insert.on_conflict_do_update(index_elements=["account_id"], set_=row, where=older)
        if tx.execute(begun.returning(review.c.account_id)).first() is None:
            return False  # another worker was quicker
        self._record(tx, "review_asked", account.id, "")
        return True

    def _remind(self, today: date) -> None:
        for sponsor_id in self._sponsors_with(review.c.reminds <= today):
            with self._books.write() as tx:
                late = (review.c.sponsor_id == sponsor_id, review.c.state == "asked", review.c.reminds <= today)
                rows = tx.execute(update(review).where(*late).values(reminds=None).returning(review.c.due)).all()
                if rows:
                    self._tell(tx, sponsor_id, len(rows), min(row.due for row in rows), again=True)

    def _pass_on(self, today: date) -> None:
        """What the settings say of silence; it is on record either way."""
        for sponsor_id in self._sponsors_with(review.c.due < today):
            with self._books.write() as tx:
                late = (review.c.sponsor_id == sponsor_id, review.c.state == "asked", review.c.due < today)
                values = {"state": "silent", "reminds": None}
                rows = tx.execute(update(review).where(*late).values(values).returning(review)).all()
                for row in rows:
                    self._record(tx, "review_answered", row.account_id, "silent")
                if rows and self._settings.silence == "ticket":
                    people = [self._review(row) for row in rows]
                    names = [f"{one.name} ({one.login})" for one in people]
                    self._open(
                        tx, self._wish(sponsor_id, people[0].sponsor, "review_unanswered", names, today.isoformat())
                    )

    def _sponsors_with(self, which: Any) -> list[str]:
        with self._books.read() as db:
            query = select(review.c.sponsor_id).where(review.c.state == "asked", which).distinct()
            return list(db.execute(query).scalars())

    def _tell(self, tx: Connection, sponsor_id: str, count: int, due: date, *, again: bool) -> None:
        away = self._absences.now(tx, (sponsor_id,)).get(sponsor_id)
        values = {"count": count, "until": due.isoformat(), "again": again}
        content = {
            "account_id": away.substitute_id if away else sponsor_id,
            "template": "review_wanted",
            "values": values,
        }
        self._books.outbox.put(tx, "notice", content | {"at": self._books.clock().isoformat()})

    def _wish(self, sponsor_id: str | None, login: str, reason: str, names: Sequence[str], key: str) -> Wish:
        return Wish(
            requester_id=sponsor_id,
            claim=login or SYSTEM,
            action="anything_else",
            reason=reason,
            text="\n".join(names),
            key=f"{reason}/{sponsor_id or ''}/{key}",
        )

    def _open(self, tx: Connection, wish: Wish) -> None:
        self._counter.open(tx, wish, actor=Principal(account_id=SYSTEM, login=SYSTEM, name=""))

    def _record(self, tx: Connection, kind: str, target: str, reason: str, actor: Principal | None = None) -> None:
        event = Event(
            kind=kind,
            actor=actor.account_id if actor else SYSTEM,
            target=target,
            session=actor.session if actor else "",
            source=actor.source if actor else "",
            factors=actor.factors if actor else (),
        )
        self._books.log.record(tx, event, "success", reason)

    def _later(self, day: date) -> date:
        """So many months later; a day the month lacks is its last one."""
        months = day.month - 1 + self._settings.months
        year, month = day.year + months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))

    def _review(self, row: Row[Any]) -> Review:
        names = self._books.keys.open("review", row.names)
        return Review(account_id=row.account_id, due=row.due, state=row.state, **names)
