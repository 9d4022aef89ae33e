"""Deciding what others ask for: a list of one's own, and one request, signed in or by the link in the mail.

Opening the link decides nothing: mail scanners open links too. It is good for one decider and one state of the ticket,
and about an account that has ended it only leads to the sign-in.
"""

from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, HiddenField
from wtforms.validators import Optional

from connectors.account import Account
from connectors.errors import AccountNotFound
from portal.duty.bridges import bridged_until
from portal.identity import AUDITS, Principal, roles_of
from portal.tables import operation
from portal.tickets.counter import NotAllowed
from portal.tickets.desk_views import VERSION
from portal.tickets.note_words import note_line
from portal.tickets.ticket import AlreadyDecided, Ticket, TicketNotFound
from portal.tickets.words import fact_rows, ticket_line, wanted_words
from portal.views import me, parts, source
from portal.web.forms import decision_reason

views = Blueprint("approvals", __name__, url_prefix="/approvals")
EARLIER = 20  # extensions before this one that are shown


class DecideForm(FlaskForm):
    version = HiddenField()
    until = DateField(_l("Until when?"), [Optional()], description=_l("You may choose an earlier day."))
    reason = decision_reason(_l("Your reason"), _l("Say why: the requester and the auditors read it."))


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    with parts().database.read() as db:
        mine = (me().account_id, *parts().absences.stood_in_for(db, me().account_id))
        found = parts().tickets.waiting_for(db, *mine)
        waiting = [ticket for ticket in found if parts().approvals.may_decide(db, ticket, me())]
    lines = [(ticket_line(t, url_for(".one", number=t.number), parts().clock()), *_dates(t)) for t in waiting]
    return render_template("approvals/index.html", approvals=lines, away_url=url_for(".away"))


@views.route("/<int:number>", methods=["GET", "POST"])
def one(number: int) -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.index", next=request.path))
    return _decide(number, me())


@views.route("/<int:number>/<token>", methods=["GET", "POST"])
def by_mail(number: int, token: str) -> ResponseReturnValue:
    meant = parts().links.approval_of(token)
    if meant is None or meant[0] != number:
        abort(404)
    ticket = _get(number)
    if ticket.version != meant[1] or not ticket.is_open:
        return _past(ticket, late=False), 410
    if not parts().approvals.by_link(ticket):
        return redirect(url_for(".one", number=number))
    decider = _decider(meant[2])
    actor = Principal(
        account_id=decider.id,
        login=decider.login,
        name=decider.name,
        language=decider.language,
        roles=roles_of(decider, parts().settings.roles) & AUDITS,  # a mailbox alone gives no rights, but takes some
        channels=frozenset({"mail"}),
        factors=("mail",),
        source=source(),
    )
    return _decide(number, actor)


def _decider(account_id: str) -> Account:
    """Whoever got the link, if it is still theirs to use: who has left decides nothing any more."""
    try:
        account = parts().accounts.read(account_id)
    except AccountNotFound:
        abort(403)
    if account.state.disabled or account.state.ended:
        abort(403)
    return account


def _decide(number: int, actor: Principal) -> ResponseReturnValue:
    ticket = _get(number)
    with parts().database.read() as db:
        allowed = parts().approvals.may_decide(db, ticket, actor)
        was_asked = not allowed and parts().approvals.was_asked(db, ticket, actor)
    if was_asked:
        return _past(ticket, late=request.method == "POST"), 409 if request.method == "POST" else 410
    if not allowed:
        if parts().approvals.left_to_others(ticket, actor):
            return render_template("approvals/left_to_others.html"), 403
        abort(403 if ticket.stages else 404)
    form = DecideForm(version=str(ticket.version), until=_asked(ticket))
    decision = request.form.get("decision")
    if form.is_submitted():
        if decision not in ("approve", "refuse") or not VERSION.fullmatch(form.version.data or ""):
            abort(400)
        if form.validate() and _fits(form, ticket):
            return _answer(form, ticket, actor, approve=decision == "approve")
    elif ticket.requester_id != actor.account_id:
        parts().counter.viewed(actor, ticket)
    return render_template("approvals/decide.html", form=form, **_shown(ticket)), 422 if form.errors else 200


def _answer(form: DecideForm, ticket: Ticket, actor: Principal, *, approve: bool) -> ResponseReturnValue:
    version, reason = int(form.version.data), form.reason.data
    try:
        if approve:
            parts().approvals.approve(actor, ticket.number, version, reason, until=form.until.data)
        else:
            parts().approvals.refuse(actor, ticket.number, version, reason)
    except AlreadyDecided:
        return _past(_get(ticket.number), late=True), 409
    except NotAllowed:
        abort(403)
    return render_template(
        "approvals/decided.html",
        approved=approve,
        person=ticket.facts.get("name") or ticket.claim,
        number=ticket.number,
    )


def _past(ticket: Ticket, *, late: bool) -> str:
    return render_template("approvals/past.html", state=ticket_line(ticket, "", parts().clock()).words, late=late)


def _fits(form: DecideForm, ticket: Ticket) -> bool:
    """A decider may shorten what was asked for, never lengthen it, nor take back what the account has meanwhile."""
    asked, chosen, bridged = _asked(ticket), form.until.data, _bridged(ticket)
    ends_on = ticket.facts.get("ends_on", "")
    if asked is None or chosen is None:
        return True
    if chosen <= asked and chosen.isoformat() > ends_on and not (bridged and chosen < bridged):
        return True
    form.until.errors = [_l("Choose a day after the present end, and no later than was asked for.")]
    return False


def _shown(ticket: Ticket) -> dict[str, Any]:
    now = parts().clock()
    account_id = ticket.account_id or ""
    with parts().database.read() as db:
        notes = parts().tickets.notes(db, ticket.number, all_of_them=False)
        earlier = select(operation).where(
            operation.c.account_id == account_id,
            operation.c.action == ticket.action,
            operation.c.outcome == "success",
        )
        rows = db.execute(earlier.order_by(operation.c.started.desc()).limit(EARLIER)).all()
    ends_on, until = _dates(ticket)
    return {
        "ticket": ticket_line(ticket, "", now),
        "ends_on": ends_on,
        "until": until,
        "bridged": _bridged(ticket),
        "wanted": wanted_words(ticket),
        "why": ticket.details.get("reason", ""),
        "facts": [row for row in fact_rows(ticket, now) if row[1]],
        "earlier": [(row.started, date.fromisoformat(row.details["until"])) for row in rows if "until" in row.details],
        "events": [note_line(n, mine=False) for n in notes],
    }


def _dates(ticket: Ticket) -> tuple[date | None, date | None]:
    ends_on = ticket.facts.get("ends_on")
    return date.fromisoformat(ends_on) if ends_on else None, _asked(ticket)


def _asked(ticket: Ticket) -> date | None:
    until = ticket.details.get("until")
    return date.fromisoformat(until) if until else None


def _bridged(ticket: Ticket) -> date | None:
    with parts().database.read() as db:
        return bridged_until(db, ticket.number)


def _get(number: int) -> Ticket:
    try:
        with parts().database.read() as db:
            return parts().tickets.get(db, number)
    except TicketNotFound:
        abort(404)
