"""A few people on whom rights are looked at, spread over the units they live in, and what is true of which of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from connectors.capabilities import Finding, Severity
from connectors.findings import say
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.people import People

T = TypeVar("T")

MOST = 5  # people: access rules are given to units, so a few units tell enough
_TRIED = 20  # people of one unit, before it counts as having only protected ones


def spread(dialect: Dialect, people: People, service: Link, entries: Iterable[Entry]) -> list[Entry]:
    """A few ordinary people of several units: rights are tried out where the state leaves nothing to take away."""
    units: dict[str, list[Entry]] = {}
    for entry in entries:
        if not any(map(entry.values, dialect.marks)) and dn_key(entry.dn) != dn_key(dialect.settings.bind_dn):
            units.setdefault(dn_key(entry.dn).partition(",")[2], []).append(entry)
    chosen = _far_apart(list(units.values()), MOST)
    found: list[Entry] = []
    for unit in chosen:
        ordinary = (entry for entry in _far_apart(unit, _TRIED) if not people.account(service, entry).protected)
        found += islice(ordinary, MOST // len(chosen))
    return found


def _far_apart(several: list[T], count: int) -> list[T]:
    return several[:: max(1, len(several) // count)][:count]


def over(samples: Sequence[Entry], look: Callable[[Entry], Iterator[Finding]]) -> Iterator[Finding]:
    """What is true of all of them once; what is wrong with some, with how many. Nobody is named."""
    looked = [dict.fromkeys(look(sample)) for sample in samples]
    times = Counter(finding for findings in looked for finding in findings)
    wrong = {finding.subject for finding in times if finding.severity is not Severity.OK}
    for finding, count in times.items():
        if count == len(looked):
            yield finding
        elif finding.severity is not Severity.OK:
            message = say(
                "%(finding)s (so with %(count)s of %(all)s people looked at)",
                finding=finding.message, count=count, all=len(looked),
            )  # fmt: skip
            yield replace(finding, message=message)
        elif finding.subject not in wrong:
            yield finding
