"""How people judge the help they got, for those who help. Names stay out; only who supervises is led to a ticket."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from portal.aftercare.ratings import MONTHS, Figures
from portal.tickets.queue_words import queue_words
from portal.views import me, parts
from portal.views.guards import for_staff

views = Blueprint("ratings", __name__, url_prefix="/desk/ratings")


@views.get("")
@for_staff
def index() -> ResponseReturnValue:
    queue, desk = request.args.get("queue", ""), parts().settings.desk
    with parts().database.read() as db:
        found = parts().front.ratings.found(db, queue)
    known = [str(one.of) for one in found.queues]
    if queue and queue not in (*known, *parts().service_desk.handing.queues):
        abort(404)
    tabs = [(_("All"), url_for(".index"), not queue)]
    tabs += [(queue_words(name, desk), url_for(".index", queue=name), name == queue) for name in known]
    return render_template(
        "desk/ratings.html",
        tabs=tabs,
        whole=Figures(of="", good=sum(m.good for m in found.months), bad=sum(m.bad for m in found.months)),
        months=[(str(format_date(one.of, "MMMM y")), one) for one in found.months],
        queues=[(queue_words(str(one.of), desk), one) for one in found.queues],
        comments=[
            (one, queue_words(one.queue, desk), url_for("desk.ticket", number=one.ticket) if _sees_tickets() else None)
            for one in found.comments
        ],
        span=MONTHS,
    )


def _sees_tickets() -> bool:
    return "supervisor" in me().roles
