"""The one place that checks proofs: limits, the factor's own check, and the record of every try."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from audit.event import Event
from audit.log import AuditLog
from connectors.errors import ConnectorError
from portal.database import Database
from portal.factor import Factor, Subject
from portal.limits import Limits
from portal.walks import Proof, Walk, Walks


@dataclass(frozen=True)
class Proved:
    """Right: the walk has one more proof."""

    walk: Walk


@dataclass(frozen=True)
class Wrong:
    """Not right, or nothing of this kind is enrolled: nobody is told which."""

    tries_left: int


@dataclass(frozen=True)
class TooMany:
    """Too many tries; possible again from this moment."""

    again_at: datetime


@dataclass(frozen=True)
class CannotCheck:
    """What holds the proof could not be asked."""


Verdict = Proved | Wrong | TooMany | CannotCheck


class Prover:
    def __init__(
        self,
        *,
        database: Database,
        log: AuditLog,
        factors: Mapping[str, Factor],
        limits: Limits,
        walks: Walks,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self.factors = factors
        self._limits = limits
        self._walks = walks
        self._clock = clock

    def begin(self, walk: Walk, name: str) -> None:
        """A factor was chosen: let it send what it needs."""
        with self._database.write() as tx:
            self.factors[name].begin(tx, Subject(account_id=walk.account_id or "", walk_id=walk.id))

    def prove(self, walk: Walk, name: str, answer: str, *, source: str) -> Verdict:
        """Check one answer. Takes the same steps whether or not there is such an account or factor."""
        account_id = walk.account_id or f"unknown:{walk.claim_digest}"
        claim = f"claim:{walk.claim_digest}"
        again = self._limits.may_prove(source=source, account_id=claim, factor=name)
        if again:
            self._record(walk, account_id, name, source, proved=False, reason="too_many_tries")
            return TooMany(again)
        # What is told counts by the name typed; a count of the account would tell that two names are one person's.
        # That count holds too, but in silence: nothing is right any more, and it takes as long as ever.
        spent = self._limits.may_prove(source=source, account_id=account_id, factor=name)
        try:
            subject = Subject(account_id=account_id, walk_id=walk.id)
            factor_id = self.factors[name].verify(subject, "" if spent else answer)
        except ConnectorError:
            return CannotCheck()
        if factor_id is None:
            self._record(
                walk, account_id, name, source, proved=False, reason="too_many_tries" if spent else "wrong_code"
            )
            self._limits.wrong_proof(source=source, names=(claim, account_id), factor=name)
            return Wrong(self._limits.tries_left(account_id=claim, factor=name))
        proof = Proof(factor=name, factor_id=factor_id, channel=self.factors[name].channel, at=self._clock())
        self._record(walk, account_id, name, source, proved=True, reason="", proof=proof)
        self._limits.proved(names=(claim, account_id), factor=name)
        fresh = self._walks.get(walk.id)
        return Proved(fresh) if fresh else CannotCheck()

    def _record(
        self,
        walk: Walk,
        account_id: str,
        name: str,
        source: str,
        *,
        proved: bool,
        reason: str,
        proof: Proof | None = None,
    ) -> None:
        event = Event(
            kind="proof", actor=account_id, target=account_id, session=walk.id, source=source, factors=(name,)
        )
        with self._database.write() as tx:
            self._log.record(tx, event, "success" if proved else "failure", reason)
            if proof:
                self._walks.add_proof(tx, walk.id, proof)
