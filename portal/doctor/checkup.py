"""The doctor's findings for a page: a worker looks everything over, and what it found stays until the next look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from connectors import capabilities
from connectors.capabilities import Finding, Severity
from connectors.findings import Sentence, said
from portal.doctor.doctor import Area, areas
from portal.parts import Parts
from portal.tables import checkup as table

PATIENCE = timedelta(minutes=5)  # then a look that did not end may be begun anew


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One area; `done` is None until somebody has looked."""

    area: str
    title: str
    asked: datetime
    done: datetime | None
    findings: list[Finding] = field(default_factory=list)


class Checkup:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def latest(self) -> list[Looked]:
        """Area by area; nothing if nobody has ever asked."""
        with self._parts.database.read() as db:
            rows = db.execute(select(table).order_by(table.c.place)).all()
        return [_looked(row, self._parts.keys.open("checkup", row.content)) for row in rows]

    def begin(self) -> None:
        """Let a worker look, unless one is at it."""
        now = self._parts.clock()
        if any(one.done is None and now - one.asked < PATIENCE for one in self.latest()):
            return
        with self._parts.database.write() as tx:
            tx.execute(delete(table))
            for place, area in enumerate(areas(self._parts)):
                tx.execute(insert(table).values(place=place, asked=now, content=self._sealed(area, [])))
                self._parts.outbox.put(tx, "checkup", {"place": place, "asked": now.isoformat()})

    def look(self, id_: str, content: dict[str, Any]) -> None:
        """Look at one area, and write down what was found if nobody has asked anew meanwhile."""
        place, asked = content["place"], datetime.fromisoformat(content["asked"])
        known = areas(self._parts)
        if place >= len(known):
            return  # the settings name less by now
        sealed = self._sealed(known[place], list(known[place].look()))
        which = (table.c.place == place, table.c.asked == asked)
        with self._parts.database.write() as tx:
            tx.execute(update(table).where(*which).values(done=self._parts.clock(), content=sealed))

    def _sealed(self, area: Area, findings: list[Finding]) -> bytes:
        kept = {"area": area.name, "title": _packed(area.title), "findings": [_as_json(f) for f in findings]}
        return self._parts.keys.seal("checkup", kept)


def _looked(row: Any, kept: Mapping[str, Any]) -> Looked:
    findings = [_from_json(each) for each in kept["findings"]]
    title = _unpacked(kept["title"])
    return Looked(area=kept["area"], title=title, asked=row.asked, done=row.done, findings=findings)


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "subject": _packed(finding.subject),
        "message": _packed(finding.message),
        "remedy": finding.remedy,
        "base": finding.base,
        "stops": [capability.__name__ for capability in finding.stops],
    }


def _from_json(kept: Mapping[str, Any]) -> Finding:
    return Finding(
        severity=Severity(kept["severity"]),
        subject=_unpacked(kept["subject"]),
        message=_unpacked(kept["message"]),
        remedy=kept["remedy"],
        base=kept["base"],
        stops=tuple(getattr(capabilities, name) for name in kept["stops"]),
    )


def _packed(value: object) -> Any:
    """A sentence by its words, so that each reader gets it in the language of the page."""
    if isinstance(value, Sentence):
        return {"words": value.words, "values": {name: _packed(each) for name, each in value.values.items()}}
    return str(value)


def _unpacked(kept: Any) -> str:
    if isinstance(kept, str):
        return kept
    words, values = kept["words"], kept["values"]
    return said(words, {name: _unpacked(each) for name, each in values.items()})
