"""/log: the record as auditors search it, every view with an address of its own, and the searches they keep."""

from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from audit import search
from audit.reading import read
from audit.search import Found
from portal.auditors.asking import Asked, SearchForm, ask
from portal.auditors.picture import picture
from portal.auditors.sentences import Wording
from portal.views import me, parts
from portal.views.guards import for_auditors
from portal.web.forms import no_control_characters

views = Blueprint("log", __name__, url_prefix="/log")
PAGE = 50
IN_PICTURE = 1_000  # the newest of what was found
LAST = 2**53  # no entry has a higher number


class SaveForm(FlaskForm):
    name = StringField(
        _l("Name of this search"),
        [
            InputRequired(_l("Give it a name.")),
            Length(max=60, message=_l("That is longer than 60 characters.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "off"},
    )
    filters = HiddenField()


@views.get("")
@for_auditors
def index() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    return _page(SearchForm(request.args), before if before is None or 0 <= before < LAST else 0)


@views.post("/searches")
@for_auditors
def save() -> ResponseReturnValue:
    """Keep the search under a name, and show it again."""
    form = SaveForm()
    wanted = SearchForm(MultiDict(parse_qsl(form.filters.data or "", max_num_fields=20)))
    if form.validate_on_submit():
        if parts().auditing.searches.save(me().account_id, form.name.data.strip(), wanted.filters()):
            return redirect(address(wanted.filters()))
        form.name.errors = [_("You keep as many searches as there is room for. Remove one first.")]
    return _page(wanted, None, form)


@views.post("/searches/<search_id>/remove")
@for_auditors
def remove(search_id: str) -> ResponseReturnValue:
    parts().auditing.searches.remove(me().account_id, search_id)
    return redirect(url_for(".index"))


def address(filters: str) -> str:
    """Where a search is shown."""
    return url_for(".index") + (f"?{filters}" if filters else "")


def _page(form: SearchForm, before: int | None, save_form: SaveForm | None = None) -> ResponseReturnValue:
    left = parts().auditing.index.catch_up()
    zone = ZoneInfo(parts().settings.time_zone)
    filters = form.filters()
    asked = ask(form, parts().auditing.names, zone, me().units) if form.validate() else Asked(search.NOTHING)
    with parts().database.read() as db:
        about = parts().log.account_of(db, asked.about) if asked.about else None
        newest = search.find(db, parts().log.keyring, asked.query, IN_PICTURE)
        page = _cut(newest) if before is None else search.find(db, parts().log.keyring, asked.query, PAGE, before)
        shown = read(db, parts().log.keyring, page.numbers)
        drawn = picture(search.over_time(db, newest.numbers), zone, lambda span: address(_narrowed(filters, span)))
    parts().auditing.looks.searched(session, me(), filters or "everything", about)
    wording, remarks = Wording(parts().auditing.names, shown), parts().auditing.review.of(page.numbers)
    mine = parts().auditing.searches.of(me().account_id)
    return render_template(
        "log/index.html",
        form=form,
        filters=filters,
        lines=[wording.line(entry, remarks.get(entry.index, ())) for entry in shown],
        picture=drawn,
        newest=len(newest.numbers),
        more=newest.onward is not None,
        looked=page.onward is not None and len(page.numbers) < PAGE,
        left=left,
        newer_url=address(filters) if before is not None else None,
        older_url=_further(filters, page.onward),
        saved=[(one.id, one.name, address(one.filters), one.filters == filters) for one in mine],
        save_form=save_form or SaveForm(formdata=None, filters=filters),
        limited=me().units,
    ), 422 if form.errors or (save_form and save_form.errors) else 200


def _cut(newest: Found) -> Found:
    """The first page of what was found for the picture."""
    if len(newest.numbers) <= PAGE:
        return newest
    return Found(newest.numbers[:PAGE], newest.numbers[PAGE - 1])


def _further(filters: str, onward: int | None) -> str | None:
    if onward is None:
        return None
    return address("&".join(part for part in (filters, f"before={onward}") if part))


def _narrowed(filters: str, span: dict[str, str]) -> str:
    kept = [part for part in filters.split("&") if part and part.partition("=")[0] not in span]
    return "&".join([*kept, *(f"{name}={value}" for name, value in span.items())])
