"""Filters of one's own with a name: save, rename, remove, see first."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.tickets.desk_views import views
from portal.tickets.queue import Wanted
from portal.tickets.queue_views import address
from portal.tickets.saved_views import MOST, SavedView, TooMany
from portal.views import me, parts
from portal.views.guards import for_staff
from portal.web.forms import no_control_characters


class NameForm(FlaskForm):
    title = StringField(
        _l("Name of the view"),
        [
            InputRequired(_l("Give it a name.")),
            Length(max=60, message=_l("That is longer than 60 characters.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "off"},
    )


@views.route("/views/new", methods=["GET", "POST"])
@for_staff
def save_view() -> ResponseReturnValue:
    """The filter stands in the address, as everywhere."""
    form, wanted = NameForm(), Wanted.read(request.args)
    if form.validate_on_submit():
        try:
            parts().service_desk.saved_views.save(me().account_id, form.title.data, wanted)
            return redirect(address(wanted))
        except TooMany:
            form.title.errors = [_("You have %(most)s views already. Remove one first.", most=MOST)]
    return _page(form, wanted, None), 422 if form.errors else 200


@views.route("/views/<view_id>", methods=["GET", "POST"])
@for_staff
def change_view(view_id: str) -> ResponseReturnValue:
    view = _view(view_id)
    form = NameForm(title=view.name)
    if form.validate_on_submit():
        parts().service_desk.saved_views.rename(me().account_id, view_id, form.title.data)
        return redirect(address(view.wanted))
    return _page(form, view.wanted, view), 422 if form.errors else 200


@views.post("/views/<view_id>/remove")
@for_staff
def remove_view(view_id: str) -> ResponseReturnValue:
    parts().service_desk.saved_views.remove(me().account_id, view_id)
    return redirect(url_for(".index", state="open"))


@views.post("/views/<view_id>/first")
@for_staff
def put_view_first(view_id: str) -> ResponseReturnValue:
    """Turns it on, and off again."""
    view = _view(view_id)
    parts().service_desk.saved_views.put_first(me().account_id, "" if view.first else view.id)
    return redirect(address(view.wanted))


def _view(view_id: str) -> SavedView:
    with parts().database.read() as db:
        found = parts().service_desk.saved_views.of(db, me().account_id)
    return next((view for view in found if view.id == view_id), None) or abort(404)


def _page(form: NameForm, wanted: Wanted, view: SavedView | None) -> str:
    return render_template("tickets/saved_view.html", form=form, view=view, back_url=address(wanted))
