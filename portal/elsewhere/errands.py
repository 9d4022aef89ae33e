"""Carries a wish out in the other systems of a person, once it has been carried out where the account lives.

Everything is on disk before the first write: a crash at any point leaves an open operation for each system, which the
recovery settles by looking there. A secret lives in the action alone: where it could not be set now, it never is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from audit.event import Event, Outcome
from audit.log import AuditLog
from connectors import Connectors
from connectors.account import Account, PasswordRules
from connectors.capabilities import Capability, FindsAccounts, TellsPasswordRules
from connectors.errors import AccountNotFound, ConnectorError, Unavailable, Unconfirmed
from connectors.request_numbers import numbers_kept
from portal.action import Action
from portal.attempts import Attempt, Errand, told_of
from portal.elsewhere.tables import elsewhere
from portal.explaining.explain import Next, explain
from portal.explaining.reasons import reason_of
from portal.identity import Principal
from portal.operations import begin_operation, close_operation
from portal.results import System, Words
from portal.settings.systems import PasswordAlso
from portal.tables import operation
from portal.tickets.counter import Counter
from portal.tickets.ticket import Wish

KIND = "password_elsewhere"
SILENCE = timedelta(minutes=1)  # for so long nobody's page waits for a system that did not answer
NO_ACCOUNT, NOT_TRIED = "no_account_there", "not_tried_there"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one errand ended. `outcome` is None as long as nobody knows."""

    errand: Errand
    outcome: Outcome | None
    reason: str = ""
    detail: str = ""
    numbers: tuple[str, ...] = ()  # of the requests, as the other system calls them


@dataclass(frozen=True, kw_only=True)
class OpenErrand:
    """One that a crash or a lost answer has left open."""

    main: str
    person_id: str
    system: str
    never_sent: bool  # there was no account to send anything to


