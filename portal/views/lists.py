"""Mailing lists: those I am on, and those I may join or ask to join."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from connectors.errors import Refused
from connectors.mailbox import MailList
from portal.actions.join_list import JoinList
from portal.actions.leave_list import LeaveList
from portal.mailboxes.lists import ListSystems
from portal.mailboxes.mailbox import last_day
from portal.timers.mailbox import Ends, ends_of
from portal.views import me, parts
from portal.views.mailbox import answer, ask_page, mine, sure, timers_of
from portal.views.mailbox_wishes import last_day_field, reason_field
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof
from portal.web.pages import day

views = Blueprint("lists", __name__, url_prefix="/mailbox/lists")
AT_ONCE = 50  # lists on one page
MOST_CHARACTERS = 100
PURPOSE = "list"


class JoinForm(FlaskForm):
    until = last_day_field()


class AskForm(JoinForm):
    reason = reason_field()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One list, as the page shows it."""

    name: str
    address: str
    about: str
    end: str  # when it is left by itself, in words
    joinable: bool
    url: str | None  # to leave it, or to join


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account, systems = _account()
    words = request.args.get("words", "").strip()[:MOST_CHARACTERS]
    ends, own, found = ends_of(timers_of(account)), systems.own(), systems.find(words, AT_ONCE)
    return render_template(
        "mailbox/lists.html",
        silent=bool(systems.silent),
        words=words,
        own=[_line(one, ".leave", LeaveList, account, ends) for one in own],
        found=[_line(one, ".join", JoinList, account, Ends()) for one in found if not one.member],
        more=len(found) >= AT_ONCE,
    )


@views.route("/<token>/join", methods=["GET", "POST"])
@login_required
def join(token: str) -> ResponseReturnValue:
    account, wanted = _list(token, JoinList)
    if not is_proved(JoinList):
        return needs_fresh_proof()
    is_open = wanted.joinable or not parts().settings.rules[JoinList.name].approval
    form: Any = JoinForm() if is_open else AskForm()
    if form.validate_on_submit():
        action = JoinList(
            account_id=account.id,
            **_named(wanted),
            reason="" if is_open else form.reason.data,
            last_day=form.until.data.isoformat() if form.until.data else "",
            zone=parts().settings.time_zone,
        )
        return answer(parts().desk.submit(me(), action, account), "lists.index")
    closed = _("This list is closed: whoever it belongs to decides. You hear of it by mail.")
    return ask_page(
        form,
        title=_("Join %(name)s?", name=wanted.name or wanted.address),
        explanation=_("Mail to the list arrives in your mailbox, too. You can leave it at any time.")
        if is_open
        else closed,
        facts=_facts(wanted),
        submit=_("Join") if is_open else _("Send the request"),
        back="lists.index",
    )


@views.route("/<token>/leave", methods=["GET", "POST"])
@login_required
def leave(token: str) -> ResponseReturnValue:
    account, wanted = _list(token, LeaveList)
    return sure(
        account,
        LeaveList(account_id=account.id, **_named(wanted)),
        title=_("Leave %(name)s?", name=wanted.name or wanted.address),
        explanation=_("Mail to the list does not arrive in your mailbox any more."),
        facts=_facts(wanted),
        submit=_("Leave"),
        back="lists.index",
    )


def _account() -> tuple[Account, ListSystems]:
    account = parts().accounts.read(me().account_id)
    mine(account)
    systems = ListSystems(parts().connectors, account)
    if not systems or not any(offered(one, account) for one in (JoinList, LeaveList)):
        abort(404)
    return account, systems


def _list(token: str, action: type[JoinList | LeaveList]) -> tuple[Account, MailList]:
    account, systems = _account()
    which = parts().keys.unsign(PURPOSE, token)
    if not isinstance(which, list) or not offered(action, account):
        abort(404)
    try:
        return account, systems.read(*which)
    except Refused:
        abort(404)


def _named(one: MailList) -> dict[str, str]:
    return {"list_id": one.id, "address": one.address, "system": one.system}


def _line(one: MailList, view: str, action: type[JoinList | LeaveList], account: Account, ends: Ends) -> Line:
    token = parts().keys.sign(PURPOSE, [one.system, one.id])
    last = last_day(ends.lists.get((one.system, one.id.casefold())), parts().settings.time_zone)
    return Line(
        name=one.name or one.address,
        address=one.address,
        about=one.about,
        end=_("Ends %(day)s.", day=day(last)) if last else "",
        joinable=one.joinable,
        url=url_for(view, token=token) if offered(action, account) else None,
    )


def _facts(one: MailList) -> list[tuple[str, str]]:
    facts = [(_("Address"), one.address), (_("About"), one.about), (_("Belongs to"), ", ".join(one.owners))]
    return [fact for fact in facts if fact[1]]
