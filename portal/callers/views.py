"""Who calls or comes is checked here, and then helped: never before the check, and never with a password."""

from typing import Any

import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup

from connectors.account import Account
from connectors.errors import ConnectorError
from portal.action import Action
from portal.callers.acting import EXTEND, acting_for, line_of, offered_here
from portal.callers.checks import SENIOR, Check
from portal.callers.proofs import PROOFS
from portal.callers.tables import FAILED
from portal.callers.words import ALARMS, proof_lines
from portal.explaining.explain import explain
from portal.results import Denied, Done, Result
from portal.tickets.counter import NotAllowed
from portal.tickets.facts import facts_of
from portal.tickets.ticket import Ticket, TicketNotFound
from portal.tickets.words import facts_in_words, subject_of
from portal.views import me, parts
from portal.views.answers import result_page
from portal.views.guards import for_staff
from portal.views.seen import account_seen
from portal.web.forms import code

views = Blueprint("callers", __name__, url_prefix="/desk/tickets")


class CodeForm(FlaskForm):
    code = code(_l("The code they read to you"), inputmode="numeric", autocomplete="off")


@views.get("/<int:number>/caller")
@for_staff
def caller(number: int) -> ResponseReturnValue:
    ticket = _ticket(number)
    account = whom(ticket)
    if account is not None:
        account_seen(account, request.endpoint or "")
    return _page(ticket, account, CodeForm(formdata=None))


@views.post("/<int:number>/caller/begin")
@for_staff
def begin(number: int) -> ResponseReturnValue:
    account = open_for(number)
    try:
        parts().front.checks.begin(me(), _ticket(number), account)
    except NotAllowed as error:
        return _page(_ticket(number), account, CodeForm(formdata=None), refused=str(error))
    return redirect(url_for(".caller", number=number))


@views.post("/<int:number>/caller/step")
@for_staff
def step(number: int) -> ResponseReturnValue:
    """One line of the checklist; the button's value says which."""
    checks, wanted, check = parts().front.checks, request.form.get("step", ""), _check(number)
    match wanted:
        case "pressure":
            checks.press(me(), check.id)
        case "mailed_code":
            checks.send_code(me(), check.id)
        case "manager":
            if manager := _manager(whom(_ticket(number))):
                checks.ask_manager(me(), check.id, manager)
        case "second":
            _second(check)
        case "failed":
            checks.fail(me(), check.id)
        case _:
            if wanted not in PROOFS or not checks.give(me(), check.id, wanted):
                abort(400)
    return redirect(url_for(".caller", number=number))


@views.post("/<int:number>/caller/code")
@for_staff
def hear(number: int) -> ResponseReturnValue:
    check, form, ticket = _check(number), CodeForm(), _ticket(number)
    if form.validate_on_submit():
        if parts().front.checks.hear_code(me(), check.id, form.code.data):
            return redirect(url_for(".caller", number=number))
        form.code.errors = [_("That is not the newest code. After a few tries only a new one helps.")]
        form.code.data = ""
    return _page(ticket, whom(ticket), form)


@views.post("/<int:number>/caller/do/<deed>")
@for_staff
def do(number: int, deed: str) -> ResponseReturnValue:
    """Through the same desk and policy as everything; the check is the evidence, and looked at again there."""
    account = open_for(number)
    check = _current(number)
    wanted = {one.name: one for one in offered_here(account, check.given if check else ())}.get(deed)
    if wanted is None or deed == EXTEND:
        abort(404)
    action = wanted.action(account)
    result = parts().desk.submit(acting_for(number, account), action, account)
    if deed == "show-link" and isinstance(result, Done) and (shown := _show(account, number)):
        return shown
    return answer(number, account, action, result)


def answer(number: int, account: Account, action: Action, result: Result) -> ResponseReturnValue:
    """What the desk said, as a page that leads back to the ticket."""
    here = url_for(".caller", number=number)
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return redirect(url_for("sign_in.fresh", next=here))
    return result_page(
        result,
        None,
        title=_("Done for %(name)s", name=account.name),
        explanation=_("They get a mail about it at all their addresses. The ticket says that you did it."),
        retry_url=here,
        onward=(_("Back to the ticket"), url_for("desk.ticket", number=number)),
    )


