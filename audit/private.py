"""Encrypted disclosures beside the log: written with an entry, read with it, deleted when a person is erased."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, or_, select

from audit.among import among
from audit.disclosures import digest, disclosure, read
from audit.event import ANONYMOUS, SYSTEM, Event
from audit.keyring import Keyring
from audit.tables import OTHERS_ACT, index, private, remarks, words

SOURCE = 0  # the place of the source, which belongs to the actor; all others belong to the subject


class Hidden(NamedTuple):
    """The disclosures of one event: their places and texts, and the digests for its entry."""

    placed: list[tuple[int, str]]
    digests: list[str]


def hide(event: Event, random: Callable[[int], bytes]) -> Hidden:
    """Make disclosures of the personal values of an event."""
    placed = [(SOURCE, disclosure(random(16), "source", event.source))] if event.source else []
    values = {name: value for name, value in _values(event).items() if value}
    for place, (name, value) in enumerate(values.items(), start=1):
        placed.append((place, disclosure(random(16), name, value)))
    return Hidden(placed, [digest(text) for _, text in placed])


def _values(event: Event) -> Mapping[str, str]:
    named = {"reason": event.reason, "object": event.object}
    if event.kind != "account_extend":
        named |= {"old": event.old, "new": event.new}
    return {**event.disclose, **named}


def place_of(number: int, place: int) -> bytes:
    """What binds an encrypted disclosure to its row."""
    return f"{number}.{place}".encode()


def disclosures(tx: Connection, keyring: Keyring, numbers: Iterable[int]) -> dict[int, list[str]]:
    """The disclosures that still exist for these entries, in clear, by entry."""
    found: dict[int, list[str]] = {}
    chosen = select(private).where(among(tx, private.c.idx, numbers)).order_by(private.c.idx, private.c.k)
    for number, place, stored in tx.execute(chosen):
        found.setdefault(number, []).append(keyring.decrypt(bytes(stored), place_of(number, place)))
    return found


def named(texts: Iterable[str]) -> dict[str, str]:
    """Disclosures as values by name."""
    return dict(read(text) for text in texts)


def erase(tx: Connection, pseudonym: str) -> None:
    """Delete every disclosure that belongs to this person."""
    met = index.c.subject == pseudonym
    acted_alone = (index.c.actor == pseudonym) & index.c.subject.is_(None)
    acted = or_(met & (index.c.actor == pseudonym), (index.c.actor == pseudonym) & OTHERS_ACT)
    own_source = select(index.c.idx).where(or_(acted, met & index.c.actor.in_([SYSTEM, ANONYMOUS])))
    own_values = select(index.c.idx).where(or_(met, acted_alone))
    tx.execute(delete(private).where(private.c.k == SOURCE, private.c.idx.in_(own_source)))
    tx.execute(delete(private).where(private.c.k != SOURCE, private.c.idx.in_(own_values)))
    for beside in (words, remarks):  # what was made from them, and what auditors wrote about them
        tx.execute(delete(beside).where(beside.c.idx.in_(own_values)))
