"""The page of a pack that people read: in the language of whoever asked, in one file, made to be printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import format_datetime, get_locale
from markupsafe import Markup

from audit import pseudonyms
from audit.body import index_row
from audit.evidence.files import entry_file
from audit.export import NotSigned, newest
from audit.reading import Entry
from portal.auditors.details import changes_of, facts_of
from portal.auditors.sentences import LogLine, Wording, result_words
from portal.evidence.exports import Export
from portal.parts import Parts

STYLE = (Path(__file__).parent / "report.css").read_text()
WIDTH, LEFT, LANE = 720, 110, 34  # of the picture, in pixels


@dataclass(frozen=True)
class Told:
    """One entry of the report."""

    line: LogLine
    begun: bool
    facts: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]
    file: str
    x: float = 0
    y: float = 0


def report(parts: Parts, one: Export, entries: Sequence[Entry]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The report and the names in it as files, and what the manifest says of the pack."""
    oldest_first = sorted(entries, key=lambda entry: entry.index)
    wording = Wording(parts.auditing.names, oldest_first)
    anchor = _anchor(parts)
    page = current_app.jinja_env.get_template("evidence/report.html").render(
        language=str(get_locale()),
        css=Markup(f"<style>\n{STYLE}</style>"),  # noqa: S704 - a file of ours; pages have no style of their own
        organisation=current_app.extensions["organisation"],
        about=one.filters,
        made=format_datetime(parts.clock(), "full"),
        by=_login(parts, one.account_id),
        lanes=[(words, state) for state, words in _lanes()],
        told=_told(oldest_first, wording),
        first=format_datetime(oldest_first[0].time, "medium") if oldest_first else "",
        last=format_datetime(oldest_first[-1].time, "medium") if oldest_first else "",
        width=WIDTH,
        left=LEFT,
        lane=LANE,
        anchor=anchor,
        origin=parts.settings.audit.origin,
    )
    about = {
        "filters": one.filters,
        "made": parts.clock().isoformat(),
        "origin": parts.settings.audit.origin,
        "earlier_checkpoint": anchor,
        "entries": [entry.index for entry in oldest_first],
    }
    return {"report.html": page.encode(), "names.json": _names(parts, wording, oldest_first)}, about


def _lanes() -> list[tuple[str, str]]:
    states = {"success": "done", "pending": "wait", "failure": "no", "unknown": "unsure"}
    words = result_words()
    return [(state, words[outcome]) for outcome, state in states.items()]


def _told(entries: Sequence[Entry], wording: Wording) -> list[Told]:
    if not entries:
        return []
    lanes = [state for state, _ in _lanes()]
    begin, end = entries[0].time, entries[-1].time
    span = (end - begin).total_seconds() or 1
    told = []
    for entry in entries:
        line = wording.line(entry)
        x = LEFT + (WIDTH - LEFT - 20) * (entry.time - begin).total_seconds() / span
        begun = entry.phase == "intent"  # these are told, not drawn
        y = 0 if begun else LANE * (lanes.index(line.state) + 0.5)
        rows = facts_of(entry, wording)
        file = entry_file(entry.index, "json")
        told.append(Told(line, begun, rows, changes_of(entry), file, round(x, 1), y))
    return told


def _names(parts: Parts, wording: Wording, entries: Sequence[Entry]) -> bytes:
    """Who is behind the pseudonyms, as the portal says: the one thing in a pack that nothing proves."""
    rows = [index_row(entry.event) for entry in entries]
    people = sorted({who for row in rows for who in (row["actor"], row["subject"]) if who})
    found = {}
    for who in people:
        if known := wording.known(who):
            found[who] = {"login": known.login, "name": known.name}
    return json.dumps(found, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def _anchor(parts: Parts) -> str:
    """The newest checkpoint when the pack was made, printed: whoever keeps the paper can hold the log to it."""
    try:
        with parts.database.read() as db:
            return newest(db)[1].decode()
    except NotSigned:
        return ""


def _login(parts: Parts, account_id: str) -> str:
    with parts.database.read() as db:
        who = pseudonyms.find(db, parts.log.keyring, account_id)
    known = parts.auditing.names.of([who]).get(who) if who else None
    return f"{known.name} ({known.login})" if known else account_id
