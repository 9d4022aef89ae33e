"""The one place that checks proofs: limits, the factor's own check, and the record of every try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from audit.event import Event
from connectors.errors import ConnectorError
from portal.books import Books
from portal.factor import Factor, Subject
from portal.limits import Limits
from portal.sign_in.walks import Proof, Walk, Walks


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
        books: Books,
        *,
        factors: Mapping[str, Factor],
        limits: Limits,
        walks: Walks,
    ) -> None:
        self._books = books
        self.factors = factors
        self._limits = limits
        self._walks = walks

    def begin(self, walk: Walk, name: str) -> None:
        """A factor was chosen: let it send what it needs."""
        with self._books.write() as tx:
            self.factors[name].begin(tx, Subject(account_id=walk.account_id or "", walk_id=walk.id))

    def prove(self, walk: Walk, name: str, answer: str, *, source: str) -> Verdict:
        """Check one answer. Takes the same steps whether or not there is such an account or factor."""
        subjects = walk.subjects or (f"unknown:{walk.claim_digest}",)
        claim = f"claim:{walk.claim_digest}"
        again = self._limits.may_prove(source=source, account_id=claim, factor=name)
        if again:
            for account_id in subjects:
                self._record(walk, account_id, name, source, proved=False, reason="too_many_tries")
            return TooMany(again)
        wrong: list[tuple[str, str]] = []
        try:
            for account_id in subjects:
                # What is told counts by the name typed; a count of the account would tell that two names are one
                # person's. That count holds too, but in silence: nothing is right any more, in the usual time.
                spent = self._limits.may_prove(source=source, account_id=account_id, factor=name)
                subject = Subject(account_id=account_id, walk_id=walk.id)
                if factor_id := self.factors[name].verify(subject, "" if spent else answer):
                    return self._proved(walk, account_id, name, factor_id, source)
                wrong.append((account_id, "too_many_tries" if spent else "wrong_code"))
        except ConnectorError:
            return CannotCheck()
        for account_id, reason in wrong:
            self._record(walk, account_id, name, source, proved=False, reason=reason)
        self._limits.wrong_proof(source=source, names=(claim, *subjects), factor=name)
        # It may still be right for an account in a directory that has not answered yet.
        return CannotCheck() if walk.waiting else Wrong(self._limits.tries_left(account_id=claim, factor=name))

    def _proved(self, walk: Walk, account_id: str, name: str, factor_id: str, source: str) -> Proved | CannotCheck:
        proof = Proof(factor=name, factor_id=factor_id, channel=self.factors[name].channel, at=self._books.clock())
        self._record(walk, account_id, name, source, proved=True, reason="", proof=proof)
        self._limits.proved(names=(f"claim:{walk.claim_digest}", account_id), factor=name)
        fresh = self._walks.get(walk.id)
        return Proved(fresh) if fresh and fresh.account_id == account_id else CannotCheck()

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
        with self._books.write() as tx:
            self._books.log.record(tx, event, "success" if proved else "failure", reason)
            if proof:
                self._walks.add_proof(tx, walk.id, account_id, proof)