def whom(ticket: Ticket) -> Account | None:
    """Whom a ticket is about, as far as the directory knows; None if nobody or several, or it does not answer."""
    known = ticket.details.get("caller_id") or ticket.account_id or ticket.requester_id
    try:
        return parts().accounts.read(known) if known else parts().accounts.find(ticket.claim)
    except ConnectorError:
        return None


def open_for(number: int) -> Account:
    """Whom an open ticket is about, or else back to its page."""
    ticket = _ticket(number)
    account = whom(ticket) if ticket.is_open else None
    if account is None:
        abort(redirect(url_for("callers.caller", number=number)))
    return account


def _show(account: Account, number: int) -> str | None:
    """The link as a picture for the person's telephone: on this page once, and nowhere else."""
    with parts().database.write() as tx:
        made = parts().password_links.to_show(tx, account.id)
    if made is None:
        return None
    link, token = made
    url = parts().links.new_password(token)
    picture = segno.make(url, error="m").svg_inline(omitsize=True, light="#fff", svgclass="qr", lineclass=None)
    return render_template(
        "desk/link_shown.html",
        picture=Markup(picture.replace("<svg", '<svg aria-hidden="true"', 1)),  # noqa: S704 - drawn by segno, of an address of ours
        url=url,
        ends=link.ends,
        name=account.name,
        back_url=url_for("desk.ticket", number=number),
    )


def _second(check: Check) -> None:
    try:
        parts().front.checks.second(me(), check)
    except NotAllowed:
        abort(403)


def _check(number: int) -> Check:
    """The check that is under way; whoever comes too late sees the page as it is."""
    _ticket(number)
    check = _current(number)
    if check is None or check.state == FAILED:
        abort(redirect(url_for("callers.caller", number=number)))
    return check


def _current(number: int) -> Check | None:
    known = _ticket(number)  # a number no column holds is asked for nowhere else
    with parts().database.read() as db:
        return parts().front.checks.current(db, known.number)


def _manager(account: Account | None) -> Account | None:
    """Whoever answers for the person, unless that is whoever checks: one pair of eyes counts once."""
    try:
        found = parts().sponsors.sponsor_of(account) if account else None
    except ConnectorError:
        return None
    return None if found and found.id == me().account_id else found


def _ticket(number: int) -> Ticket:
    try:
        with parts().database.read() as db:
            ticket = parts().tickets.get(db, number)
    except TicketNotFound:
        abort(404)
    if me().account_id in (ticket.requester_id, ticket.account_id):
        abort(403)
    return ticket


def _page(ticket: Ticket, account: Account | None, form: CodeForm, *, refused: str = "") -> ResponseReturnValue:
    shown: dict[str, Any] = {"check": None, "proofs": [], "deeds": [], "alarms": [], "standing": None}
    with parts().database.read() as db:
        check = parts().front.checks.current(db, ticket.number)
        if check and account and check.account_id == account.id:
            come_to = parts().front.checks.standing(db, check, account)
            evidence = come_to.evidence(account.id, ticket.number, check.ends)
            manager = _manager(account)
            settings = parts().settings.caller_check
            shown = {
                "check": check,
                "standing": come_to,
                "alarms": [ALARMS[code] for code in come_to.alarms],
                "proofs": proof_lines(settings.points, account, check, come_to, manager.name if manager else ""),
                "deeds": [line_of(one, account, evidence) for one in offered_here(account, check.given)],
            }
    status = 422 if form.errors else 409 if refused else 200
    return render_template(
        "desk/caller.html",
        number=ticket.number,
        subject=str(subject_of(ticket)),
        is_open=ticket.is_open,
        account=account,
        facts=facts_in_words(facts_of(account), parts().clock()) if account else [],
        mine=bool(check and check.staff_id == me().account_id),
        may_second=bool(check and me().roles & SENIOR and me().account_id != check.staff_id),
        refused=explain(refused).title if refused else "",
        advice=explain(refused).advice if refused else "",
        form=form,
        **shown,
    ), status
