"""Saying whether it was good, by the link in the mail; and a coordinator's plan to come back to a ticket."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.identity import Principal
from portal.tickets.counter import NotAllowed
from portal.tickets.ticket import Ticket, TicketNotFound
from portal.tickets.views import holder, ticket_of_link
from portal.tickets.words import subject_of
from portal.views import me, parts, source
from portal.views.guards import for_staff
from portal.web.errors import TryLater

views = Blueprint("aftercare", __name__)


class RateForm(FlaskForm):
    text = TextAreaField(
        _l("Why? (may stay empty)"),
        [Optional(), Length(max=1000, message=_l("That is longer than 1000 characters."))],
        render_kw={"rows": 2},
    )


class PlanForm(FlaskForm):
    days = IntegerField(
        _l("In how many days?"),
        [InputRequired(_l("Type a number of days.")), NumberRange(min=1, max=366, message=_l("From 1 to 366 days."))],
        default=7,
        render_kw={"inputmode": "numeric"},
    )
    how = RadioField(
        _l("What happens then?"),
        choices=[
            ("desk", _l("The ticket comes back to the queue")),
            ("mail", _l("The person is asked by mail whether it still works")),
        ],
        default="desk",
    )
    text = TextAreaField(
        _l("What is it about?"),
        [
            InputRequired(_l("Write something first.")),
            Length(max=1000, message=_l("That is longer than 1000 characters.")),
        ],
        description=_l("Whoever reads it then knows only this."),
        render_kw={"rows": 3},
    )


@views.post("/tickets/<int:number>/<key>/rate")
def rate(number: int, key: str) -> ResponseReturnValue:
    """One press on the page that the link in the mail opens; opening it says nothing yet."""
    ticket = ticket_of_link(number, key)
    form, good = RateForm(), request.form.get("good")
    if good not in ("yes", "no") or not form.validate_on_submit():
        abort(400)
    if wait := parts().limits.stranger_ticket(source=source()):
        raise TryLater(429, wait)
    actor: Principal = me() if current_user.is_authenticated else holder(ticket)
    try:
        parts().front.care.rate(ticket, good=good == "yes", why=form.text.data or "", actor=actor)
    except NotAllowed:
        abort(403)
    return redirect(parts().links.ticket_path(number))


@views.route("/desk/tickets/<int:number>/follow-up", methods=["GET", "POST"])
@for_staff
def follow_up(number: int) -> ResponseReturnValue:
    ticket, form = _ticket(number), PlanForm()
    if ticket.requester_id is None:
        form.how.choices = form.how.choices[:1]
    if form.validate_on_submit():
        try:
            parts().front.care.plan(me(), number, form.days.data, form.how.data, form.text.data)
        except NotAllowed:
            abort(403)
        return redirect(url_for("desk.ticket", number=number))
    with parts().database.read() as db:
        planned = parts().front.care.planned(db, number)
    subject = str(subject_of(ticket))
    page = render_template("desk/follow_up.html", form=form, number=number, subject=subject, planned=planned)
    return page, 422 if form.errors else 200


def _ticket(number: int) -> Ticket:
    try:
        with parts().database.read() as db:
            return parts().tickets.get(db, number)
    except TicketNotFound:
        abort(404)
