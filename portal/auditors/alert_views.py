"""/log/alerts: what the watching of the log has found, newest first, and what has become of each."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from audit import search
from audit.reading import Entry, read
from audit.search import Query
from portal.auditors.views import LAST, PAGE, address, views
from portal.explaining.watching import ALERT_SUBJECTS, ALERTS
from portal.tickets.ticket import TicketNotFound
from portal.tickets.words import DESK_STATES, STATES
from portal.views import me, parts
from portal.views.guards import for_auditors

FILTERS = "kind=alert"
MOST_NAMED = 5  # entries it is about; its own page names all


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One finding with its ticket's state, and the entries it is about, newest first."""

    index: int
    at: datetime
    title: str
    meaning: str
    ticket: str
    ticket_url: str
    state: str
    words: str
    entries: tuple[int, ...]
    more: int  # how many entries there are besides
    reviewed: bool


@views.get("/alerts")
@for_auditors
def alerts() -> ResponseReturnValue:
    """A page of them; what is searched for is on record like any other search."""
    before = request.args.get("before", type=int)
    parts().auditing.index.catch_up()
    query = Query(kinds=["alert"], units=me().units)
    with parts().database.read() as db:
        keyring = parts().log.keyring
        page = search.find(db, keyring, query, PAGE, before if before is None or 0 <= before < LAST else 0)
        found = read(db, keyring, page.numbers)
        remarks = parts().auditing.review.of(page.numbers)
        rows = [_alert(db, one, any(r.ticket is None for r in remarks.get(one.index, ()))) for one in found]
    parts().auditing.looks.searched(session, me(), FILTERS, None)
    return render_template(
        "log/alerts.html",
        alerts=rows,
        newer_url=url_for(".alerts") if before is not None else None,
        older_url=None if page.onward is None else url_for(".alerts", before=page.onward),
    )


def _alert(db: Connection, entry: Entry, reviewed: bool) -> Alert:
    code = f"alert_{entry.event['entity']['data']['attribute']}"
    number = str(entry.event["unmapped"].get("ticket", ""))
    named = sorted((int(one) for one in entry.disclosures.get("entries", "").split(",") if one.strip()), reverse=True)
    state, words = _ticket(db, number)
    return Alert(
        index=entry.index,
        at=entry.time,
        title=str(ALERT_SUBJECTS.get(code, code)),
        meaning=str(ALERTS[code].title) if code in ALERTS else "",
        ticket=number,
        ticket_url=address(f"ticket={number}"),
        state=state,
        words=words,
        entries=tuple(named[:MOST_NAMED]),
        more=max(0, len(named) - MOST_NAMED),
        reviewed=reviewed,
    )


def _ticket(db: Connection, number: str) -> tuple[str, str]:
    """How its ticket stands: colour and words."""
    try:
        state, words = (STATES | DESK_STATES)[parts().tickets.get(db, int(number)).status]
    except (TicketNotFound, ValueError):
        return "", ""
    return state, str(words)
