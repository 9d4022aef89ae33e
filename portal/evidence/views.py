"""/log/export: a view of the log as a file, at once or made by a worker, and the files that wait for whoever asked."""

from collections.abc import Iterator
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField

from audit import search, serving
from audit.reading import Entry, read
from portal.auditors.asking import Asked, SearchForm, ask
from portal.auditors.sentences import Wording
from portal.auditors.views import address
from portal.evidence.exports import Export, Exports, Format, State, taken_out
from portal.evidence.lines import csv_head, csv_rows, json_rows
from portal.views import me, parts
from portal.views.guards import for_auditors

views = Blueprint("evidence", __name__, url_prefix="/log/export")
TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/x-ndjson",
    Format.PACK: "application/zip",
}
STATES = {
    State.WAITING: ("wait", _l("Being written")),
    State.SEALING: ("wait", _l("Waits for the signature")),
    State.DONE: ("done", _l("Ready")),
    State.TOO_MANY: ("no", _l("Too many entries")),
    State.FAILED: ("no", _l("Not made")),
}
TITLES = {
    Format.CSV: _l("Table (CSV)"),
    Format.JSON: _l("JSON lines (OCSF)"),
    Format.PACK: _l("Evidence pack (zip)"),
}
HINTS = {
    Format.CSV: _l("For a spreadsheet"),
    Format.JSON: _l("For programs, as a SIEM gets it"),
    Format.PACK: _l("With proofs, a report to read and to print, and a program that checks it all without us"),
}


class ExportForm(FlaskForm):
    format = RadioField(
        _l("As what?"), choices=[(one.value, title) for one, title in TITLES.items()], default=Format.CSV.value
    )
    filters = HiddenField()


@views.get("")
@for_auditors
def index() -> ResponseReturnValue:
    wanted = SearchForm(request.args)
    return _page(wanted, ExportForm(formdata=None, filters=wanted.filters()))


@views.post("")
@for_auditors
def begin() -> ResponseReturnValue:
    """A short file comes at once; a long one, and every pack, is made by a worker."""
    form = ExportForm()
    wanted = SearchForm(MultiDict(_parsed(form.filters.data or "")))
    asked = _asked(wanted)
    if not form.validate_on_submit() or wanted.errors:
        return _page(wanted, form)
    left = parts().auditing.index.catch_up()
    format, filters = Format(form.format.data), wanted.filters()
    if not left and format is not Format.PACK and (entries := _few(asked)) is not None:
        return _at_once(format, asked, filters, entries)
    Exports(parts()).begin(me(), format, asked.query, filters, str(get_locale()))
    return redirect(url_for(".index") + (f"?{filters}" if filters else ""))


@views.get("/<export_id>")
@for_auditors
def download(export_id: str) -> ResponseReturnValue:
    """Only for whoever asked for it, part by part."""
    exports = Exports(parts())
    with parts().database.read() as db:
        one = exports.get(db, export_id)
    if one is None or one.account_id != me().account_id or one.state is not State.DONE:
        abort(404)
    return _file(one.format, one.name, exports.read(one.id))


def _parsed(filters: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(filters, max_num_fields=20)
    except ValueError:
        abort(400)


def _asked(wanted: SearchForm) -> Asked:
    if not wanted.validate():
        return Asked(search.NOTHING)
    return ask(wanted, parts().auditing.names, ZoneInfo(parts().settings.time_zone), me().units)


def _few(asked: Asked) -> list[Entry] | None:
    """All entries of the view, if a file with them can be written at once."""
    keyring, most = parts().log.keyring, parts().settings.exports.at_once
    with parts().database.read() as db:
        page = search.find(db, keyring, asked.query, most)
        return None if page.onward is not None else read(db, keyring, page.numbers)


def _at_once(format: Format, asked: Asked, filters: str, entries: list[Entry]) -> Response:
    actor = me()
    asker = {"session": actor.session, "source": actor.source, "factors": actor.factors}
    with parts().database.write() as tx:
        subject = parts().log.account_of(tx, asked.about) if asked.about else None
        event = taken_out(actor.account_id, asker, asked.query, filters, target=subject)
        parts().log.record(tx, event, "success")
    if format is Format.CSV:
        lines = [csv_head(), *csv_rows(entries, Wording(parts().auditing.names, entries))]
    else:
        with parts().database.read() as db:
            lines = list(json_rows(db, parts().log, entries))
    name = f"log-{parts().clock():%Y-%m-%d-%H%M}.{format}"
    return _file(format, name, (line.encode() for line in lines))


def _file(format: Format, name: str, content: Iterator[bytes]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=TYPES[format], headers=headers)


def _page(wanted: SearchForm, form: ExportForm) -> ResponseReturnValue:
    filters = wanted.filters()
    mine = Exports(parts()).of(me().account_id)
    with parts().database.read() as db:
        anchor = serving.checkpoint(db)
    return render_template(
        "evidence/index.html",
        form=form,
        hints={one.value: str(words) for one, words in HINTS.items()},
        filters=filters,
        search_url=address(filters),
        wanted=[(str(wanted[name].label.text), _readable(wanted, name)) for name in _given(wanted)],
        files=[_line(one) for one in mine],
        waits=any(one.open for one in mine),
        keep_days=parts().settings.exports.keep_days,
        anchor=(anchor or b"").decode(),
    ), 422 if form.errors or wanted.errors else 200


def _given(wanted: SearchForm) -> list[str]:
    return [field.name for field in wanted if field.data]


def _readable(wanted: SearchForm, name: str) -> str:
    choices = dict(getattr(wanted[name], "choices", None) or ())
    return str(choices.get(wanted[name].data, wanted[name].data))


def _line(one: Export) -> dict[str, object]:
    """One file: what it is, how far it is, and where it is fetched."""
    state, words = STATES[one.state]
    return {
        "name": one.name,
        "asked": one.asked,
        "ends": one.ends,
        "title": str(TITLES[one.format]),
        "filters": one.filters or _("everything"),
        "state": (state, str(words)),
        "lines": one.lines,
        "open": one.open,
        "too_many": one.state is State.TOO_MANY,
        "progress": one.progress,
        "url": url_for(".download", export_id=one.id) if one.state is State.DONE else None,
    }
