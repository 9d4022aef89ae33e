"""The check of a caller: begun by one coordinator, in one ticket, for one person; every step of it is on record."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from audit.event import Event, Outcome
from connectors.account import Account
from portal.books import Books
from portal.callers.alarms import alarms_of, failures_of
from portal.callers.scoring import Standing, has_rank, standing
from portal.callers.tables import FAILED, OPEN, caller_check
from portal.identity import STAFF, Evidence, Principal
from portal.settings.callers import CallerCheck
from portal.tickets.counter import Counter, NotAllowed
from portal.tickets.store import Tickets
from portal.tickets.ticket import Ticket, Wish

MOST_TRIES = 5  # of one code
SENIOR = frozenset({"tier2", "supervisor"})
BY_STAFF = ("call_back", "id_seen", "questions")  # what somebody of the service desk vouches for


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check as it stands."""

    id: str
    ticket: int
    account_id: str
    staff_id: str
    names: Mapping[str, str]
    state: str
    given: Mapping[str, datetime]  # proof -> when
    pressure: bool
    manager_id: str | None
    second_id: str | None
    code_sent: bool
    ends: datetime


class CallerChecks:
    def __init__(
        self,
        books: Books,
        *,
        settings: CallerCheck,
        roles: Mapping[Any, tuple[str, ...]],
        tickets: Tickets,
        counter: Counter,
    ) -> None:
        self._books = books
        self.settings = settings
        self._roles = roles
        self._tickets = tickets
        self._counter = counter

    def current(self, db: Connection, ticket: int) -> Check | None:
        """The check of this ticket that has not run out, failed or not; the newest, if there are several."""
        query = select(caller_check).where(caller_check.c.ticket == ticket, caller_check.c.ends > self._books.clock())
        row = db.execute(query.order_by(caller_check.c.begun.desc()).limit(1)).first()
        return self._check(row) if row else None

    def get(self, db: Connection, check_id: str) -> Check | None:
        """A check that has not run out and has not failed."""
        works = (caller_check.c.id == check_id, caller_check.c.state == OPEN, caller_check.c.ends > self._books.clock())
        row = db.execute(select(caller_check).where(*works)).first()
        return self._check(row) if row else None

    def begin(self, actor: Principal, ticket: Ticket, account: Account) -> Check:
        """Begin anew; raise NotAllowed for one's own, too many, or too soon after somebody failed as this person."""
        now = self._books.clock()
        with self._books.write() as tx:
            self._may_begin(tx, actor, account, now)
            row = {
                "id": secrets.token_hex(16),
                "ticket": ticket.number,
                "account_id": account.id,
                "staff_id": actor.account_id,
                "names": self._books.keys.seal("caller-check", {"staff": actor.name}),
                "state": OPEN,
                "proofs": [],
                "pressure": False,
                "begun": now,
                "ends": now + timedelta(minutes=self.settings.minutes),
            }
            earlier = (caller_check.c.ticket == ticket.number, caller_check.c.ends > now)
            tx.execute(update(caller_check).where(*earlier).values(ends=now))
            tx.execute(insert(caller_check).values(row))
            self._record(tx, actor, account.id, ticket.number, "check_begun")
            return self._check(tx.execute(select(caller_check).where(caller_check.c.id == row["id"])).one())

    def give(self, actor: Principal, check_id: str, proof: str) -> bool:
        """Whoever checks has seen or heard it himself; False if that is not for him to say, or counts for nothing."""
        with self._books.write() as tx:
            check = self._mine(tx, actor, check_id)
            if check is None or proof not in BY_STAFF or not self.settings.points.get(proof):  # type: ignore[call-overload]
                return False
            self._add(tx, actor, check, proof)
            return True

    def press(self, actor: Principal, check_id: str) -> None:
        """The caller presses for an exception: that makes it take more."""
        with self._books.write() as tx:
            if check := self._mine(tx, actor, check_id):
                self._set(tx, check, pressure=True)
                self._record(tx, actor, check.account_id, check.ticket, "caller_presses")

    def send_code(self, actor: Principal, check_id: str) -> None:
        """Mail a code that the caller is to read aloud; it makes the one before worthless."""
        with self._books.write() as tx:
            if check := self._mine(tx, actor, check_id):
                self._set(tx, check, code_digest=None, code_tries=0)
                self._books.outbox.put(tx, "caller_code", {"check_id": check.id})
                self._record(tx, actor, check.account_id, check.ticket, "code_sent")

    def arm(self, tx: Connection, check_id: str, code: str) -> Check | None:
        """Let this code be right from now on; None if the check is over."""
        check = self.get(tx, check_id)
        if check:
            self._set(tx, check, code_digest=self._digest(check_id, code), code_tries=0)
        return check

    def hear_code(self, actor: Principal, check_id: str, code: str) -> bool:
        """What the caller read aloud; a code works once and for a few tries."""
        typed = "".join(c for c in code if c.isdigit())
        with self._books.write() as tx:
            check = self._mine(tx, actor, check_id)
            if check is None:
                return False
            tries = caller_check.c.code_tries
            here, left = caller_check.c.id == check_id, tries < MOST_TRIES
            counted = tx.execute(update(caller_check).where(here, left).values(code_tries=tries + 1)).rowcount
            right = (here, caller_check.c.code_digest == self._digest(check_id, typed))
            if not counted or not tx.execute(update(caller_check).where(*right).values(code_digest=None)).rowcount:
                self._record(tx, actor, check.account_id, check.ticket, "wrong_code", outcome="failure")
                return False
            self._add(tx, actor, check, "mailed_code")
            return True

    def ask_manager(self, actor: Principal, check_id: str, manager: Account) -> None:
        """Ask whoever answers for the person, who says it with a sign-in of their own; never whoever checks himself."""
        with self._books.write() as tx:
            if (check := self._mine(tx, actor, check_id)) and manager.id != check.staff_id:
                names = self._books.keys.seal("caller-check", {**check.names, "manager": manager.name})
                self._set(tx, check, manager_id=manager.id, names=names)
                self._books.outbox.put(tx, "vouch", {"check_id": check.id})
                self._record(tx, actor, check.account_id, check.ticket, "manager_asked")

    def vouch(self, actor: Principal, check: Check, *, it_is: bool) -> None:
        """The manager says whether it is they; a no ends the check as failed."""
        with self._books.write() as tx:
            fresh = self.get(tx, check.id)
            if fresh is None or fresh.manager_id != actor.account_id:
                raise NotAllowed("not_yours_to_decide")
            if it_is:
                self._add(tx, actor, fresh, "manager")
            else:
                self._fail(tx, actor, fresh, "manager_says_no")

    def second(self, actor: Principal, check: Check) -> None:
        """Somebody of tier 2, and not whoever checks, agrees that something is done for a person with a role."""
        with self._books.write() as tx:
            fresh = self.get(tx, check.id)
            if fresh is None or not actor.roles & SENIOR or actor.account_id in (fresh.staff_id, fresh.account_id):
                raise NotAllowed("not_yours_to_decide")
            names = self._books.keys.seal("caller-check", {**fresh.names, "second": actor.name})
            self._set(tx, fresh, second_id=actor.account_id, names=names)
            self._record(tx, actor, fresh.account_id, fresh.ticket, "seconded")

    def fail(self, actor: Principal, check_id: str) -> None:
        """It is not they, or it cannot be said: nothing is done."""
        with self._books.write() as tx:
            if check := self._mine(tx, actor, check_id):
                self._fail(tx, actor, check, "not_convincing")

    def standing(self, db: Connection, check: Check, account: Account) -> Standing:
        """What it comes to now."""
        alarms = alarms_of(db, self._books.log, self.settings, account.id, self._books.clock())
        alarms += ["pressure"] if check.pressure else []
        ranked = has_rank(account, self._roles)
        return standing(self.settings, check.given, alarms, ranked=ranked, seconded=check.second_id is not None)

    def evidence(self, actor: Principal, ticket: int, account: Account) -> Evidence | None:
        """What this coordinator may rely on, in this ticket, for this account, now."""
        with self._books.read() as db:
            check = self.current(db, ticket)
            if check is None or check.state != OPEN:
                return None
            if check.staff_id != actor.account_id or check.account_id != account.id:
                return None
            return self.standing(db, check, account).evidence(account.id, ticket, check.ends)

    def _may_begin(self, tx: Connection, actor: Principal, account: Account, now: datetime) -> None:
        if not actor.roles & STAFF or actor.account_id == account.id:
            raise NotAllowed("not_staff")
        mine = (caller_check.c.staff_id == actor.account_id, caller_check.c.begun > now - timedelta(days=1))
        begun = tx.execute(select(func.count()).select_from(caller_check).where(*mine)).scalar_one()
        if begun >= self.settings.most_a_day:
            raise NotAllowed("caller_checks_spent")
        pause = now - timedelta(minutes=self.settings.failed_minutes)
        failed = (caller_check.c.account_id == account.id, caller_check.c.state == FAILED, caller_check.c.begun > pause)
        if not actor.roles & SENIOR and tx.execute(select(caller_check.c.id).where(*failed).limit(1)).first():
            raise NotAllowed("caller_failed")

    def _mine(self, tx: Connection, actor: Principal, check_id: str) -> Check | None:
        check = self.get(tx, check_id)
        return check if check and check.staff_id == actor.account_id and actor.roles & STAFF else None

    def _add(self, tx: Connection, actor: Principal, check: Check, proof: str) -> None:
        row = tx.execute(select(caller_check.c.proofs).where(caller_check.c.id == check.id).with_for_update()).one()
        if proof in (one["proof"] for one in row.proofs):
            return
        proofs = [*row.proofs, {"proof": proof, "at": self._books.clock().isoformat()}]
        self._set(tx, check, proofs=proofs)
        points = sum(self.settings.points.get(one["proof"], 0) for one in proofs)
        self._record(tx, actor, check.account_id, check.ticket, proof, points=points)
        self._note(tx, actor, check, "checked", proof)
        if points >= self.settings.trusted:
            self._tickets.change_details(tx, check.ticket, {"checked": True})

    def _fail(self, tx: Connection, actor: Principal, check: Check, reason: str) -> None:
        self._set(tx, check, state=FAILED)
        self._record(tx, actor, check.account_id, check.ticket, reason, outcome="failure")
        self._note(tx, actor, check, "check_failed", "")
        self._tickets.change_details(tx, check.ticket, {"checked": False})
        values = {"source": "", "caller_ticket": check.ticket}
        told = {"account_id": check.account_id, "template": "caller_failed", "values": values}
        self._books.outbox.put(tx, "notice", told | {"at": self._books.clock().isoformat(), "attempt": check.id})
        if failures_of(tx, self.settings, check.account_id, self._books.clock()) >= self.settings.alert_after:
            ticket = self._tickets.get(tx, check.ticket)
            wish = Wish(
                requester_id=check.account_id,
                claim=ticket.claim,
                action="send_password_link",
                reason="caller_failed",
                steps=(f"ticket:{check.ticket}",),
                facts=ticket.facts,
                language=ticket.language,
                key=f"{check.account_id}/caller_failed",
            )
            self._counter.open(tx, wish, actor=actor)

    def _set(self, tx: Connection, check: Check, **values: Any) -> None:
        tx.execute(update(caller_check).where(caller_check.c.id == check.id).values(values))

    def _note(self, tx: Connection, actor: Principal, check: Check, kind: str, text: str) -> None:
        self._tickets.note(
            tx, check.ticket, author_id=actor.account_id, author=actor.name, kind=kind, text=text, shown=False
        )

    def _record(
        self,
        tx: Connection,
        actor: Principal,
        account_id: str,
        ticket: int,
        step: str,
        *,
        points: int = 0,
        outcome: Outcome = "success",
    ) -> None:
        event = Event(
            kind="caller_check",
            **actor.in_record,
            target=account_id,
            ticket=str(ticket),
            attribute="points" if points else "",
            new=str(points or ""),
        )
        self._books.log.record(tx, event, outcome, step)

    def _digest(self, check_id: str, code: str) -> str:
        return self._books.keys.digest(f"caller-code/{check_id}", code)

    def _check(self, row: Row[Any]) -> Check:
        return Check(
            id=row.id,
            ticket=row.ticket,
            account_id=row.account_id,
            staff_id=row.staff_id,
            names=self._books.keys.open("caller-check", row.names),
            state=row.state,
            given={one["proof"]: datetime.fromisoformat(one["at"]) for one in row.proofs},
            pressure=row.pressure,
            manager_id=row.manager_id,
            second_id=row.second_id,
            code_sent=row.code_digest is not None,
            ends=row.ends,
        )
