"""My tickets, and one ticket for whoever has its signed link."""

import hmac
from contextlib import suppress
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from portal.aftercare.care import OVER
from portal.identity import Principal
from portal.tickets.note_words import note_line
from portal.tickets.ticket import MERGED, AlreadyDecided, Ticket, TicketNotFound
from portal.tickets.words import ticket_line
from portal.views import me, parts, source
from portal.web.errors import TryLater
from portal.web.pages import day, moment

views = Blueprint("tickets", __name__, url_prefix="/tickets")
RESULTS = {
    "open": "pending",
    "taken": "pending",
    "approved": "pending",
    "fulfilled": "done",
    "refused": "denied",
    "withdrawn": "done",
    "merged": "pending",
}


class MessageForm(FlaskForm):
    text = TextAreaField(
        _l("Your message"),
        [
            InputRequired(_l("Write something first.")),
            Length(max=4000, message=_l("That is longer than 4000 characters.")),
        ],
        description=_l("No passwords or codes, please."),
        render_kw={"rows": 3},
    )


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    with parts().database.read() as db:
        mine = parts().tickets.of(db, me().account_id)
    lines = [ticket_line(t, parts().links.ticket_path(t.number), parts().clock()) for t in mine]
    ask_url = url_for("asking.ask", name="anything-else")
    return render_template("tickets/index.html", tickets=lines, newer_url=None, older_url=None, ask_url=ask_url)


@views.get("/<int:number>")
@login_required
def own(number: int) -> ResponseReturnValue:
    """One's own ticket by its number."""
    ticket = _ticket(number)
    if ticket.requester_id != me().account_id:
        abort(404)
    return redirect(parts().links.ticket_path(number))


@views.post("/<int:number>/withdraw")
@login_required
def withdraw(number: int) -> ResponseReturnValue:
    """Only signed in: whoever reads somebody's mail must not make a report of theirs go away."""
    ticket = _ticket(number)
    if ticket.requester_id != me().account_id:
        abort(404)
    with suppress(AlreadyDecided), parts().database.write() as tx:  # the page shows what became of it
        parts().counter.withdraw(tx, ticket, actor=me())
    return redirect(parts().links.ticket_path(number))


@views.route("/<int:number>/<key>", methods=["GET", "POST"])
def by_link(number: int, key: str) -> ResponseReturnValue:
    """The status page without a sign-in. A wrong key and a number that does not exist look the same."""
    ticket = ticket_of_link(number, key)
    form = MessageForm() if ticket.is_open or ticket.status in (*OVER, MERGED) else None
    if form and form.validate_on_submit():
        if wait := parts().limits.stranger_ticket(source=source()):
            raise TryLater(429, wait)
        return redirect(parts().links.ticket_path(_say(ticket, form.text.data)))
    with parts().database.read() as db:
        notes = parts().tickets.notes(db, number, all_of_them=False)
        rating = parts().front.care.rating(db, number)
    mine = current_user.is_authenticated and me().account_id == ticket.requester_id
    return render_template(
        "tickets/ticket.html",
        ticket=ticket_line(ticket, request.path, parts().clock()),
        result=RESULTS[ticket.status],
        lead=_merged(ticket) if ticket.status == MERGED else _lead(ticket),
        goes_on_url=_goes_on(ticket),
        facts=_wanted(ticket),
        events=[note_line(n, mine=True) for n in notes],
        form=form,
        form_title=_form_title(ticket),
        rate_url=url_for("aftercare.rate", number=number, key=key) if parts().front.care.may_rate(ticket) else None,
        rated=rating.good if rating else None,
        withdraw_url=url_for(".withdraw", number=number) if mine and ticket.is_open else None,
        by_link=not mine,
        mailed=ticket.requester_id is not None,
    ), 422 if form and form.errors else 200


def ticket_of_link(number: int, key: str) -> Ticket:
    """The ticket of a signed link; a wrong key and a number that does not exist look the same."""
    if not hmac.compare_digest(key.encode(), parts().links.ticket_key(number).encode()):
        abort(404)
    return _ticket(number)


def holder(ticket: Ticket) -> Principal:
    """Whoever has the link of a ticket, as the record names them."""
    who = ticket.requester_id or f"claim:{parts().walks.claim_digest(ticket.claim)}"
    return Principal(account_id=who, login="", name="", source=source())


def _say(ticket: Ticket, text: str) -> int:
    """Add it to an open ticket; after the end it opens again, or a new one names it."""
    if not ticket.is_open:
        return parts().front.care.reply(ticket, text, actor=holder(ticket))
    with parts().database.write() as tx:
        parts().counter.message(tx, ticket, text, actor=holder(ticket))
    return ticket.number


def _form_title(ticket: Ticket) -> str:
    if ticket.is_open or ticket.status == MERGED:
        return str(_("Add something"))
    if parts().front.care.opens_again(ticket):
        return str(_("It is not solved? Write, and the ticket opens again"))
    return str(_("Something is left? Write, and a new ticket names this one"))


def _wanted(ticket: Ticket) -> list[tuple[str, str]]:
    """What was asked for: the person's own words, and the last day as it was asked for or decided."""
    until, text = ticket.details.get("until"), ticket.text or ticket.details.get("reason", "")
    rows = [(_("New last day"), day(date.fromisoformat(until)))] if until else []
    return [*rows, *([(_("What you wrote"), text)] if text else [])]


def _goes_on(ticket: Ticket) -> str | None:
    """The ticket this one was merged into, for the very person who asked for both."""
    if ticket.merged_into is None or ticket.requester_id is None:
        return None
    same = _ticket(ticket.merged_into).requester_id == ticket.requester_id
    return parts().links.ticket_path(ticket.merged_into) if same else None


def _merged(ticket: Ticket) -> str:
    """How it stands with the ticket this one was merged into."""
    other = _ticket(ticket.merged_into or 0)
    if other.is_open:
        when = moment(other.due, parts().clock())
        return _("It is worked on together with another ticket about the same. You hear by %(when)s.", when=when)
    return _("It was worked on together with another ticket about the same, and that one is closed.")


def _lead(ticket: Ticket) -> str:
    """What the person does now, and by when they hear."""
    match ticket.status:
        case "open" | "taken":
            when = moment(ticket.due, parts().clock())
            return _("Nothing for you to do. Somebody looks at it by %(when)s, and you see the answer here.", when=when)
        case "approved":
            return _("It is approved and will be carried out in a moment. You get a mail.")
        case "fulfilled":
            return _("It is done. What was done stands below.")
        case "refused":
            return _("It was refused. The reason stands below. You can ask again with what was missing.")
    return _("You said you no longer need it.")


def _ticket(number: int) -> Ticket:
    try:
        with parts().database.read() as db:
            return parts().tickets.get(db, number)
    except TicketNotFound:
        abort(404)
