"""Leaving a shift: what is open is written for whoever comes on, who sees it on top of the queue and of the plan."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.tickets.counter import NotAllowed
from portal.tickets.queue import Wanted
from portal.tickets.queue_words import TIERS
from portal.tickets.words import subject_of
from portal.views import me, parts
from portal.views.guards import for_staff
from portal.web.pages import clock_time

views = Blueprint("handover", __name__, url_prefix="/desk/shifts/handover")
MOST = 20  # of one's own tickets that the text begins with


class HandoverForm(FlaskForm):
    queue = SelectField(_l("For which queue?"))
    text = TextAreaField(
        _l("What is open?"),
        [
            InputRequired(_l("Write something first.")),
            Length(max=4000, message=_l("That is longer than 4000 characters.")),
        ],
        description=_l("Whoever comes on reads it first. No passwords or codes, please."),
        render_kw={"rows": 8},
    )


@views.route("", methods=["GET", "POST"])
@for_staff
def write() -> ResponseReturnValue:
    form = HandoverForm()
    form.queue.choices = [(queue, TIERS[queue]) for queue in parts().duty.handovers.queues(me())]
    if form.validate_on_submit():
        try:
            parts().duty.handovers.write(me(), form.queue.data, form.text.data)
        except NotAllowed:
            abort(403)
        return redirect(url_for("desk.index"))
    if request.method == "GET":
        with parts().database.read() as db:
            form.text.data = _my_tickets(db)
    return render_template("desk/handover.html", form=form), 422 if form.errors else 200


@views.post("/<int(max=2147483647):number>/seen")
@for_staff
def seen(number: int) -> ResponseReturnValue:
    parts().duty.handovers.settle(me(), number)
    return redirect(url_for("desk.index"))


def handed_over(db: Connection) -> dict[str, Any]:
    """What stands on top of the queue and of the plan."""
    waiting, ending = parts().duty.handovers.waiting(db, me()), parts().duty.handovers.ending(db, me())
    return {
        "handed": [
            (one, str(TIERS[one.queue]), url_for("handover.seen", number=one.id), one.author_id == me().account_id)
            for one in waiting
        ],
        "shift_ends": clock_time(ending.ends) if ending else "",
    }


def _my_tickets(db: Connection) -> str:
    """A line for each of one's own open tickets, to write behind."""
    page = parts().service_desk.queue.page(db, Wanted(assignee="me"), me().account_id, size=MOST)
    return "".join(f"{_('Ticket %(number)s', number=one.number)}, {subject_of(one)}: \n" for one in page.tickets)
