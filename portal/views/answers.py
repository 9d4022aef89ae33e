"""Turns what the desk says into a page: done, pending, denied, failed or unsure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectors.account import Account
from connectors.errors import Outage, Refusal
from portal.explaining.explain import WHO, Explanation, Next, explain
from portal.post import UNDO_HOURS
from portal.results import Denied, Done, Failed, Pending, Result, Unsure, short
from portal.tickets.words import deciders_of
from portal.views import parts
from portal.views.new_password import Choosing
from portal.views.systems import is_whole, rows_of, steps_of
from portal.web.pages import moment

DIRECTORY = frozenset(Outage)
# What a result page shows unless there is something to show.
NOTHING: dict[str, Any] = {
    "explanation": "",
    "turn": [],
    "systems": [],
    "next_steps": [],
    "ticket": None,
    "undo_url": None,
    "since": None,
    "unlocked": False,
    "read_at": None,
}


@dataclass(frozen=True)
class TicketLine:
    """A ticket as a result page names it."""

    number: int
    url: str


def result_page(
    result: Result,
    account: Account | None,
    *,
    template: str | None = None,
    changed: bool = True,
    title: str = "",
    explanation: str = "",
    retry_url: str | None = None,
    keep_url: str | None = None,
    proof_until: datetime | None = None,
    onward: tuple[str, str] | None = None,
    steps: int | None = None,
) -> ResponseReturnValue:
    """The page and its status: 200 for what was taken in, 403 denied, 409 refused, 503 when nobody could be asked."""
    context = NOTHING | {
        "title": title,
        "explanation": explanation,
        "onward": onward,
        "attempt": short(result.attempt) if result.attempt else None,
        "step": (steps or 0) + 1,
        "steps": steps,
        "retry_url": retry_url,
        "keep_url": keep_url,
        "proof_until": proof_until,
        "changed": changed,
    }
    if isinstance(result, Done | Unsure) and result.systems:
        context["systems"] = rows_of(result.systems)
    match result:
        case Done():
            return _done(result, account, context, template)
        case Pending():
            return _pending(result, context)
        case Unsure():
            return _unsure(result, context)
        case Denied():
            context |= _words(result.reason) | {"steps": None}
            if result.message:
                context["title"] = result.message.rstrip(".")
            return render_template("results/denied.html", **context), 403
        case Failed():
            return _failed(result, context)


def _done(result: Done, before: Account | None, context: dict[str, Any], template: str | None) -> ResponseReturnValue:
    was_locked = bool(before and before.state.locked_at)
    context |= {"read_at": parts().clock() if result.account else None, "unlocked": was_locked}
    if template == "recover/done.html" and before:
        ends = int((parts().clock() + timedelta(hours=UNDO_HOURS)).timestamp())
        context |= {"undo_url": parts().links.undo(before.id, result.attempt, ends)}
        if context["changed"]:
            context["next_steps"] = [
                _("Enter the new password on your phone, tablet and mail app. The old one can lock you out again."),
                _("Every other session was signed out, and open codes no longer work."),
                _("We write to all your addresses about the change."),
            ]
            if result.account and result.account.state.must_change:
                again = _("Your directory asks for one more new password the next time you sign in.")
                context["next_steps"].insert(0, again)
            if parts().spreading.concerns(before):
                late = _("Every part of our systems has it within a minute. We look, and write to you if one is late.")
                context["next_steps"].append(late)
        else:
            context["next_steps"] = [
                _("Check that your phone and mail app have the right password. A wrong one there locks you out again."),
                _("We write to all your addresses about it."),
            ]
    if not is_whole(result.systems):
        context["next_steps"] = [*steps_of(result.systems), *context["next_steps"]]
        context["title"] = _("Your password is changed, but not everywhere")
    return render_template(template or "results/done.html", **context), 200


def _unsure(result: Unsure, context: dict[str, Any]) -> ResponseReturnValue:
    looked = [_("We look into the directory every minute until we know."), _("You get a mail with the answer.")]
    context |= _words(result.reason) | {"next_steps": [*looked, *steps_of(result.systems[1:])], "steps": None}
    return render_template("results/unsure.html", **context), 200


def too_early(choosing: Choosing, *, unlock_url: str = "", keep_url: str = "") -> ResponseReturnValue:
    """The page in place of a form that the directory would refuse for a while yet, whatever was typed."""
    locked = choosing.account.state.locked_at is not None
    return render_template(
        "results/too_early.html",
        **NOTHING
        | _words(Refusal.TOO_YOUNG, possible_at=choosing.possible_from)
        | {
            "attempt": None,
            "step": 0,
            "steps": None,
            "retry_url": None,
            "keep_url": keep_url,
            "unlock_url": unlock_url if locked else "",
            "onward": None if locked or keep_url else (_("Go to the start"), url_for("home.index")),
        },
    )


def _pending(result: Pending, context: dict[str, Any]) -> ResponseReturnValue:
    words, now = explain(result.reason), parts().clock()
    with parts().database.read() as db:
        ticket = parts().tickets.get(db, result.ticket)
    by, names = moment(ticket.due, now), deciders_of(ticket)
    turn = turn_of(words, at=_("by %(time)s", time=by))
    if names:
        turn[0] = (turn[0][0], names)
    context |= {
        "turn": turn,
        "title": _("The service desk has it") if result.reason == "wish" else str(words.title).rstrip("."),
        "explanation": str(words.advice),
        "steps": None,
        "ticket": TicketLine(result.ticket, parts().links.ticket_path(result.ticket)),
        "next_steps": [
            _("%(names)s gets a mail about it and decides by %(time)s.", names=names, time=by)
            if names
            else _("Somebody from the service desk looks at it by %(time)s.", time=by),
            _("We write to your addresses, and the page of the ticket always shows how it stands."),
        ],
        "onward": (_("Open the ticket"), parts().links.ticket_path(result.ticket)),
    }
    return render_template("results/pending.html", **context), 200


def _failed(result: Failed, context: dict[str, Any]) -> ResponseReturnValue:
    if result.reason in DIRECTORY:
        context |= _words(result.reason) | {"steps": None}
        return render_template("results/directory_down.html", **context), 503
    context |= _words(result.reason, possible_at=result.possible_at) | {"steps": None}
    if explain(result.reason).next is Next.FIX:
        context["keep_url"] = None
    if result.possible_at:
        context["retry_url"] = None
        context["onward"] = (_("Go to the start"), url_for("home.index"))
    status = 503 if result.reason == "not_recorded" else 409
    return render_template("results/failed.html", **context), status


def _words(reason: str, *, possible_at: datetime | None = None) -> dict[str, Any]:
    """What a page says of a reason: the cause, what to do, whose turn it is, and when it will work."""
    words = explain(reason)
    at = _("from %(time)s", time=moment(possible_at, parts().clock())) if possible_at else ""
    if possible_at and words.next is not Next.LATER:  # it also passes by itself
        at = _("now, or by itself: %(time)s", time=moment(possible_at, parts().clock()))
    return {
        "title": str(words.title).rstrip("."),
        "explanation": str(words.advice),
        "turn": turn_of(words, at=at),
    }


def turn_of(words: Explanation, *, at: str = "") -> list[tuple[str, str]]:
    """Whose turn it is, and when it works, as two lines of a page."""
    when = at or str(words.when) or (_("now") if words.next is Next.FIX else "")
    return [(_("Who must act"), str(WHO[words.who])), *([(_("When it works"), when)] if when else [])]
