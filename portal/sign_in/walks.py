"""A walk: somebody says who they are and proves it, step by step. Every step is checked on the server."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from audit.statements import Statement
from portal.books import Books
from portal.tables import mailed_code, walk

Purpose = Literal["recover", "sign_in", "step_up", "new_address", "forward"]
PATIENCE = 2.0  # seconds a page waits for the look-up in the background before it says the directory is slow
GLANCE = 0.02

_NEW = Statement(insert(walk))
_FIND = Statement(
    select(walk).where(walk.c.id == bindparam("which"), walk.c.closed.is_(None), walk.c.ends > bindparam("now"))
)
_TAKE = Statement(
    update(walk).where(walk.c.id == bindparam("which"), walk.c.closed.is_(None)).values(closed=bindparam("now"))
)
_CLOSE = Statement(update(walk).where(walk.c.id == bindparam("which")).values(closed=bindparam("now")))
# Closed ones too: what somebody has in hand is then not given back.
_CLOSE_ALL = Statement(update(walk).where(walk.c.account_id == bindparam("whose")).values(closed=bindparam("now")))
_USE_ALL = Statement(
    update(mailed_code)
    .where(mailed_code.c.account_id == bindparam("whose"), mailed_code.c.used.is_(None))
    .values(used=bindparam("now"))
)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One thing proved."""

    factor: str
    factor_id: str
    channel: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How far somebody has come.

    `candidates` has one place for each directory asked: an account, `unknown:…` for nobody there, None while it has
    not answered. `account_id` is the only one, or of several the one that the first right proof belongs to.
    """

    id: str
    purpose: str
    claim: str
    claim_digest: str
    account_id: str | None
    candidates: tuple[str | None, ...] = ()
    proofs: tuple[Proof, ...]
    started: datetime
    ends: datetime

    @property
    def channels(self) -> frozenset[str]:
        """The independent channels proved so far."""
        return frozenset(proof.channel for proof in self.proofs)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whom a proof may be about: always as many as directories have answered, whoever exists."""
        return (self.account_id,) if self.account_id else tuple(c for c in self.candidates if c)

    @property
    def waiting(self) -> bool:
        """Whether a directory that has not answered yet may hold the account."""
        return self.account_id is None and (None in self.candidates or not self.candidates)

    @property
    def known(self) -> bool:
        return self.account_id is not None and not self.account_id.startswith("unknown:")


class Walks:
    def __init__(self, books: Books, *, age: timedelta) -> None:
        self._books = books
        self._age = age

    def claim_digest(self, claim: str) -> str:
        return self._books.keys.digest("claim", claim.strip().lower())

    def start(
        self, purpose: Purpose, claim: str, *, account_id: str | None = None, proofs: tuple[Proof, ...] = ()
    ) -> Walk:
        """Begin. Who it is gets looked up in the background, whether there is such a person or not."""
        new = self.in_one_step(purpose, claim, account_id, proofs)
        with self._books.write() as tx:
            row: dict[str, Any] = {
                "id": new.id,
                "purpose": purpose,
                "claim": self._books.keys.seal("claim", claim),
                "claim_digest": new.claim_digest,
                "account_id": account_id,
                "candidates": [],
                "proofs": list(map(_written, proofs)),
                "started": new.started,
                "ends": new.ends,
                "closed": None,
            }
            _NEW.run(tx, row)
            if account_id is None:
                self._books.outbox.put(tx, "resolve", {"walk_id": new.id})
        return new

    def in_one_step(self, purpose: Purpose, claim: str, account_id: str | None, proofs: tuple[Proof, ...]) -> Walk:
        """A walk that begins and ends in the same request: nobody will look for it, so it is not kept."""
        now = self._books.clock()
        return Walk(
            id=secrets.token_hex(16),
            purpose=purpose,
            claim=claim,
            claim_digest=self.claim_digest(claim),
            account_id=account_id,
            proofs=proofs,
            started=now,
            ends=now + self._age,
        )

    def get(self, walk_id: str, *, purpose: Purpose | None = None) -> Walk | None:
        """The walk, if it is open, not past its end, and for this purpose."""
        row = self._books.database.look(_FIND, {"which": walk_id, "now": self._books.clock()})
        if row is None or (purpose and row.purpose != purpose):
            return None
        return self._walk(row)

    def resolved(self, found: Walk) -> Walk | None:
        """The walk once a directory has said whose it is, waiting a moment for it; None if that takes too long."""
        end = time.monotonic() + PATIENCE
        current: Walk | None = found
        while current and not current.subjects and time.monotonic() < end:
            time.sleep(GLANCE)
            current = self.get(found.id)
        return current if current and current.subjects else None

    def resolve(self, walk_id: str, candidates: Sequence[str | None]) -> None:
        """Note whose walk it may be; once that is settled it stays."""
        only = candidates[0] if len(candidates) == 1 else None
        with self._books.write() as tx:
            tx.execute(
                update(walk)
                .where(walk.c.id == walk_id, walk.c.account_id.is_(None))
                .values(account_id=only, candidates=list(candidates))
            )

    def add_proof(self, tx: Connection, walk_id: str, account_id: str, proof: Proof) -> None:
        """Add what was proved and settle whose walk it is; proofs of two accounts are never added up."""
        row = tx.execute(select(walk.c.proofs, walk.c.account_id).where(walk.c.id == walk_id).with_for_update()).one()
        if row.account_id not in (None, account_id):
            return
        added = {"proofs": [*row.proofs, _written(proof)], "account_id": account_id}
        tx.execute(update(walk).where(walk.c.id == walk_id).values(added))

    def take(self, walk_id: str) -> datetime | None:
        """Close a walk to use what was proved in it; None if somebody else has it in hand or has used it.

        Proofs are good for one change: of two forms sent at the same time only one finds the walk open.
        """
        now = self._books.clock()
        with self._books.write() as tx:
            taken = _TAKE.run(tx, {"which": walk_id, "now": now})
        return now if taken == 1 else None

    def give_back(self, walk_id: str, taken: datetime) -> None:
        """Open it again for another try: nothing was changed with it."""
        with self._books.write() as tx:
            tx.execute(update(walk).where(walk.c.id == walk_id, walk.c.closed == taken).values(closed=None))

    def close(self, walk_id: str) -> None:
        with self._books.write() as tx:
            self.close_within(tx, walk_id)

    def close_within(self, tx: Connection, walk_id: str) -> None:
        _CLOSE.run(tx, {"which": walk_id, "now": self._books.clock()})

    def _walk(self, row: Any) -> Walk:
        return Walk(
            id=row.id,
            purpose=row.purpose,
            claim=str(self._books.keys.open("claim", row.claim)),
            claim_digest=row.claim_digest,
            account_id=row.account_id,
            candidates=tuple(row.candidates),
            proofs=tuple(map(_proof, row.proofs)),
            started=row.started,
            ends=row.ends,
        )


def _written(proof: Proof) -> dict[str, str]:
    return {
        "factor": proof.factor,
        "factor_id": proof.factor_id,
        "channel": proof.channel,
        "at": proof.at.isoformat(),
    }


def _proof(written: Mapping[str, str]) -> Proof:
    return Proof(**{**written, "at": datetime.fromisoformat(written["at"])})  # type: ignore[arg-type]


def close_all(tx: Connection, account_id: str, now: datetime) -> None:
    """Kill every open walk and code of an account: after its password changed, nothing asked for before counts."""
    for statement in (_CLOSE_ALL, _USE_ALL):
        statement.run(tx, {"whose": account_id, "now": now})
