"""What the log holds about oneself, as a file: everybody may have his own, without asking anybody."""

from collections.abc import Iterator

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from audit import feed, pseudonyms, search
from audit.body import index_row
from audit.reading import Entry, read
from audit.search import Query
from portal.auditors.sentences import Wording
from portal.evidence.exports import Format
from portal.evidence.lines import csv_head, csv_rows
from portal.evidence.views import TYPES
from portal.parts import Parts
from portal.views import me, parts

views = Blueprint("own_record", __name__, url_prefix="/account/history")
A_TIME = 500


@views.get("/file")
@login_required
def file() -> ResponseReturnValue:
    """All of it, newest first, whatever its length: a table, or what programs read."""
    format = Format.JSON if request.args.get("format") == Format.JSON else Format.CSV
    parts().auditing.index.catch_up()
    pages = _pages(parts(), me().account_id)
    if format is Format.CSV:
        texts: Iterator[str] = _table(parts(), pages)
    else:
        texts = (feed.in_json(event) + "\n" for page in pages for event in map(feed.event_without_names, page))
    name = f"my-history-{parts().clock():%Y-%m-%d}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response([text.encode() for text in texts], content_type=TYPES[format], headers=headers)


def _pages(built: Parts, account_id: str) -> Iterator[list[Entry]]:
    """Entries about somebody, without what belongs to others in them: where somebody else came from."""
    log = built.log
    with built.database.read() as db:
        who = pseudonyms.find(db, log.keyring, account_id)
    before: int | None = 2**62
    while who and before is not None:
        with built.database.read() as db:
            page = search.find(db, log.keyring, Query(about=[who]), A_TIME, before)
            entries = read(db, log.keyring, page.numbers)
        yield [_without_others(entry, who) for entry in entries]
        before = page.onward


def _without_others(entry: Entry, who: str) -> Entry:
    if index_row(entry.event)["actor"] in (who, "system", "anonymous"):
        return entry
    kept = {name: value for name, value in entry.disclosures.items() if name != "source"}
    return Entry(entry.index, entry.body, kept)


def _table(built: Parts, pages: Iterator[list[Entry]]) -> Iterator[str]:
    yield csv_head()
    for page in pages:
        yield from csv_rows(page, Wording(built.auditing.names, page))
