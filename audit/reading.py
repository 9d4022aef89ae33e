"""Reading entries back: one of them, the newest about a person, those of an attempt, and attempts still open."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from audit import private
from audit.among import among
from audit.disclosures import digest
from audit.event import Outcome, Phase
from audit.keyring import Keyring
from audit.tables import OTHERS_ACT, entries, index, open_intents

_1970 = datetime(1970, 1, 1, tzinfo=UTC)
SEEN: tuple[Phase, ...] = ("outcome", "record")  # without the intents, which say nothing that came true


class NoSuchEntry(LookupError):
    """The log has no entry of this number, or has it no more."""


class ForeignDisclosure(ValueError):
    """A stored disclosure is not one that its entry commits to."""


@dataclass(frozen=True)
class Entry:
    """An entry as it stands in the log, and those of its personal values that were not erased."""

    index: int
    body: bytes
    disclosures: dict[str, str]

    @cached_property
    def event(self) -> dict[str, Any]:
        """The body as OCSF."""
        return json.loads(self.body)

    @property
    def time(self) -> datetime:
        """When it was written."""
        return moment_of(self.event["metadata"]["logged_time"])

    @property
    def kind(self) -> str:
        """Our word for what happened, a key of KINDS."""
        return str(self.event["unmapped"]["kind"])

    @property
    def phase(self) -> Phase:
        """Whether it announces a write, ends one, or stands alone."""
        return self.event["unmapped"]["phase"]

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None for an intent."""
        return None if self.phase == "intent" else self.event["status"].lower()

    @property
    def reason(self) -> str:
        """The reason code, if there is one."""
        return str(self.event.get("status_code", ""))


@dataclass(frozen=True)
class OpenIntent:
    """An intent without an outcome; actor and subject are pseudonyms."""

    index: int
    correlation: str
    time: datetime
    kind: str
    actor: str
    subject: str | None


class Wanted(NamedTuple):
    """Which entries to find, newest first. Actor and subject are pseudonyms; `before` is an index, to page on."""

    limit: int
    before: int | None = None
    subject: str | None = None
    actor: str | None = None
    kinds: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    phases: Sequence[Phase] = ()
    since: datetime | None = None
    until: datetime | None = None


def entry(tx: Connection, keyring: Keyring, number: int) -> Entry:
    """One entry; raises NoSuchEntry."""
    found = read(tx, keyring, [number])
    if not found:
        raise NoSuchEntry(f"there is no entry {number}")
    return found[0]


def read(tx: Connection, keyring: Keyring, numbers: Sequence[int]) -> list[Entry]:
    """These entries, newest first; raises ForeignDisclosure if a personal value was exchanged."""
    there = (among(tx, entries.c.idx, numbers), func.length(entries.c.body) > 0)
    rows = tx.execute(select(entries.c.idx, entries.c.body).where(*there)).all()
    disclosed = private.disclosures(tx, keyring, numbers) if rows else {}
    return [_entry(number, bytes(body), disclosed.get(number, [])) for number, body in sorted(rows, reverse=True)]


def _entry(number: int, body: bytes, disclosed: list[str]) -> Entry:
    for text in disclosed:
        if digest(text).encode() not in body:
            raise ForeignDisclosure(f"entry {number} does not commit to a value stored with it")
    return Entry(number, body, private.named(disclosed))


def find(tx: Connection, wanted: Wanted) -> list[int]:
    """The numbers of the newest entries that are wanted."""
    conditions = _conditions(wanted)
    if wanted.actor is None:
        return _newest(tx, wanted.limit, conditions)
    acted = index.c.actor == wanted.actor  # what somebody did for himself stands only in the index by subject
    own = _newest(tx, wanted.limit, [*conditions, acted, index.c.subject == wanted.actor])
    for_others = _newest(tx, wanted.limit, [*conditions, acted, OTHERS_ACT])
    return sorted({*own, *for_others}, reverse=True)[: wanted.limit]


def _newest(tx: Connection, limit: int, conditions: Sequence[ColumnElement[bool]]) -> list[int]:
    chosen = select(index.c.idx).where(*conditions).order_by(index.c.idx.desc()).limit(limit)
    return list(tx.execute(chosen).scalars())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.before is not None:
        conditions.append(index.c.idx < wanted.before)
    if wanted.subject is not None:
        conditions.append(index.c.subject == wanted.subject)
    for column, values in (
        (index.c.kind, wanted.kinds),
        (index.c.outcome, wanted.outcomes),
        (index.c.phase, wanted.phases),
    ):
        if values:
            conditions.append(column.in_(values))
    if wanted.since is not None:
        conditions.append(index.c.time >= milliseconds(wanted.since))
    if wanted.until is not None:
        conditions.append(index.c.time < milliseconds(wanted.until))
    return conditions


def still_open(tx: Connection, older_than: datetime) -> list[OpenIntent]:
    """Intents without an outcome that are older than this moment, oldest first."""
    chosen = (
        select(index.c.idx, index.c.correlation, index.c.time, index.c.kind, index.c.actor, index.c.subject)
        .join(open_intents, open_intents.c.idx == index.c.idx)
        .where(open_intents.c.time < milliseconds(older_than))
        .order_by(index.c.idx)
    )
    return [OpenIntent(row[0], row[1], moment_of(row[2]), row[3], row[4], row[5]) for row in tx.execute(chosen)]


def milliseconds(moment: datetime) -> int:
    """A moment as OCSF counts: milliseconds since 1970 in UTC; it must be aware."""
    return (moment - _1970) // timedelta(milliseconds=1)


def moment_of(number: int) -> datetime:
    """The moment that OCSF counts so."""
    return _1970 + timedelta(milliseconds=number)
