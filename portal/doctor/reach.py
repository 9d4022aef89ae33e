"""Who can be helped with what: for each directory and each of its bases, what works, what people do, what does not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.capabilities import Capability, Finding
from portal.actions import ACTIONS
from portal.parts import Parts


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Names of actions, for the people below one base."""

    directory: str
    base: str
    works: tuple[str, ...]
    by_people: tuple[str, ...]
    broken: tuple[str, ...]


def reach(parts: Parts, findings: Mapping[str, Sequence[Finding]]) -> Iterator[Reach]:
    """`findings`: those of each directory by its name."""
    homes = parts.connectors.directories
    for home in parts.settings.homes:
        for base in getattr(home, "people_bases", ("",)):
            stopped = _stopped(findings.get(home.name, ()), base)
            sorted_out: dict[str, list[str]] = {"works": [], "by_people": [], "broken": []}
            for name in parts.settings.rules:
                if name in ACTIONS:
                    able = _able(parts, ACTIONS[name].needs, home.name, homes)
                    broken = able == home.name and any(issubclass(ACTIONS[name].needs or object, s) for s in stopped)
                    sorted_out["broken" if broken else "works" if able else "by_people"].append(name)
            yield Reach(directory=home.name, base=base, **{k: tuple(v) for k, v in sorted_out.items()})


def _stopped(findings: Iterable[Finding], base: str) -> frozenset[type[Capability]]:
    return frozenset(kind for finding in findings if finding.base in ("", base) for kind in finding.stops)


def _able(parts: Parts, needs: type[Capability] | None, home: str, homes: frozenset[str]) -> str:
    """The connector that does it for accounts of this home, "" if people do."""
    able = parts.connectors.all_able_to(needs) if needs else []
    here = (name for name, one in able if name == home or (name not in homes and one.serves_people_of(home)))
    return next(here, "")
