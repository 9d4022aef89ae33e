"""Mailing lists: those I am on, and those I may join or ask to join."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from connectors.errors import ConnectorError, Refused
from connectors.mailbox import KeepsLists, MailList
from portal.actions.join_list import JoinList
from portal.actions.leave_list import LeaveList
from portal.views import me, parts
from portal.views.mailbox import answer, mine, sure
from portal.views.mailbox_wishes import reason_field
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof

views = Blueprint("lists", __name__, url_prefix="/mailbox/lists")
AT_ONCE = 50  # lists on one page
MOST_CHARACTERS = 100
PURPOSE = "list"


class AskForm(FlaskForm):
    reason = reason_field()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One list, as the page shows it."""

    name: str
    address: str
    about: str
    joinable: bool
    url: str | None  # to leave it, or to join


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account, connector = _account()
    words = request.args.get("words", "").strip()[:MOST_CHARACTERS]
    try:
        own, found, silent = connector.lists_of(account), connector.find_lists(account, words, AT_ONCE), False
    except ConnectorError:
        own, found, silent = (), (), True
    return render_template(
        "mailbox/lists.html",
        silent=silent,
        words=words,
        own=[_line(one, ".leave", LeaveList, account) for one in own],
        found=[_line(one, ".join", JoinList, account) for one in found if not one.member],
        more=len(found) >= AT_ONCE,
    )


@views.route("/<token>/join", methods=["GET", "POST"])
@login_required
def join(token: str) -> ResponseReturnValue:
    account, wanted = _list(token, JoinList)
    title = _("Join %(name)s?", name=wanted.name or wanted.address)
    if wanted.joinable or not parts().settings.rules[JoinList.name].approval:
        return sure(
            account,
            JoinList(account_id=account.id, list_id=wanted.id, address=wanted.address),
            title=title,
            explanation=_("Mail to the list arrives in your mailbox, too. You can leave it at any time."),
            facts=_facts(wanted),
            submit=_("Join"),
            back="lists.index",
        )
    if not is_proved(JoinList):
        return needs_fresh_proof()
    form: Any = AskForm()
    if form.validate_on_submit():
        action = JoinList(account_id=account.id, list_id=wanted.id, address=wanted.address, reason=form.reason.data)
        return answer(parts().desk.submit(me(), action, account), "lists.index")
    return render_template(
        "actions/ask.html",
        form=form,
        title=title,
        explanation=_("This list is closed: whoever it belongs to decides. You hear of it by mail."),
        facts=_facts(wanted),
        submit=_("Send the request"),
        deciders=[],
        cancel_url=url_for(".index"),
    ), 422 if form.errors else 200


@views.route("/<token>/leave", methods=["GET", "POST"])
@login_required
def leave(token: str) -> ResponseReturnValue:
    account, wanted = _list(token, LeaveList)
    return sure(
        account,
        LeaveList(account_id=account.id, list_id=wanted.id, address=wanted.address),
        title=_("Leave %(name)s?", name=wanted.name or wanted.address),
        explanation=_("Mail to the list does not arrive in your mailbox any more."),
        facts=_facts(wanted),
        submit=_("Leave"),
        back="lists.index",
    )


def _account() -> tuple[Account, KeepsLists]:
    account = parts().accounts.read(me().account_id)
    mine(account)
    connector = parts().connectors.able_to(KeepsLists, account)
    if connector is None or not any(offered(one, account) for one in (JoinList, LeaveList)):
        abort(404)
    return account, connector


def _list(token: str, action: type[JoinList | LeaveList]) -> tuple[Account, MailList]:
    account, connector = _account()
    list_id = parts().keys.unsign(PURPOSE, token)
    if not isinstance(list_id, str) or not offered(action, account):
        abort(404)
    try:
        return account, connector.read_list(account, list_id)
    except Refused:
        abort(404)


def _line(one: MailList, view: str, action: type[JoinList | LeaveList], account: Account) -> Line:
    url = url_for(view, token=parts().keys.sign(PURPOSE, one.id)) if offered(action, account) else None
    return Line(name=one.name or one.address, address=one.address, about=one.about, joinable=one.joinable, url=url)


def _facts(one: MailList) -> list[tuple[str, str]]:
    facts = [(_("Address"), one.address), (_("About"), one.about), (_("Belongs to"), ", ".join(one.owners))]
    return [fact for fact in facts if fact[1]]
