"""The log as the rest of the program writes it; every method works inside the caller's write transaction."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert

from audit import people, private, pseudonyms, reading, store
from audit.body import Mark, Setting, compose, encode, index_row, stamp
from audit.event import SYSTEM, EntryRefused, Event, Outcome, Phase, is_account
from audit.keyring import Keyring
from audit.kinds import KINDS, SCHEMAS
from audit.reading import Entry, OpenIntent, Wanted
from audit.shapes import Blinded
from audit.statements import Statement
from audit.tables import open_intents

_UUID_BITS, _UUID_4 = 0xF << 76 | 0x3 << 62, 0x4 << 76 | 0x2 << 62  # version and variant of a random UUID
_OPEN = Statement(insert(open_intents))
_CLOSE = Statement(
    delete(open_intents)
    .where(open_intents.c.correlation == bindparam("which"))
    .returning(open_intents.c.idx, open_intents.c.kind)
)


class IntentNotOpen(LookupError):
    """There is no such intent, or it already has its outcome."""


class AuditLog:
    """Appends intents, outcomes and records to the log called `origin`.

    `key` (32 bytes) encrypts disclosures and keys the hashes; `clock` gives aware times in UTC; `random` gives as many
    unguessable bytes as asked; `unit_of` names the unit of an account, by which some auditors' view is limited.
    Before a call SQLite must have begun with BEGIN IMMEDIATE; on PostgreSQL appending holds a row lock until the
    transaction ends, so it belongs at its end. What is appended counts once the caller committed.
    """

    def __init__(
        self,
        *,
        origin: str,
        key: bytes,
        clock: Callable[[], datetime],
        version: str,
        schema: str = "1.8.0",
        unit_of: Callable[[str], str] = lambda account_id: "",
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        if schema not in SCHEMAS:
            raise ValueError(f"the event schema is one of {', '.join(SCHEMAS)}")
        self.keyring = Keyring(key, random)
        self._setting = Setting(origin, version, schema)
        self._clock = clock
        self._unit_of = unit_of
        self._random = random

    def intent(self, tx: Connection, event: Event) -> str:
        """Record that something is about to be written outside; returns the uid its outcome must name.

        Commit before the write. Raises EntryRefused if the event cannot be written down.
        """
        correlation = self._uuid()
        number, time = self._append(tx, event, Mark("intent", correlation))
        _OPEN.run(tx, {"correlation": correlation, "idx": number, "kind": event.kind, "time": time})
        return correlation

    def outcome(
        self,
        tx: Connection,
        correlation: str,
        event: Event | None,
        outcome: Outcome,
        reason: str = "",
        *,
        recovered: bool = False,
    ) -> int:
        """Record how an intent ended, in a code if there is a reason, and return the entry's index.

        `recovered` says that it was read back after a crash; then the intent's own event serves if none is given.
        Raises IntentNotOpen if there is no such intent or it has its outcome, EntryRefused for another kind of event.
        """
        intent = _CLOSE.one(tx, {"which": correlation})
        if intent is None:
            raise IntentNotOpen(correlation)
        mark = Mark("outcome", correlation, outcome, reason, recovered)
        if event is None:
            return self._append_again(tx, intent[0], mark)
        if event.kind != intent[1]:
            raise EntryRefused(f"the intent was {intent[1]}, not {event.kind}")
        return self._append(tx, event, mark)[0]

    def record(
        self, tx: Connection, event: Event, outcome: Outcome, reason: str = "", *, correlation: str | None = None
    ) -> int:
        """Record something that has no outside write and return the entry's index.

        `correlation` names an earlier attempt it belongs to, such as one that ended as unknown and is now settled.
        """
        return self._append(tx, event, Mark("record", correlation or self._uuid(), outcome, reason))[0]

    def pseudonym(self, tx: Connection, account_id: str) -> str:
        """The pseudonym of an account, made if it has none yet."""
        return pseudonyms.find_or_make(tx, self.keyring, account_id, self._random(16))

    def account_of(self, tx: Connection, pseudonym: str) -> str | None:
        """The account id behind a pseudonym, or None if nobody is or the person was erased."""
        return pseudonyms.account_of(tx, self.keyring, pseudonym)

    def erase(self, tx: Connection, account_id: str, *, actor: str = SYSTEM, source: str = "") -> int | None:
        """Forget a person: delete the disclosures and the pseudonym, and record that; None if there is nothing.

        SQLite needs `secure_delete` and a truncated write-ahead log before the bytes are gone from its files.
        """
        known = pseudonyms.find(tx, self.keyring, account_id)
        if known is None:
            return None
        erasure = Event(kind="erasure", actor=actor, target=account_id, source=source)
        number = self.record(tx, erasure, "success")
        private.erase(tx, known)
        people.forget(tx, known)
        pseudonyms.forget(tx, known)
        return number

    def size(self, tx: Connection) -> int:
        """How many entries there are."""
        return store.size(tx)

    def entry(self, tx: Connection, index: int) -> Entry:
        """One entry with the personal values that still exist; raises NoSuchEntry."""
        return reading.entry(tx, self.keyring, index)

    def history(
        self,
        tx: Connection,
        subject: str,
        limit: int,
        before: int | None = None,
        *,
        phases: Sequence[Phase] = reading.SEEN,
    ) -> list[Entry]:
        """The newest entries about an account, newest first; `before` is an index to go on from."""
        known = pseudonyms.find(tx, self.keyring, subject)
        wanted = Wanted(limit=limit, before=before, subject=known, phases=phases)
        return [] if known is None else self.search(tx, wanted)

    def search(self, tx: Connection, wanted: Wanted) -> list[Entry]:
        """The newest entries that are wanted, newest first."""
        return reading.read(tx, self.keyring, reading.find(tx, wanted))

    def open_intents(self, tx: Connection, older_than: datetime) -> list[OpenIntent]:
        """Intents without an outcome written before `older_than`, oldest first."""
        return reading.still_open(tx, older_than)

    def _append(self, tx: Connection, event: Event, mark: Mark) -> tuple[int, int]:
        if event.kind not in KINDS:
            raise EntryRefused(f"there is no kind {event.kind}")
        now = reading.milliseconds(self._clock())
        hidden = private.hide(event, self._random)
        actor = self._lookup(event.actor)
        slot = store.take(tx, now, actor, actor if event.target == event.actor else self._lookup(event.target))
        blinded = Blinded(
            actor=slot.actor or self._name(tx, event.actor),
            subject=slot.subject or (self._name(tx, event.target) if event.target else None),
            session=self.keyring.blind("session", event.session) if event.session else "",
            source=self.keyring.blind("source", event.source) if event.source else "",
            object=self.keyring.blind("object", event.object) if event.object else "",
            digests=hidden.digests,
        )
        body = compose(self._setting, event, mark, blinded, self._uuid(), now)
        if unit := self._unit_of(event.target or event.actor):
            body["unmapped"]["unit"] = self.keyring.blind("unit", unit)
        self._put(tx, slot, body, hidden.placed)
        return slot.number, slot.time

    def _append_again(self, tx: Connection, intent: int, mark: Mark) -> int:
        now = reading.milliseconds(self._clock())
        slot = store.take(tx, now, b"", b"")
        body = json.loads(store.bodies(tx, intent, 1)[0])
        body["time"] = now
        for gone in ("_sd", "_sd_alg"):
            body["unmapped"].pop(gone, None)
        self._put(tx, slot, stamp(body, mark, self._uuid()), [])
        return slot.number

    def _put(self, tx: Connection, slot: store.Slot, body: dict[str, Any], placed: list[tuple[int, str]]) -> None:
        body["metadata"]["logged_time"] = slot.time
        stored = [(k, self.keyring.encrypt(text, private.place_of(slot.number, k))) for k, text in placed]
        store.put(tx, slot.number, encode(body), index_row(body), stored)

    def _lookup(self, account: str | None) -> bytes:
        return self.keyring.lookup(account) if account and is_account(account) else b""

    def _name(self, tx: Connection, account: str) -> str:
        return self.pseudonym(tx, account) if is_account(account) else account

    def _uuid(self) -> str:
        number = int.from_bytes(self._random(16), "big") & ~_UUID_BITS | _UUID_4
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
