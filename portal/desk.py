"""The one door: nothing outside is ever changed except from here, and never without a record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from audit.event import Outcome
from connectors import Connectors
from connectors.access import AccessPass
from connectors.account import Account
from connectors.capabilities import Capability
from connectors.errors import ConnectorError, Forbidden, Refused, Unconfirmed
from connectors.request_numbers import numbers_kept
from portal.accounts import Accounts
from portal.action import Action
from portal.attempts import Attempt, event_of
from portal.books import Books
from portal.consequences import Consequences
from portal.elsewhere.errands import Elsewhere
from portal.explaining.explain import Next, explain
from portal.explaining.reasons import reason_of
from portal.extending.extension import Guard
from portal.extending.sponsors import Sponsors
from portal.hooks import Hooks
from portal.identity import SYSTEM, Principal
from portal.inside import Inside
from portal.operations import begin_operation, close_operation
from portal.owners import Owners
from portal.policy import Allow, Decision, Deny, NeedsApproval, decide
from portal.record.sealed import Sealed
from portal.results import Denied, Done, Failed, Pending, Result, Unsure
from portal.settings.installation import Rule
from portal.tickets.counter import Counter
from portal.tickets.facts import facts_of
from portal.tickets.ticket import Wish

# No attempt, and nothing on record: nobody vouches for the record now, so nothing is begun at all.
NOT_RECORDED = Failed(attempt="", reason="not_recorded")


class Desk:
    """Takes one action at a time: rules, intent, the deed, outcome, and a ticket for whatever only people can do."""

    def __init__(
        self,
        books: Books,
        *,
        accounts: Accounts,
        connectors: Connectors,
        rules: Mapping[str, Rule],
        counter: Counter,
        consequences: Consequences,
        elsewhere: Elsewhere,
        hooks: Hooks,
        sponsors: Sponsors,
        owners: Owners,
        guard: Guard,
        sealed: Sealed,
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._connectors = connectors
        self._rules = rules
        self._counter = counter
        self._consequences = consequences
        self._elsewhere = elsewhere
        self._hooks = hooks
        self._sponsors = sponsors
        self._owners = owners
        self._guard = guard
        self._sealed = sealed

    def offers(self, action: type[Action]) -> bool:
        """Whether this installation has a rule for it."""
        return action.name in self._rules

    def submit(self, actor: Principal, action: Action, account: Account | None = None) -> Result:
        """Do it, hand it to people, or say why not; every answer is on record when it is given.

        `account` is the action's own, if this very request has read it already.
        """
        try:
            if account is None or account.id != action.account_id:
                account = self._accounts.read(action.account_id)
            decision = self.foresee(actor, action, account)
        except ConnectorError as error:
            if action.needs is not None:
                return self._not_done(actor, action, reason_of(error), detail=error.detail)
            account = actor.as_account()  # a wish for people needs no directory
            decision = self.foresee(actor, action, account)
        match decision:
            case Deny(reason):
                return self._denied(actor, action, account, reason)
            case NeedsApproval(stages):
                # What holds a secret cannot wait: people do it together with the person.
                named = [] if action.has_secrets() else self._owners.stages(stages, action, account)
                return self._to_people(actor, action, account, "needs_approval", stages=named)
            case Allow():
                if action.needs is not None and not self._sealed.allows_changes():
                    return NOT_RECORDED
                if stopped := self._hooks.before(actor, action, account):
                    return self._denied(actor, action, account, stopped.reason, message=stopped.message)
                return self._carry_out(actor, action, account)

    def foresee(self, actor: Principal, action: Action, account: Account) -> Decision:
        """What it comes to by the rules, if it is asked for now. Raises Unavailable."""
        answers_for = action.by_sponsor and self._sponsors.answers_for(actor.account_id, account)
        decision = decide(self._rules, actor, type(action), account, self._books.clock(), answers_for=answers_for)
        if not isinstance(decision, Deny) and (reason := self._guard(action, account, self._books.clock())):
            return Deny(reason)
        if isinstance(decision, NeedsApproval):
            stages = self._owners.left(decision.stages, actor, action, account)
            return NeedsApproval(stages) if stages else Allow()
        return decision

    def carry_out_approved(self, actor: Principal, action: Action, account: Account, ticket: int) -> Result:
        """Do what people have agreed to, if the account still allows it. Opens no other ticket: this one is there."""
        system = Principal(account_id=SYSTEM, login=SYSTEM, name="")
        decision = decide(self._rules, system, type(action), account, self._books.clock())
        reason = decision.reason if isinstance(decision, Deny) else self._guard(action, account, self._books.clock())
        connector = self._connectors.able_to(action.needs, account, action.via) if action.needs else None
        if reason or connector is None:
            return self._not_done(actor, action, reason or "no_connector", ticket=ticket)
        if not self._sealed.allows_changes():
            return NOT_RECORDED
        if stopped := self._hooks.before(actor, action, account):
            return self._not_done(actor, action, stopped.reason, ticket=ticket)
        return self._outside(actor, action, account, connector, ticket=ticket)

    def _carry_out(self, actor: Principal, action: Action, account: Account) -> Result:
        if action.needs is None:
            return self._to_people(actor, action, account, "wish")
        connector = self._connectors.able_to(action.needs, account, action.via)
        if connector is None and actor.caller:
            return self._not_done(actor, action, "no_connector")
        if connector is None:
            return self._to_people(actor, action, account, "no_connector")
        if isinstance(connector, Inside):
            return self._inside(actor, action, account, connector)
        return self._outside(actor, action, account, connector)

    def _outside(
        self, actor: Principal, action: Action, account: Account, connector: Capability, *, ticket: int | None = None
    ) -> Result:
        """Intent on disk, then the write, then the outcome: a crash in between is settled by reading back."""
        action = action.at(self._books.clock())
        if (due := action.held_until(connector)) and due > self._books.clock():
            return self._hold(actor, action, account, due, ticket=ticket)
        errands = self._elsewhere.look_up(action, account)
        with self._books.write() as tx:
            id_ = self._books.log.intent(tx, event_of(actor, action, account, ticket=ticket))
            begin_operation(tx, id_, actor, action, account, self._books.clock())
            begun = self._elsewhere.begin(tx, id_, actor, action, account, errands)
        with numbers_kept() as numbers:
            attempt = Attempt(
                id=id_, actor=actor, action=action, account=account, ticket=ticket, errands=begun, numbers=numbers
            )
            try:
                given = action.perform(connector, account)
            except Unconfirmed as error:
                return self._unsure(attempt, error)
            except ConnectorError as error:
                return self._failed(attempt, error)
        if isinstance(given, AccessPass):
            return self._done(attempt, account, given)
        return self._done(attempt, given or self._read_back(account))

    def _hold(self, actor: Principal, action: Action, account: Account, due: datetime, *, ticket: int | None) -> Result:
        """Agreed to, and not done before its time: until then its owner can stop it."""
        with self._books.write() as tx:
            attempt = self._books.log.intent(tx, event_of(actor, action, account, ticket=ticket))
            begin_operation(tx, attempt, actor, action, account, self._books.clock())
            self._close(tx, attempt, "pending", "held")
            self._consequences.held(tx, actor, action, account, attempt, due)
            self._books.log.outcome(tx, attempt, event_of(actor, action, account, ticket=ticket), "pending", "held")
        return Done(attempt=attempt, account=account, reason="held")

    def _inside(self, actor: Principal, action: Action, account: Account, connector: Inside) -> Result:
        """What lies in our own database commits together with its record: there is no in-between to settle."""
        try:
            with self._books.write() as tx:
                attempt = self._books.log.intent(tx, event_of(actor, action, account))
                action.perform(connector.within(tx), account)
                self._books.log.outcome(tx, attempt, event_of(actor, action, account), "success")
                self._consequences(tx, actor, action, account, attempt)
        except Refused as error:
            return self._not_done(actor, action, reason_of(error), detail=error.detail)
        except ConnectorError as error:
            return self._not_done(actor, action, error.detail or reason_of(error))
        return Done(attempt=attempt, account=account)

    def _done(self, attempt: Attempt, now: Account | None, given: AccessPass | None = None) -> Result:
        """Done at home: then elsewhere, too; and all of it is closed together."""
        ended = self._elsewhere.carry_out(attempt)
        with self._books.write() as tx:
            self._elsewhere.close(tx, attempt, ended)
            if self._close(tx, attempt.id, "success", ""):
                self._books.log.outcome(tx, attempt.id, attempt.event(), "success")
                self._consequences(tx, attempt.actor, attempt.action, attempt.account, attempt.id)
            systems = self._elsewhere.told(tx, attempt.id) if ended else ()
        return Done(attempt=attempt.id, account=now, systems=systems, given=given)

    def _failed(self, attempt: Attempt, error: ConnectorError) -> Result:
        reason = reason_of(error)
        in_people = attempt.ticket is not None or attempt.actor.caller is not None  # there is a ticket already
        if not in_people and (isinstance(error, Forbidden) or explain(reason).next is Next.TICKET):
            return self._to_people(
                attempt.actor, attempt.action, attempt.account, reason, attempt=attempt, detail=error.detail
            )
        with self._books.write() as tx:
            if self._close(tx, attempt.id, "failure", reason):
                self._books.log.outcome(tx, attempt.id, attempt.event(), "failure", reason)
            self._elsewhere.leave(tx, attempt)
        possible_at = error.possible_at if isinstance(error, Refused) else None
        return Failed(attempt=attempt.id, reason=reason, possible_at=possible_at, detail=error.detail)

    def _unsure(self, attempt: Attempt, error: Unconfirmed) -> Result:
        """No answer came. Look at once; if that does not tell, the recovery looks every minute."""
        action, before = attempt.action, attempt.account
        now = self._read_back(before)
        outcome: Outcome = action.confirm(action.details(), before.state.facts(), now) if now else "unknown"
        if outcome == "success":
            return self._done(attempt, now)
        if not attempt.errands:
            return Unsure(attempt=attempt.id, reason=reason_of(error))
        with self._books.write() as tx:
            self._elsewhere.leave(tx, attempt)
            systems = self._elsewhere.told(tx, attempt.id)
        return Unsure(attempt=attempt.id, reason=reason_of(error), systems=systems)

    def _denied(self, actor: Principal, action: Action, account: Account, reason: str, *, message: str = "") -> Result:
        if explain(reason).next is Next.TICKET and reason != "not_offered" and actor.caller is None:
            return self._to_people(actor, action, account, reason)
        with self._books.write() as tx:
            attempt = self._books.log.intent(tx, event_of(actor, action, account))
            self._books.log.outcome(tx, attempt, event_of(actor, action, account), "failure", reason)
        return Denied(attempt=attempt, reason=reason, message=message)

    def _not_done(
        self, actor: Principal, action: Action, reason: str, *, detail: str = "", ticket: int | None = None
    ) -> Failed:
        with self._books.write() as tx:
            attempt = self._books.log.intent(tx, event_of(actor, action, None, ticket=ticket))
            self._books.log.outcome(tx, attempt, event_of(actor, action, None, ticket=ticket), "failure", reason)
        return Failed(attempt=attempt, reason=reason, detail=detail)

    def _to_people(
        self,
        actor: Principal,
        action: Action,
        account: Account,
        reason: str,
        *,
        attempt: Attempt | None = None,
        detail: str = "",
        stages: Sequence[Mapping[str, Any]] = (),
    ) -> Pending:
        """One ticket with everything known; the attempt ends as pending in the same transaction."""
        details = action.details()
        # What somebody wants for another is his own wish: he hears of it, and does not decide about it as well.
        for_another = (action.by_sponsor or action.by_staff) and actor.account_id != SYSTEM and actor.caller is None
        requester = actor.account_id if for_another else account.id
        wish = Wish(
            requester_id=requester,
            claim=account.login,
            action=action.name,
            reason=reason,
            subject=str(details.get("subject", "")),
            text=str(details.get("text", "")),
            steps=() if reason == "wish" else (f"{action.name}:{reason}",),
            facts=facts_of(account) | ({"directory_answer": detail} if detail else {}),
            details={k: v for k, v in details.items() if k not in ("subject", "text")},
            language=actor.language or account.language or "en",
            account_id=account.id if stages else "",
            stages=stages,
            key=f"{account.id}/{action.name}/{reason}/{details.get('subject', '')}/{details.get('text', '')}"
            + (f"/{requester}" if requester != account.id else ""),
            lapses=account.state.ends_on if stages and not account.state.ended else None,
        )
        with self._books.write() as tx:
            id_ = attempt.id if attempt else self._books.log.intent(tx, event_of(actor, action, account))
            if attempt:
                self._close(tx, id_, "pending", reason)
                self._elsewhere.leave(tx, attempt)
            number = self._counter.open(tx, wish, actor=actor)
            self._books.log.outcome(tx, id_, event_of(actor, action, account, ticket=number), "pending", reason)
        return Pending(attempt=id_, ticket=number, reason=reason)

    def _read_back(self, account: Account) -> Account | None:
        try:
            found = self._accounts.read(account.id)
        except ConnectorError:
            return None
        return None if found.seen_at else found  # what was seen before tells nothing of the change

    def _close(self, tx: Connection, attempt: str, outcome: Outcome, reason: str) -> bool:
        return close_operation(tx, attempt, outcome, reason, self._books.clock())