class Elsewhere:
    """Part of the desk, which alone calls it: looks up, begins, carries out, closes."""

    def __init__(
        self,
        rules: Sequence[PasswordAlso],
        names: Mapping[str, Words],
        *,
        log: AuditLog,
        connectors: Connectors,
        counter: Counter,
        clock: Callable[[], datetime],
    ) -> None:
        """`names`: what people call each system."""
        self._rules = rules
        self._names = names
        self._log = log
        self._connectors = connectors
        self._counter = counter
        self._clock = clock
        self._silent_until: dict[str, datetime] = {}

    def concerns(self, account: Account) -> bool:
        """Whether this person may have an account elsewhere, too."""
        return any(rule.of == account.directory for rule in self._rules)

    def rules(self, account: Account) -> list[tuple[Words, PasswordRules]]:
        """What the other systems ask of a new password. One that cannot be asked now says it when it gets one."""
        found, now = [], self._clock()
        for rule in self._rules:
            if rule.of != account.directory or now < self._silent_until.get(rule.system, now):
                continue
            try:
                there = self._found(rule, account)
                if connector := self._connectors.able_to(TellsPasswordRules, there):
                    found.append((self.name(rule.system), connector.password_rules(there)))
            except Unavailable:
                self._silent_until[rule.system] = now + SILENCE
            except ConnectorError:
                continue
        return found

    def look_up(self, action: Action, account: Account) -> tuple[Errand, ...]:
        """The person's accounts in other systems, as they stand; with the reason where one cannot be had."""
        if action.also is None:
            return ()
        return tuple(self._look(rule, account) for rule in self._rules if rule.of == account.directory)

    def begin(
        self, tx: Connection, main: str, actor: Principal, action: Action, account: Account, errands: Sequence[Errand]
    ) -> tuple[Errand, ...]:
        """An intent for each, in the transaction of the one at home."""
        begun = []
        for errand in errands:
            attempt = self._log.intent(tx, self._event(actor, action, account.id, errand.system))
            nobody = Account(id=_nobody(errand.system), directory=errand.system, dn="", login="", name="")
            there = errand.account or nobody
            begin_operation(tx, attempt, actor, action, there, self._clock())
            row = {"id": attempt, "main": main, "person_id": account.id, "system": errand.system}
            tx.execute(insert(elsewhere).values(row))
            begun.append(errand.begun(attempt))
        return tuple(begun)

    def carry_out(self, attempt: Attempt) -> list[Ended]:
        """Do it in one system after the other; what goes wrong in one stops no other."""
        return [self._do(attempt.action, errand) for errand in attempt.errands]

    def leave(self, tx: Connection, attempt: Attempt) -> None:
        """It was not done at home, or nobody knows: then it is not done elsewhere."""
        self.close(tx, attempt, [Ended(errand=e, outcome="failure", reason=NOT_TRIED) for e in attempt.errands])

    def close(self, tx: Connection, attempt: Attempt, ended: Sequence[Ended]) -> None:
        """The outcome of each, with a ticket for what the person cannot mend; what nobody knows stays open."""
        for one in ended:
            if one.outcome is None or not close_operation(
                tx, one.errand.attempt, one.outcome, one.reason, self._clock()
            ):
                continue
            number = self._to_people(tx, attempt, one) if one.outcome == "pending" else None
            event = self._event(attempt.actor, attempt.action, attempt.account.id, one.errand.system, ticket=number)
            event = replace(event, disclose=told_of(one.numbers))
            self._log.outcome(tx, one.errand.attempt, event, one.outcome, one.reason)

    def told(self, db: Connection, main: str) -> tuple[System, ...]:
        """What became of an attempt in each system, home first; nothing if there is one system only."""
        query = (
            select(elsewhere.c.system, elsewhere.c.ticket, operation.c.outcome, operation.c.reason)
            .join(operation, operation.c.id == elsewhere.c.id)
            .where(elsewhere.c.main == main)
            .order_by(elsewhere.c.system)
        )
        others = [
            System(name=self.name(row.system), outcome=row.outcome, reason=row.reason or "", ticket=row.ticket)
            for row in db.execute(query)
        ]
        if not others:
            return ()
        home = db.execute(select(operation.c.account_id, operation.c.outcome).where(operation.c.id == main)).one()
        directory = home.account_id.partition(":")[0]
        at_home = System(name=self.name(directory), outcome=home.outcome)
        return (at_home, *others)

    def among(self, db: Connection, attempts: Sequence[str]) -> dict[str, OpenErrand]:
        """Those of these attempts that are errands in other systems."""
        query = (
            select(elsewhere, operation.c.account_id)
            .join(operation, operation.c.id == elsewhere.c.id)
            .where(elsewhere.c.id.in_(attempts))
        )
        return {
            row.id: OpenErrand(
                main=row.main,
                person_id=row.person_id,
                system=row.system,
                never_sent=row.account_id == _nobody(row.system),
            )
            for row in (db.execute(query) if attempts else ())
        }

    def is_closed(self, db: Connection, attempt: str) -> bool:
        """Whether it is known what became of an attempt."""
        return db.execute(select(operation.c.closed).where(operation.c.id == attempt)).scalar_one() is not None

    def name(self, system: str) -> Words:
        """What people call it."""
        return self._names.get(system, system)

    def _look(self, rule: PasswordAlso, account: Account) -> Errand:
        try:
            return Errand(system=rule.system, account=self._found(rule, account))
        except AccountNotFound:
            return Errand(system=rule.system, fault=NO_ACCOUNT)
        except ConnectorError as error:
            return Errand(system=rule.system, fault=reason_of(error), detail=error.detail)

    def _found(self, rule: PasswordAlso, account: Account) -> Account:
        """Their account there. Raises ConnectorError."""
        directory = dict(self._connectors.all_able_to(FindsAccounts))[rule.system]
        claim = rule.account.replace("{login}", account.login).replace("{mail}", account.mail or "")
        if "{mail}" in rule.account and not account.mail:
            raise AccountNotFound("no address to look for")
        found = directory.find(claim)
        # A directory may find people by more than this; whoever else goes by that name must not get this password.
        if claim.casefold() not in (found.login.casefold(), (found.mail or "").casefold()):
            raise AccountNotFound("somebody else answers to that name")
        return found

    def _do(self, action: Action, errand: Errand) -> Ended:
        if errand.account is None:
            return _ended(errand, errand.fault, errand.detail)
        connector = self._connectors.able_to(action.also, errand.account) if action.also else None
        if connector is None:
            return _ended(errand, "no_connector")
        with numbers_kept() as numbers:
            return replace(self._tried(action, connector, errand, errand.account), numbers=tuple(numbers))

    def _tried(self, action: Action, connector: Capability, errand: Errand, there: Account) -> Ended:
        try:
            action.perform_also(connector, there)
        except Unconfirmed as error:
            sure = self._looked_again(action, there)
            return Ended(errand=errand, outcome="success" if sure else None, reason="" if sure else reason_of(error))
        except ConnectorError as error:
            return _ended(errand, reason_of(error), error.detail)
        return Ended(errand=errand, outcome="success")

    def _looked_again(self, action: Action, before: Account) -> bool:
        directory = dict(self._connectors.all_able_to(FindsAccounts))[before.directory]
        try:
            now = directory.read(before.id)
        except ConnectorError:
            return False
        return action.confirm(action.details(), before.state.facts(), now) == "success"

    def _to_people(self, tx: Connection, attempt: Attempt, ended: Ended) -> int:
        """One ticket with what is known; whoever works on it lets the person choose once more, or sets it there."""
        account, name = attempt.account, attempt.action.name
        there = ended.errand.account
        facts = {"name": account.name, "login": account.login, "system": ended.errand.system}
        facts |= {"login_there": there.login} if there else {}
        facts |= {"directory_answer": ended.detail} if ended.detail else {}
        wish = Wish(
            requester_id=account.id,
            claim=account.login,
            action=name,
            reason="old_password_there",
            steps=(f"{name}:{ended.reason}",),
            facts=facts,
            language=attempt.actor.language or account.language or "en",
            key=f"{account.id}/elsewhere/{ended.errand.system}",
        )
        number = self._counter.open(tx, wish, actor=attempt.actor)
        tx.execute(update(elsewhere).where(elsewhere.c.id == ended.errand.attempt).values(ticket=number))
        return number

    def _event(
        self, actor: Principal, action: Action, person_id: str, system: str, *, ticket: int | None = None
    ) -> Event:
        """About the person, not about the other account: it is found in their history, and forgotten with them."""
        return Event(
            kind=KIND, **actor.in_record, target=person_id, ticket=str(ticket) if ticket else None, object=system
        )


def _nobody(system: str) -> str:
    """What stands in place of an account's id where none was found."""
    return f"{system}:"


def _ended(errand: Errand, reason: str, detail: str = "") -> Ended:
    """It was certainly not done: the person mends it, or people do."""
    mendable = explain(reason).next is Next.FIX
    return Ended(errand=errand, outcome="failure" if mendable else "pending", reason=reason, detail=detail)
