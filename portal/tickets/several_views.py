"""One step with several tickets: each is taken, given or passed on by itself, and what did not work is told."""

from collections.abc import Callable

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.tickets.counter import NotAllowed
from portal.tickets.desk_views import PICK, views
from portal.tickets.queue_views import SIZE
from portal.tickets.ticket import AlreadyDecided, TicketNotFound
from portal.views import me, parts
from portal.views.guards import for_staff

Step = Callable[[int, int], None]


@views.post("/several")
@for_staff
def several() -> ResponseReturnValue:
    picked = [PICK.fullmatch(each) for each in request.form.getlist("ticket")[:SIZE]]
    if not all(picked):
        abort(400)
    step, wrong = _step()
    if not picked or wrong:
        wrong = wrong or _("Select one or more tickets first.")
        return render_template("tickets/several.html", done=[], failed=[], wrong=wrong), 422
    done, failed = [], []
    for each in picked:
        assert each  # noqa: S101 - looked at above
        number = int(each[1])
        why = _try(step, number, int(each[2]))
        (failed.append((number, _url(number), why)) if why else done.append((number, _url(number))))
    return render_template("tickets/several.html", done=done, failed=failed, wrong="")


def _step() -> tuple[Step, str]:
    """What is to be done with each, or what is missing."""
    handing, actor, text = parts().service_desk.handing, me(), request.form.get("handover", "").strip()[:2000]
    do = request.form.get("do")
    if do == "take":
        return lambda number, version: parts().counter.take(actor, number, version), ""
    if do == "assign":
        to = request.form.get("colleague", "")
        wrong = "" if to else _("Choose a colleague.")
        return lambda number, version: handing.assign(actor, number, version, to, text), wrong
    if do != "pass_on":
        abort(400)
    queue = request.form.get("queue", "")
    wrong = "" if queue in handing.queues else _("Choose a queue.")
    wrong = wrong or ("" if text else _("Write a note: whoever gets them reads it first."))
    return lambda number, version: handing.pass_on(actor, number, version, queue, text), wrong


def _try(step: Step, number: int, version: int) -> str:
    """Why it was not done; empty if it was."""
    try:
        step(number, version)
    except AlreadyDecided:
        return _("Somebody was quicker. It is not as it was shown to you.")
    except NotAllowed as refused:
        if str(refused) == "own_ticket":
            return _("It is that person's own ticket.")
        return _("This step is not possible with this ticket.")
    except TicketNotFound:
        return _("There is no such ticket.")
    return ""


def _url(number: int) -> str:
    return url_for("desk.ticket", number=number)
