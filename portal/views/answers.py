"""Turns what the desk says into a page: done, pending, denied, failed or unsure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectors.account import Account, PasswordRules
from connectors.capabilities import TellsPasswordRules
from connectors.errors import Outage
from portal.couriers import UNDO_HOURS
from portal.explain import explain
from portal.pages import moment
from portal.passwords import RuleLine, rule_lines
from portal.results import Denied, Done, Failed, Pending, Result, Unsure, short
from portal.views import parts

DIRECTORY = frozenset(Outage)
# What a result page shows unless there is something to show.
NOTHING: dict[str, Any] = {
    "explanation": "",
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


def rules_for(account: Account) -> tuple[PasswordRules, list[RuleLine]]:
    """The rules that bind this person, as data and as lines; raises what the connector raises."""
    directory = parts().connectors.able_to(TellsPasswordRules, account)
    rules = directory.password_rules(account) if directory else PasswordRules()
    return rules, rule_lines(rules, parts().settings.passwords, account)


def result_page(
    result: Result,
    account: Account | None,
    *,
    template: str | None = None,
    changed: bool = True,
    title: str = "",
    retry_url: str | None = None,
    keep_url: str | None = None,
    proof_until: datetime | None = None,
    onward: tuple[str, str] | None = None,
    steps: int | None = None,
) -> ResponseReturnValue:
    """The page and its status: 200 for what was taken in, 403 denied, 409 refused, 503 when nobody could be asked."""
    context = NOTHING | {
        "title": title,
        "onward": onward,
        "attempt": short(result.attempt) if result.attempt else None,
        "step": (steps or 0) + 1,
        "steps": steps,
        "retry_url": retry_url,
        "keep_url": keep_url,
        "proof_until": proof_until,
        "changed": changed,
    }
    match result:
        case Done():
            return _done(result, account, context, template)
        case Pending():
            return _pending(result, context)
        case Unsure():
            context |= _words(result.reason) | {
                "next_steps": [
                    _("We look into the directory every minute until we know."),
                    _("You get a mail with the answer."),
                ],
                "steps": None,
            }
            return render_template("results/unsure.html", **context), 200
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
        else:
            context["next_steps"] = [
                _("Check that your phone and mail app have the right password. A wrong one there locks you out again."),
                _("We write to all your addresses about it."),
            ]
    return render_template(template or "results/done.html", **context), 200


def _pending(result: Pending, context: dict[str, Any]) -> ResponseReturnValue:
    words = explain(result.reason)
    with parts().database.read() as db:
        ticket = parts().tickets.get(db, result.ticket)
    context |= {
        "title": _("The service desk has it") if result.reason == "wish" else str(words.title).rstrip("."),
        "explanation": str(words.advice),
        "steps": None,
        "ticket": TicketLine(result.ticket, parts().links.ticket_path(result.ticket)),
        "next_steps": [
            _("Somebody from the service desk looks at it by %(time)s.", time=moment(ticket.due, parts().clock())),
            _("We write to your addresses, and the page of the ticket always shows how it stands."),
        ],
        "onward": (_("Open the ticket"), parts().links.ticket_path(result.ticket)),
    }
    return render_template("results/pending.html", **context), 200


def _failed(result: Failed, context: dict[str, Any]) -> ResponseReturnValue:
    if result.reason in DIRECTORY:
        return render_template("results/directory_down.html", **context | {"steps": None}), 503
    context |= _words(result.reason) | {"steps": None, "keep_url": None}
    if result.possible_at:
        when = moment(result.possible_at, parts().clock())
        context["next_steps"] = [_("It is possible from %(time)s.", time=when)]
        context["retry_url"] = None
        context["onward"] = (_("Go to the start"), url_for("home.index"))
    return render_template("results/failed.html", **context), 409


def _words(reason: str) -> dict[str, Any]:
    words = explain(reason)
    return {"title": str(words.title).rstrip("."), "explanation": str(words.advice)}
