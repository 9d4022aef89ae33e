"""Passing a ticket on from its page: to a colleague, back, up, and into another one."""

from flask.typing import ResponseReturnValue

from portal.tickets.desk_forms import AssignForm, PassOnForm, PriorityForm
from portal.tickets.desk_page import Forms, ticket_page
from portal.tickets.desk_views import get_ticket, step, version_of, views
from portal.tickets.queue_words import queue_words
from portal.views import me, parts
from portal.views.guards import for_staff


@views.post("/tickets/<int:number>/assign")
@for_staff
def assign(number: int) -> ResponseReturnValue:
    form = AssignForm()
    version = version_of(form)
    with parts().database.read() as db:
        found = parts().service_desk.handing.colleagues(db, get_ticket(number).queue)
    form.colleague.choices = [(one.account_id, one.name) for one in found]
    if not form.validate_on_submit():
        return ticket_page(get_ticket(number), Forms(assign=form), status=422)
    to, text = form.colleague.data, form.handover.data or ""
    return step(number, lambda: parts().service_desk.handing.assign(me(), number, version, to, text))


@views.post("/tickets/<int:number>/pass-on")
@for_staff
def pass_on(number: int) -> ResponseReturnValue:
    form = PassOnForm()
    version = version_of(form)
    handing, desk = parts().service_desk.handing, parts().settings.desk
    form.queue.choices = [(name, queue_words(name, desk)) for name in handing.queues]
    if not form.validate_on_submit():
        return ticket_page(get_ticket(number), Forms(pass_on=form), status=422)
    return step(number, lambda: handing.pass_on(me(), number, version, form.queue.data, form.climb.data))


@views.post("/tickets/<int:number>/priority")
@for_staff
def prioritise(number: int) -> ResponseReturnValue:
    form = PriorityForm()
    version = version_of(form)
    if not form.validate_on_submit():
        return ticket_page(get_ticket(number), Forms(priority=form), status=422)
    judged = (form.impact.data, form.urgency.data, form.ground.data)
    return step(number, lambda: parts().service_desk.handing.prioritise(me(), number, version, *judged))


@views.post("/tickets/<int:number>/give-back/<int(max=999999999):version>")
@for_staff
def give_back(number: int, version: int) -> ResponseReturnValue:
    return step(number, lambda: parts().service_desk.handing.give_back(me(), number, version))


@views.post("/tickets/<int:number>/merge/<int(max=999999999):version>/<int:into>")
@for_staff
def merge(number: int, version: int, into: int) -> ResponseReturnValue:
    return step(number, lambda: parts().service_desk.merging.merge(me(), number, version, into))


@views.post("/tickets/<int:number>/part/<int(max=999999999):version>")
@for_staff
def part(number: int, version: int) -> ResponseReturnValue:
    return step(number, lambda: parts().service_desk.merging.part(me(), number, version))
